"""Every list goes out as a file, or is named here with why not; whole, to whom the list is shown, and safe in a spreadsheet."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from io import StringIO

import httpx
import pytest

from cloud.application.exchange.board import Wording
from cloud.application.intake.report_hazard import Given
from cloud.domain.community.hours import ALWAYS
from cloud.domain.exchange.posting import Good, Side
from cloud.domain.exchange.small_task import SmallTaskKind
from cloud.domain.incidents.report import Concern
from cloud.domain.records.patrol import Patrol, Round
from cloud.domain.records.webhook import Posting
from cloud.entrypoints.api import exported_matters, exported_messages, exported_neighbours, exported_work
from cloud.entrypoints.api.list_exports import EXPORTS
from cloud.entrypoints.app import create_app
from tests.integration.accounts.test_matrix import areas_of
from tests.integration.cloud_web.house import ESTATE, built_in

API = "/api/v1"
HARM = '=HYPERLINK("http://evil")'

FILES = {
    "/readings": "/exports/readings",
    "/places": "/exports/{table}",
    "/parties": "/exports/{table}",
    "/equipment": "/exports/{table}",
    "/nodes": "/exports/{table}",
    "/duties": "/exports/{table}",
    "/estates/{estate}/members": "/exports/members",
    "/ledger": "/ledger/export",
    "/ledger/lines": "/ledger/export",
    "/public/{estate}/ledger-heads": "/ledger/export",
}
"""Lists that had a file before: list → where it is."""

NOT_CARRIED_OUT = {
    "/ballots/{ballot_id}/entries": "who voted what is nobody's file",
    "/channels": "the whole server's, 32 at most; where messages go out is no file of an estate",
    "/electoral-roll": "owners with their areas stay where they are read; the roll is kept as it was given",
    "/estates": "those of one's own party; each has its own files",
    "/estates/{estate}/rollouts": "the ledger has every version that was issued, and by whom",
    "/estates/{estate}/credentials": "what nodes speak with; the ledger has who was let in when",
    "/estates/{estate}/holidays": "days that the law publishes",
    "/estates/{estate}/invitations": "what waits to be taken; the members are what comes of it",
    "/estates/{estate}/screens": "twenty at most; the ledger has who hung which",
    "/floods": "how open incidents are folded on a page; the incidents have their file",
    "/me/sessions": "where one is signed in oneself",
    "/me/tokens": "keys of one's own",
    "/needs/{need_id}/matches": "a proposal of the moment",
    "/nodes/{node}/boots": "of one node; what is dated by it are the readings, which have their file",
    "/estates/{estate}/nodes/{node}/commands": "of one node; the ledger has every one of them",
    "/estates/{estate}/nodes/{node}/config/versions": "of one node; the ledger has every one of them, the document goes out with the estate",
    "/personal": "what is kept of people is looked at one by one, and each look is in the ledger",
    "/points": "names of what is measured; the readings of each have their file",
    "/tasks/{task_id}/to-phone": "numbers to dial now",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with built_in(tmp_path_factory.mktemp("described")) as house:
        yield create_app(house.services)


@pytest.fixture(scope="module")
def lists(app) -> set[str]:
    """The path of each route that answers with several: an array, or whatever goes on by a cursor."""
    document, found = app.openapi(), set()
    for path, methods in document["paths"].items():
        described = methods.get("get")
        if described is None or not path.startswith(API) or path.startswith(f"{API}/exports/"):
            continue
        schemas = [one.get("schema", {}) for one in described["responses"]["200"].get("content", {}).values()]
        goes_on = "cursor" in {one["name"] for one in described.get("parameters", ())}
        if goes_on or any(one.get("type") == "array" for one in schemas):
            found.add(path.removeprefix(API))
    return found


def test_every_list_goes_out_as_a_file_or_says_why_not(lists):
    carried = {one.of for one in EXPORTS.values()} | FILES.keys()
    assert lists - carried == NOT_CARRIED_OUT.keys() & lists
    assert len(carried & lists) > 25


def test_each_reason_and_each_file_is_about_a_list_there_is(app, lists):
    assert not carried_twice()
    gone = (NOT_CARRIED_OUT.keys() | {one.of for one in EXPORTS.values()} | FILES.keys()) - lists
    assert gone <= {"/readings", "/ledger/lines", "/estates/{estate}/holidays", "/nodes"}, (
        "these are no lists (any more)"
    )
    paths = app.openapi()["paths"]
    assert all(f"{API}{path}" in paths for path in FILES.values())


def carried_twice() -> set[str]:
    return {one.of for one in EXPORTS.values()} & (FILES.keys() | NOT_CARRIED_OUT.keys())


def test_a_file_goes_to_whom_the_list_is_shown(app):
    areas = {
        route.path: areas_of(route.dependant)
        for route in app.routes
        if "GET" in (getattr(route, "methods", None) or ())
    }
    for name, export in EXPORTS.items():
        of_list, of_file = areas[f"{API}{export.of}"], areas[f"{API}/exports/{name}"]
        assert of_list <= of_file, f"{name} goes out where its list does not"
        assert of_list == of_file or not of_list or of_file - of_list == {"estate"}, name


@pytest.fixture
def asks(house, address):
    def ask(member: str, name: str, **params) -> httpx.Response:
        headers = {"authorization": f"Bearer {house.api_token_of(member)}"}
        return httpx.get(f"{address}{API}/exports/{name}", params=params, headers=headers, trust_env=False, timeout=30)

    return ask


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


@pytest.fixture
def lived_in(house):
    """Something in every list."""
    house.keeps_a_roster()
    door = house.goes_wrong("access.forced-open", "b5/north-gate")
    over = house.goes_wrong("lift.door-fault", "b3/lift-2")
    house.services.stand_down.cancel(over, "manager", "it was us")
    house.goes_right("lift.door-fault", "b3/lift-2")
    house.message_fails(door)
    house.nonsense_arrives(b"{", HARM)
    manager, tenant, now = house.identity("manager"), house.identity("tenant"), house.clock.now()
    house.services.reach.handovers.draw(ESTATE, "property", HARM, manager)
    planned = house.services.assurance.exercises
    planned.plan(ESTATE, ["b3/lift-2"], now + timedelta(days=1), now + timedelta(days=1, hours=1), manager)
    with house.units.writing() as uow:
        uow.patrols.put(Patrol("walked", ESTATE, "property", "guard", now, Round.DAILY, ("b3/lift-2",)))
        uow.commit()
    hook = house.services.messaging.webhooks.add(ESTATE, "https://rooms.example/hook", ["task.routed"], "manager")
    with house.units.writing() as uow:
        uow.webhooks.post([Posting("told", hook.webhook.id, ESTATE, 1, now, now, 1, why=HARM)])
        uow.commit()
    ladder = Wording("ladder", HARM, "binhai/example/b1", ALWAYS)
    for side in Side:
        house.services.exchange.board.post(ESTATE, side, Good.TOOL, ladder, tenant)
    small = house.services.exchange.small_tasks
    for wording in (Wording("ladder", "another", "binhai/example/b1", ALWAYS), ladder):
        patrol = small.post(ESTATE, SmallTaskKind.PATROL, wording, manager)
    small.claim(patrol.id, tenant)
    small.finish(patrol.id, tenant)
    small.confirm(patrol.id, manager)
    house.services.report(Given(ESTATE, "b1/lift-1", Concern.LIFT_FAULT, HARM, device="phone", member_id="tenant"))
    house.services.consulting.petitions.start(ESTATE, HARM, tenant)
    return house


HERE = {
    "incidents": ("manager", 3), "tasks": ("manager", 3), "alerts": ("manager", 3), "rosters": ("manager", 1), "overrides": ("manager", 1), "handovers": ("manager", 1),
    "exercises": ("manager", 1), "patrols": ("manager", 1), "upkeep": ("manager", 2), "deliveries": ("manager", 1),
    "webhooks": ("manager", 1), "webhook-deliveries": ("manager", 1), "dead-letters": ("engineer", 1), "petitions": ("tenant", 1),
    "offers": ("tenant", 1), "needs": ("tenant", 1), "small-tasks": ("tenant", 2), "credit": ("tenant", 1),
    "reports": ("tenant", 1),
}  # fmt: skip
"""By file: who reads it, and how much is in it."""


def test_what_is_there_is_in_its_file_in_both_forms(lived_in, asks):
    for name, (member, many) in HERE.items():
        table, told = rows(asks(member, name)), asks(member, name, format="json").json()
        assert len(table) == len(told) == many, name
        assert list(table[0]) == list(told[0]) == list(EXPORTS[name].columns), name
    assert {row["state"] for row in rows(asks("manager", "alerts"))} == {"firing", "resolved"}, "what is over too"


def test_empty_lists_are_whole_files(asks):
    for name in EXPORTS.keys() - {"upkeep"}:
        assert rows(asks("manager", name)) == []
        assert asks("manager", name, format="json").json() == []


def test_no_cell_is_a_formula(lived_in, asks):
    cells = [cell for name, (member, _) in HERE.items() for row in rows(asks(member, name)) for cell in row.values()]
    assert f"'{HARM}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))]


def test_no_secret_and_no_vote_goes_out(lived_in, asks):
    told = asks("manager", "webhooks", format="json")
    assert "whsec_" not in told.text
    assert not [
        one
        for export in EXPORTS.values()
        for one in export.columns
        if re.search("secret$|voter|choice|owner|address$", one)
    ]


def test_files_are_whole_over_many_stretches(lived_in, asks, monkeypatch):
    for module in (exported_matters, exported_work, exported_messages, exported_neighbours):
        monkeypatch.setattr(module, "STRETCH", 1)
    now = lived_in.clock.now()
    with lived_in.units.writing() as uow:
        for number in range(5):
            at = now - timedelta(days=number // 2)
            uow.patrols.put(Patrol(f"w{number}", ESTATE, "property", "guard", at, Round.DAILY, ("b3/lift-2",)))
        uow.commit()
    assert sorted(row["id"] for row in rows(asks("manager", "patrols"))) == ["w0", "w1", "w2", "w3", "w4", "walked"]
    for name, (member, many) in HERE.items():
        if name != "patrols":
            found = [row.get("id", str(number)) for number, row in enumerate(rows(asks(member, name)))]
            assert len(found) == len(set(found)) == many, name


@pytest.mark.parametrize(
    ("member", "shut"),
    [
        ("tenant", {one for one, export in EXPORTS.items() if export.door.__name__ != "as_neighbour"}),
        ("officer", {"deliveries", "webhooks", "webhook-deliveries", "dead-letters"}),
        ("engineer", set()),
    ],
)
def test_who_does_not_see_a_list_gets_no_file_of_it(asks, member, shut):
    statuses = {name: asks(member, name).status_code for name in EXPORTS}
    assert {name for name, status in statuses.items() if status == 403} == shut
    assert set(statuses.values()) <= {200, 403}


def test_of_another_estate_there_is_no_file(asks):
    assert {asks("manager", name, estate="other").status_code for name in EXPORTS} == {404}


def test_names_are_told_in_both_languages(lived_in, asks):
    (row,) = rows(asks("manager", "handovers"))
    assert (row["party_zh"], row["party_en"]) == ("物业服务中心", "Property office")


def test_the_pages_that_show_a_list_lead_to_its_file(lived_in, visitor):
    shown = {
        "manager": (
            "/", "/rosters", "/handovers", "/planned", "/patrols", "/topics", "/neighbours", "/credit", "/webhooks", "/dead-letters",
            "/closed",
        ),
        "tenant": ("/",),
    }  # fmt: skip
    linked = set()
    for member, paths in shown.items():
        visitor.cookies.set("tocsin_session", lived_in.session_of(member))
        for path in paths:
            linked |= set(re.findall(r"/api/v1/exports/([\w-]+)\?format=csv", visitor.get(path).text))
    assert EXPORTS.keys() <= linked, EXPORTS.keys() - linked
