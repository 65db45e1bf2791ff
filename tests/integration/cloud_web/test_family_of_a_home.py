"""A son who is no responder is called at night: his mother named him, so he sees that, answers it, and sees nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import httpx
import pytest

from cloud.application.identifiers import RandomIds
from cloud.application.incidents.watch_welfare import WatchWelfare
from cloud.domain.community.access import AccessKey, Matter, Purpose, token_hash
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, PartyRef, Role
from cloud.domain.duties.duty import DutyMatrix
from cloud.entrypoints.feeds import live
from tests.integration.cloud_web.house import ESTATE, House
from tests.integration.cloud_web.house_home import MEMBER, POINT, moves_in
from tests.integration.cloud_web.test_live import asked_again, events, lines

API = "/api/v1"
MINE = f"{API}/me/welfare/example"
GIVEN = {"points": [POINT], "hours": 4, "contacts": [{"name": "Daughter", "phone": "13800000001"}], "family": ["son"]}
FOREIGN = (
    "/incidents/{incident}",
    f"{API}/incidents/{{incident}}",
    f"{API}/incidents/{{incident}}/live",
    f"{API}/tasks/{{task}}",
)
DEEDS = (
    f"{API}/tasks/{{task}}/acknowledge",
    f"{API}/tasks/{{task}}/start",
    f"{API}/tasks/{{task}}/notes",
    "/tasks/{task}/acknowledge",
)
"""Of one matter: what shows it, and what does something to it."""


@dataclass
class Family:
    """The house, whoever asks, and what is missed in the home."""

    house: House
    client: httpx.Client
    task: str
    incident: str
    tokens: dict[str, str] = field(default_factory=dict)

    def asks(self, member: str, method: str, path: str, **sent):
        token = self.tokens[member] = self.tokens.get(member) or self.house.api_token_of(member)
        headers = {"authorization": f"Bearer {token}"}
        return self.client.request(method, path, headers=headers, **sent)

    def son(self, method: str, path: str, **sent):
        return self.asks("son", method, path, **sent)


@pytest.fixture
def family(house, visitor) -> Family:
    moves_in(house)
    with house.units.writing() as uow:
        register = uow.registers.find(ESTATE)
        more = {one: Member(one, "home-7", Names(one, one), Role.RESIDENT) for one in ("son", "lodger")}
        doors = next(row for row in register.matrix.duties if row.id == "doors")
        asked = replace(
            doors, id="welfare", hazards=("welfare.*",), leads=(PartyRef("kind", "household"),), supports=()
        )
        changed = replace(
            register,
            version=register.version + 1,
            members={**register.members, **more},
            matrix=DutyMatrix(register.version + 1, (*register.matrix.duties, asked)),
        )
        uow.registers.store(changed, "with a family")
        uow.commit()
    known = Family(house, visitor, "", "")
    assert known.asks(MEMBER, "PUT", MINE, json=GIVEN).status_code == 200
    for _ in range(4):
        house.clock.pass_by(timedelta(hours=1))
        house.sensor_reports(POINT, [(timedelta(), True)])
        house.node_connects()
    with house.units.writing() as uow:
        node = uow.nodes.get(ESTATE, "b3-gateway")
        node.hear(house.clock.now())
        uow.nodes.save(node)
        uow.commit()
    assert WatchWelfare(house.units, house.clock, RandomIds(), house.readings)() == 1
    (open_,) = known.son("GET", MINE).json()["named_in"]
    known.task, known.incident = open_["task_id"], open_["incident_id"]
    return known


def test_from_the_call_to_the_end_over_the_interface(family):
    at = f"{API}/tasks/{family.task}"
    for deed, body in (
        ("acknowledge", {}), ("start", {}), ("notes", {"text": "she sits in the garden"}),
        ("resolve", {"reason": "not_actionable"}),
    ):  # fmt: skip
        answer = family.son("POST", f"{at}/{deed}", json=body)
        assert answer.status_code in {200, 201}, answer.text
    assert family.son("GET", f"{at}/to-phone").json() == GIVEN["contacts"]
    shown = family.son("GET", f"{API}/incidents/{family.incident}").json()
    assert shown["task"]["state"] == "resolved"
    assert shown["notes"][0]["member"]["id"] == "son"


def test_on_the_page_and_by_the_link_of_a_message(family, house, visitor):
    page = f"/incidents/{family.incident}?lang=en"
    visitor.cookies.set("tocsin_session", house.session_of("son"))
    assert f"/incidents/{family.incident}" in visitor.get("/account/welfare").text
    shown = visitor.get(page).text
    assert "has named you in their consent" in shown
    assert f'data-stream="/api/v1/incidents/{family.incident}/live"' in shown
    assert 'href="/fleet' not in shown
    assert visitor.post(f"/tasks/{family.task}/acknowledge", data={"back": page}).status_code == 303
    visitor.cookies.clear()
    with house.units.writing() as uow:
        now, matter = house.clock.now(), Matter(family.task, family.incident)
        uow.keys.put(
            AccessKey(token_hash("message"), "son", Purpose.LINK, now, now + timedelta(hours=1), matters=(matter,))
        )
        uow.commit()
    assert visitor.post("/enter/message").status_code == 303
    assert visitor.get(page).status_code == 200
    assert visitor.get("/account").status_code == 403, "a message opens its task and nothing else"


def test_the_live_stream_is_of_that_matter_and_ends_with_the_consent(family, house, visitor, monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.05)
    monkeypatch.setattr(live, "WELCOME_S", 0.05)
    visitor.headers["authorization"] = f"Bearer {house.api_token_of('son')}"
    assert visitor.get(f"{API}/live").status_code == 403
    with visitor.stream("GET", f"{API}/incidents/{family.incident}/live?since=0", timeout=15) as answer:
        assert answer.status_code == 200
        found = events(answer)
        house.goes_wrong("access.forced-open", "b5/north-gate")
        house.services.act.acknowledge(family.task, "son")
        told = []
        for line in lines(found):
            told.append(line)
            if line["kind"] == "task.acknowledged":
                break
        asked_again(found)
        house.services.act.note(family.task, "son", "on my way")
        told.append(next(lines(found)))
        house.services.welfare.consent.withdraw(ESTATE, house.identity(MEMBER))
        rest = list(lines(found))
    assert told[-1]["kind"] == "task.note-added"
    assert {line["incident_id"] for line in told + rest} == {family.incident}


@pytest.mark.parametrize("which", ["foreign", "of another home", "not there"])
def test_what_is_not_of_that_home_is_not_found_and_nothing_is_done_to_it(family, house, which):
    if which == "not there":
        named = {"task": "nothing", "incident": "nothing"}
    else:
        hazard, where = (
            ("access.forced-open", "b5/north-gate") if which == "foreign" else ("welfare.no-activity", "b5/north-gate")
        )
        task = house.goes_wrong(hazard, where)
        named = {"task": task, "incident": house.services.queries.task(task, None).incident_id}
    before = house.services.queries.ledger_head(ESTATE, None)
    for path in FOREIGN:
        assert family.son("GET", path.format(**named)).status_code == 404, path
    for path in DEEDS:
        sent = (
            {"data": {"note": "x"}} if path.startswith("/tasks") else {"json": {"text": "x"} if "notes" in path else {}}
        )
        assert family.son("POST", path.format(**named), **sent).status_code == 404, path
    assert house.services.queries.ledger_head(ESTATE, None) == before


@pytest.mark.parametrize(
    "path",
    [
        "/fleet",
        "/duty-room",
        f"{API}/incidents",
        f"{API}/ledger",
        f"{API}/nodes",
        f"{API}/parties",
        f"{API}/alerts",
    ],
)
def test_of_the_estate_nothing_is_opened(family, path):
    assert family.son("GET", path).status_code == 403


def test_where_a_resident_begins_nothing_of_another_home_is_told(family):
    """It is the son's own page: his reports, and his building as everybody in it sees it."""
    answer = family.son("GET", "/?lang=en")
    assert answer.status_code == 200
    assert "Your reports" in answer.text
    for told in (family.incident, family.task, "No activity at home"):
        assert told not in answer.text


def test_it_ends_with_the_consent_and_who_was_not_named_never_begins(family):
    ways = [path.format(task=family.task, incident=family.incident) for path in FOREIGN if "live" not in path]
    assert [family.son("GET", way).status_code for way in ways] == [200, 200, 200]
    assert {family.asks("lodger", "GET", way).status_code for way in ways} == {403}
    assert family.asks(MEMBER, "DELETE", MINE).status_code == 204
    assert {family.son("GET", way).status_code for way in ways} == {403}
    for path in DEEDS:
        assert family.son("POST", path.format(task=family.task), json={"text": "x"}).status_code in {403, 404, 422}
    assert family.son("GET", MINE).json()["named_in"] == []
