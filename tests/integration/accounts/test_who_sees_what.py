"""Every place where a matter may be seen × who looks: who runs the estate, a firm that its duty names, one that declined, one whose
work is another, volunteers. One judgement holds for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from cloud.application.identifiers import RandomIds
from cloud.application.notices.send_webhooks import SendWebhooks
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, PartyRef, Role
from cloud.domain.duties.duty import DutyMatrix
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Step
from tests.integration.cloud_web.house import ESTATE, House
from tests.integration.cloud_web.house_register import HOME
from tests.integration.cloud_web.test_verification import picture

API = "/api/v1"
GATE = "b5/north-gate"
FIRMS = (
    ("locksmith", PartyKind.SOCIAL_ORGANISATION),
    ("gardener", PartyKind.POLICE),
    ("helpers", PartyKind.VOLUNTEER_TEAM),
)
SEES = {"property": True, "locksmith": True, "gardener": True, "lifts": False, "helpers": False}
"""By party: the property runs the estate, the locksmith is named by the ladder of the duty for doors and nobody called it yet,
the gardener was asked for help and declined; a gate is nothing to lift maintainers, nor to volunteers who were not asked.
"""
PARTS = {"property", "gardener"}


@dataclass(frozen=True)
class Matter:
    """A gate that was forced open, with a message, a note, a photo and readings; `closed`: one that is over."""

    task: str
    incident: str
    photo: str
    closed: str

    @property
    def said(self) -> dict[str, str]:
        return {"task": self.task, "incident": self.incident, "photo": self.photo, "closed": self.closed}


@pytest.fixture
def house(house) -> House:
    """With three more firms, and a ladder for doors that ends at one of them. Of each party somebody manages it."""
    with house.units.writing() as uow:
        register = uow.registers.find(ESTATE)
        firms = [Party(id_, kind, Names(id_, id_), (HOME,)) for id_, kind in FIRMS]
        named = (PartyRef("kind", "social_organisation"),)
        ladder = EscalationPolicy((Step(timedelta(hours=5), Condition.IF_NOT_CLOSED, named),))
        rows = tuple(replace(row, ladder=ladder) if row.id == "doors" else row for row in register.matrix.duties)
        people = [Member(f"of-{one}", one, Names(one, one), Role.MANAGER) for one in SEES]
        known = replace(
            register,
            version=5,
            parties={**register.parties, **{firm.id: firm for firm in firms}},
            members={**register.members, **{one.id: one for one in people}},
            matrix=DutyMatrix(5, rows),
            _by_closeness={},
        )
        uow.registers.store(known, "more")
        uow.commit()
    return house


@pytest.fixture
def asks(house, visitor):
    """Asks as the manager of a party."""
    tokens = {party: house.api_token_of(f"of-{party}") for party in SEES}
    tokens["street"] = house.api_token_of("street-officer")

    def ask(party: str, path: str, method: str = "GET", **sent):
        return visitor.request(method, path, headers={"authorization": f"Bearer {tokens[party]}"}, **sent)

    return ask


def forced(house, asks, gate: str) -> str:
    """The gardener is asked for help and declines."""
    task = house.goes_wrong("access.forced-open", gate)
    at = f"{API}/tasks/{task}"
    for party, deed, body in (
        ("property", "acknowledge", {}),
        ("property", "help", {"parties": ["gardener"]}),
        ("gardener", "decline", {"basis": "there is no garden"}),
    ):
        answer = asks(party, f"{at}/{deed}", "POST", json=body)
        assert answer.status_code == 200, answer.text
    return task


@pytest.fixture
def matter(house, asks) -> Matter:
    over = forced(house, asks, "b1/garage-door")
    cancelled = asks("property", f"{API}/tasks/{over}/cancel", "POST", json={"note": "it was us"})
    assert cancelled.status_code == 200, cancelled.text
    task = forced(house, asks, GATE)
    at = f"{API}/tasks/{task}"
    noted = asks("property", f"{at}/notes", "POST", json={"text": "the hinge is gone", "public": True})
    assert noted.status_code in {200, 201}, noted.text
    sent = {"photo": ("gate.jpg", picture(), "image/jpeg")}
    assert asks("property", f"{at}/photos", "POST", files=sent, data={"public": "true"}).status_code == 201
    house.message_fails(task)
    house.clock.pass_by(timedelta(minutes=2))
    house.sensor_reports(f"{GATE}/open", [(timedelta(minutes=1), True)])
    incident = house.services.queries.task(task, None).incident_id
    shown = asks("property", f"{API}/incidents/{incident}").json()
    return Matter(task, incident, shown["photos"][0]["id"], over)


LISTS = {
    "list": (f"{API}/incidents", "{incident}"),
    "board": ("/", "/incidents/{incident}"),
    "board by hazard": ("/?hazard=access", "/incidents/{incident}"),
    "counts of the board": ("/?lang=en", "Door forced open"),
    "alarms": (f"{API}/alerts", "access.forced-open"),
    "ledger": (f"{API}/ledger?limit=1000", "{incident}"),
    "ledger, told": (f"{API}/ledger/lines?limit=1000", "{incident}"),
    "tasks as a table": (f"{API}/exports/tasks?format=csv", "{task}"),
    "tasks as JSON": (f"{API}/exports/tasks?format=json", "{task}"),
    "tasks that are over": (f"{API}/exports/tasks?format=csv", "{closed}"),
    "incidents as a table": (f"{API}/exports/incidents?format=csv", "{incident}"),
    "alarms as a table": (f"{API}/exports/alerts?format=csv", GATE),
    "alarms that are over": (f"{API}/exports/alerts?format=csv", "b1/garage-door"),
    "closed matters": ("/closed?lang=en", "Garage door"),
    "messages as a table": (f"{API}/exports/deliveries?format=csv", "{incident}"),
    "messages": (f"{API}/deliveries", "{incident}"),
    "messages that failed": (f"{API}/deliveries?failed=true&limit=1", "{incident}"),
    "buildings": ("/buildings?lang=en", "Door forced open"),
    "building": (f"/buildings/{HOME}/b5?lang=en", "Door forced open"),
    "equipment": (f"{API}/equipment", GATE),
    "points": (f"{API}/points", GATE),
    "alarm quality": (f"{API}/estates/{ESTATE}/alarm-quality", "access.forced-open"),
}
ONES = {
    "task": f"{API}/tasks/{{task}}",
    "incident": f"{API}/incidents/{{incident}}",
    "page": "/incidents/{incident}",
    "what is over": f"{API}/tasks/{{closed}}",
    "photo": f"{API}/photos/{{photo}}",
    "chart of its gate": f"/equipment/{GATE}",
    "readings": f"{API}/readings?point={GATE}/open",
    "readings as a file": f"{API}/exports/readings?point={GATE}/open&from=2026-05-12T00:00:00Z&to=2026-05-14T00:00:00Z",
}


def test_lists_hold_it_for_whom_it_concerns(asks, matter):
    wrong = []
    for party, sees in SEES.items():
        for name, (path, needle) in LISTS.items():
            answer = asks(party, path)
            assert answer.status_code == 200, f"{name} to {party}: {answer.text}"
            if (needle.format(**matter.said) in answer.text) is not sees:
                wrong.append((name, party))
    assert not wrong


def test_by_its_id_it_is_there_for_whom_it_concerns_and_not_found_for_others(asks, matter):
    wrong = []
    for party, sees in SEES.items():
        for name, path in ONES.items():
            answer = asks(party, path.format(**matter.said))
            expected = {200} if sees else {404}
            if name == "photo" and party not in PARTS and sees:
                expected = {200, 404}  # by whether it is public, as a note is
            if answer.status_code not in expected:
                wrong.append((name, party, answer.status_code))
    assert not wrong


def test_a_public_note_is_read_by_whom_the_matter_concerns(asks, matter):
    for party, sees in SEES.items():
        assert ("the hinge is gone" in asks(party, f"{API}/incidents/{matter.incident}").text) is sees


def test_a_file_of_the_ledger_goes_to_who_may_read_all_of_it(asks, matter):
    assert matter.incident in asks("property", f"{API}/ledger/export").text
    for party in ("locksmith", "lifts", "helpers"):
        answer = asks(party, f"{API}/ledger/export")
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")


def test_a_register_is_printed_of_what_concerns_who_prints_it(house, asks):
    house.goes_wrong("lift.run-timeout", "b3/lift-2")
    for party, sees in {"property": True, "lifts": True, "locksmith": False, "helpers": False}.items():
        printed = asks(party, "/registers/maintenance?from=2026-05-01&to=2026-05-31&lang=en")
        assert printed.status_code == 200
        assert ("Lift run timeout" in printed.text) is sees, party


def test_a_partys_feed_holds_what_it_had_a_part_in(asks, matter):
    for party in SEES:
        feed = asks(party, f"/feeds/{ESTATE}/parties/{party}.atom")
        assert feed.status_code == 200
        assert (matter.incident in feed.text) is (party in PARTS), party
    assert asks("lifts", f"/feeds/{ESTATE}/parties/property.atom").status_code == 404


def test_whoever_does_not_see_it_does_nothing_to_it(asks, matter):
    for party in ("lifts", "helpers"):
        for deed, body in (("acknowledge", {}), ("notes", {"text": "hello"}), ("cancel", {"note": "no"})):
            assert asks(party, f"{API}/tasks/{matter.task}/{deed}", "POST", json=body).status_code == 404
        assert asks(party, f"{API}/deliveries").json() == []


def test_the_duty_rooms_wall_rings_for_whom_it_concerns(house, asks):
    house.goes_wrong("access.forced-open", GATE)
    for party, sees in (SEES | {"gardener": False}).items():
        assert ("Door forced open" in asks(party, "/duty-room?lang=en").text) is sees, party


def test_a_webhook_tells_what_its_own_party_sees_and_is_nobody_elses(house, asks):
    made = {}
    for party in SEES:
        given = {"url": f"https://{party}.example/hook", "kinds": ["incident.opened", "task.note-added"]}
        answer = asks(party, f"{API}/webhooks", "POST", json=given)
        assert answer.status_code == 201, answer.text
        made[party] = answer.json()["webhook"]["id"]
    task = forced(house, asks, GATE)
    assert asks("property", f"{API}/tasks/{task}/notes", "POST", json={"text": "so it is"}).status_code in {200, 201}
    send = SendWebhooks(house.units, house.clock, RandomIds(), house.poster)
    while send().queued:
        pass
    send(100)
    told = {party: [event.url for event in house.poster.posted if party in event.url] for party in SEES}
    assert {party for party, urls in told.items() if urls} == {party for party, sees in SEES.items() if sees}
    listed = {party: {one["id"] for one in asks(party, f"{API}/webhooks").json()} for party in SEES}
    assert listed == {party: set(made.values()) if party == "property" else {id_} for party, id_ in made.items()}
    stolen = asks("lifts", f"{API}/webhooks/{made['property']}", "PATCH", json={"url": "https://lifts.example/all"})
    assert stolen.status_code == 404
    assert asks("lifts", f"{API}/webhooks/{made['property']}/rotate", "POST").status_code == 404


def test_a_lift_firm_sees_the_lift_that_is_stuck_and_not_the_gate_beside_it(house, asks, matter):
    stuck = house.goes_wrong("lift.entrapment", "b3/lift-2")
    incident = house.services.queries.task(stuck, None).incident_id
    listed = asks("lifts", f"{API}/incidents").json()["items"]
    assert [one["incident_id"] for one in listed] == [incident]
    timeline = asks("lifts", f"{API}/incidents/{incident}").json()["timeline"]
    assert {line["incident_id"] for line in timeline} == {incident}
    told = asks("lifts", f"{API}/ledger/lines?limit=1000").json()["items"]
    assert incident in {line["incident_id"] for line in told}
    assert matter.incident not in {line["incident_id"] for line in told}
    raw = asks("lifts", f"{API}/ledger?limit=1000").json()
    assert [entry["seq"] for entry in raw] == list(range(1, len(raw) + 1)), "the chain keeps every place in it"
    for path in (f"{API}/exports/tasks?format=csv", f"/feeds/{ESTATE}/parties/lifts.atom", "/"):
        text = asks("lifts", path).text
        assert incident in text or stuck in text
        assert matter.incident not in text
        assert matter.task not in text
    assert {one["id"] for one in asks("lifts", f"{API}/equipment").json()} == {"b1/lift-1", "b3/lift-2"}
    assert asks("lifts", "/equipment/b3/lift-2").status_code == 200


def test_a_page_of_what_is_over_is_full_although_most_of_it_is_others(house, asks):
    for hazard, where in [("lift.run-timeout", "b3/lift-2"), *[("access.forced-open", GATE)] * 3] * 4:
        over = house.goes_wrong(hazard, where)
        answer = asks("street", f"{API}/tasks/{over}/cancel", "POST", json={"note": "a trial"})
        assert answer.status_code == 200, answer.text
        house.goes_right(hazard, where)
        house.clock.pass_by(timedelta(hours=2))
    pages, cursor = [], None
    while cursor or not pages:
        asked = {"state": "closed", "limit": 2, **({"cursor": cursor} if cursor else {})}
        pages.append(asks("lifts", f"{API}/incidents", params=asked).json())
        cursor = pages[-1]["next"]
    assert [[item["hazard"] for item in page["items"]] for page in pages] == [["lift.run-timeout"] * 2] * 2
    assert len({item["id"] for page in pages for item in page["items"]}) == 4
