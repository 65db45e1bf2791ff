"""Rosters, handovers and contacts over REST: who may say who is on duty, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import icalendar
import pytest

from cloud.domain.records.narrative import sentence
from tests.fakes.reach import read_code
from tests.integration.cloud_web.house import House

ESTATE = "/api/v1/estates/example"
NIGHTS = {"members": ["guard"], "start": "20:00", "end": "08:00"}
GUARDS = {"id": "guards", "party": "property", "zh": "保安", "en": "Guards", "shifts": [NIGHTS]}


class People:
    """Everybody with a client of their own."""

    def __init__(self, address: str, house: House) -> None:
        self._address, self._house, self._clients = address, house, {}

    def __getattr__(self, member: str) -> httpx.Client:
        if member not in self._clients:
            headers = {"authorization": f"Bearer {self._house.api_token_of(member)}"}
            self._clients[member] = httpx.Client(base_url=self._address, headers=headers, trust_env=False, timeout=30)
        return self._clients[member]

    def go_home(self) -> None:
        for client in self._clients.values():
            client.close()


@pytest.fixture
def people(address: str, house: House) -> Iterator[People]:
    everybody = People(address, house)
    yield everybody
    everybody.go_home()


def said(house: House) -> list[tuple[str, str]]:
    """What was done here, and its sentence; that somebody was given a token is told too, but not asked for."""
    register = house.services.queries.register("example", None)
    entries = house.services.queries.ledger_entries("example", 0, None)
    return [(entry.kind, sentence(entry, register).en) for entry in entries if not entry.kind.startswith("member.")]


def test_a_manager_says_who_is_on_duty_and_everybody_sees_it(house, people):
    made = people.manager.post(f"{ESTATE}/rosters", json=GUARDS)
    assert (made.status_code, made.json()["may_change"], made.json()["roster"]["revision"]) == (201, True, 1)
    assert people.manager.post(f"{ESTATE}/rosters", json=GUARDS).status_code == 409
    seen = people.technician.get(f"{ESTATE}/rosters").json()
    assert [(one["roster"]["id"], one["may_change"]) for one in seen] == [("guards", False)]
    # The house stands at 03:04 in Shanghai: it is the guard's night.
    duty = people.officer.get(f"{ESTATE}/parties/property/on-duty").json()
    assert ([p["id"] for p in duty["first"]], [p["id"] for p in duty["then"]]) == (["guard"], ["manager"])
    assert (duty["ground"], duty["hole"], duty["next"]["members"]) == ("roster", False, [])
    noon = people.officer.get(f"{ESTATE}/parties/property/on-duty", params={"at": "2026-05-13T12:00:00+08:00"}).json()
    assert (noon["ground"], noon["hole"], len(noon["first"])) == ("empty_roster", True, 2)
    assert people.officer.get(f"{ESTATE}/parties/nobody/on-duty").status_code == 404
    for far in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        assert people.officer.get(f"{ESTATE}/parties/property/on-duty", params={"at": far}).status_code == 422
    assert (
        said(house) == [("roster.changed", "property's roster guards was changed")]
        or said(house)[0][0] == "roster.changed"
    )


def test_only_a_manager_of_the_party_or_of_the_estate_keeps_a_roster(people):
    lifts = {
        "id": "lifts",
        "party": "lifts",
        "zh": "维保",
        "en": "Lifts",
        "shifts": [{**NIGHTS, "members": ["technician"]}],
    }
    for client in (people.technician, people.officer, people.engineer):
        assert client.post(f"{ESTATE}/rosters", json=lifts).status_code == 403
    assert people.manager.post(f"{ESTATE}/rosters", json=lifts).status_code == 201
    assert people.technician.delete(f"{ESTATE}/rosters/lifts").status_code == 403
    assert people.stranger.get(f"{ESTATE}/rosters").status_code == 404
    assert people.tenant.get(f"{ESTATE}/rosters").status_code == 403


def test_what_does_not_hold_together_is_named(people):
    odd = {**GUARDS, "shifts": [{**NIGHTS, "members": ["technician"], "since": "2026-02-01", "until": "2026-01-01"}]}
    answer = people.manager.post(f"{ESTATE}/rosters", json=odd)
    assert answer.status_code == 422
    assert len(answer.json()["problems"]) == 2
    assert people.manager.post(f"{ESTATE}/rosters", json={**GUARDS, "colour": 1}).status_code == 422


def test_a_roster_is_changed_only_as_it_was_seen_and_its_overrides_stay(house, people):
    people.manager.post(f"{ESTATE}/rosters", json=GUARDS)
    now = house.clock.now()
    stand_in = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=2)).isoformat(), "members": ["manager"]}
    made = people.manager.post(f"{ESTATE}/rosters/guards/overrides", json={**stand_in, "replaces": "guard"})
    assert made.status_code == 201
    assert (
        people.manager.post(f"{ESTATE}/rosters/guards/overrides", json={**stand_in, "replaces": "x"}).status_code == 422
    )
    assert people.guard.post(f"{ESTATE}/rosters/guards/overrides", json=stand_in).status_code == 403
    duty = people.guard.get(f"{ESTATE}/parties/property/on-duty").json()
    assert [p["id"] for p in duty["first"]] == ["manager"]
    assert [p["id"] for p in duty["next"]["members"]] == ["guard"]
    plain = {key: value for key, value in GUARDS.items() if key != "id"}
    assert people.manager.put(f"{ESTATE}/rosters/guards", params={"seen": 1}, json=plain).status_code == 409
    changed = people.manager.put(f"{ESTATE}/rosters/guards", params={"seen": 2}, json={**plain, "en": "Night guards"})
    assert (changed.json()["roster"]["names"]["en"], len(changed.json()["roster"]["overrides"])) == ("Night guards", 1)
    gone = f"{ESTATE}/rosters/guards/overrides/{made.json()['id']}"
    assert [people.manager.delete(gone).status_code for _ in range(2)] == [204, 404]
    assert people.manager.delete(f"{ESTATE}/rosters/guards").status_code == 204
    assert people.manager.get(f"{ESTATE}/rosters/guards").status_code == 404
    kinds = [kind for kind, _ in said(house)]
    assert all(entry.causation_id for entry in house.services.queries.ledger_entries("example", 0, None))
    assert kinds == [
        "roster.changed",
        "roster.override-added",
        "roster.changed",
        "roster.override-removed",
        "roster.removed",
    ]


def test_a_calendar_goes_out_and_comes_in(people):
    people.manager.post(f"{ESTATE}/rosters", json=GUARDS)
    out = people.guard.get(f"{ESTATE}/rosters/guards/calendar.ics")
    assert out.headers["content-type"].startswith("text/calendar")
    assert len(icalendar.Calendar.from_ical(out.content).walk("VEVENT")) > 90
    assert people.guard.get(f"{ESTATE}/parties/property/calendar.ics").status_code == 200
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:"
    body = head + "manager\r\nDTSTART:20260512T190000Z\r\nDTEND:20260512T200000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    headers = {"content-type": "text/calendar"}
    for _ in range(2):  # brought in again it replaces itself
        taken = people.manager.post(f"{ESTATE}/rosters/guards/calendar", content=body, headers=headers)
        assert (taken.status_code, len(taken.json()["roster"]["overrides"])) == (200, 1)
    assert [p["id"] for p in taken.json()["now"]["members"]] == ["manager"]
    refused = people.manager.post(
        f"{ESTATE}/rosters/guards/calendar", content=body.replace("manager", "nobody"), headers=headers
    )
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["what"].startswith("line 6: 'nobody' is no member")
    assert people.guard.post(f"{ESTATE}/rosters/guards/calendar", content=body, headers=headers).status_code == 403


def test_days_that_are_not_what_their_weekday_says_are_listed(people):
    days = people.guard.get(f"{ESTATE}/holidays", params={"since": "2026-02-10", "until": "2026-02-20"}).json()
    assert (days["days"][0]["day"], days["days"][0]["works"], days["adjusted"]) == ("2026-02-14", True, {"2026": True})
    assert days["days"][2]["names"] == {"zh": "春节", "en": "Chinese New Year (Spring Festival)"}
    backwards = {"since": "2026-02-10", "until": "2026-01-01"}
    assert people.guard.get(f"{ESTATE}/holidays", params=backwards).status_code == 422


def test_a_shift_is_handed_over_by_two_people_and_what_was_not_shows(house, people):
    day = {**NIGHTS, "members": ["manager"], "start": "08:00", "end": "20:00"}
    people.manager.post(f"{ESTATE}/rosters", json={**GUARDS, "shifts": [NIGHTS, day]})
    house.goes_wrong("fire.smoke", "b1/detector-7a")

    def missing():
        found = people.manager.get(f"{ESTATE}/handovers", params={"party": "property"}).json()["missing"]
        return [gap["at"] for gap in found]

    assert missing() == [], "nobody signs for changes of shift from before the roster was there"
    house.clock.pass_by(timedelta(hours=4, minutes=55))
    drawn = people.guard.post(f"{ESTATE}/handovers", json={"party": "property", "note": "钥匙在前台"})
    assert (drawn.status_code, drawn.json()["state"]) == (201, "unsigned")
    items = drawn.json()["handover"]["items"]
    assert [(item["kind"], item["life_safety"]) for item in items] == [("task", True)]
    one = f"{ESTATE}/handovers/{drawn.json()['handover']['id']}"
    assert people.technician.get(one).status_code == 404
    assert people.officer.post(f"{one}/sign", json={"side": "coming"}).status_code == 403
    assert drawn.json()["shifts"] == {"leaving": ["guard"], "coming": ["manager"]}
    wrong = people.manager.post(f"{one}/sign", json={"side": "leaving"})
    assert (wrong.status_code, "By the roster Duty guard leaves" in wrong.json()["detail"]) == (403, True)
    wrong = people.guard.post(f"{one}/sign", json={"side": "coming"})
    assert (wrong.status_code, "By the roster Duty manager comes" in wrong.json()["detail"]) == (403, True)
    assert people.guard.post(f"{one}/sign", json={"side": "leaving"}).json()["state"] == "half_signed"
    twice = people.guard.post(f"{one}/sign", json={"side": "coming"})
    assert (twice.status_code, "two people" in twice.json()["detail"]) == (403, True)
    house.clock.pass_by(timedelta(minutes=40))
    assert people.officer.get(one).json()["state"] == "overdue"
    assert people.manager.post(f"{one}/sign", json={"side": "coming"}).json()["state"] == "signed"
    listed = people.manager.get(f"{ESTATE}/handovers").json()
    assert [view["state"] for view in listed["handovers"]] == ["signed"]
    assert missing() == []
    house.clock.pass_by(timedelta(hours=12, minutes=30))
    assert missing() == ["2026-05-13T12:00:00Z"]
    assert people.technician.get(f"{ESTATE}/handovers").json()["handovers"] == []
    assert people.technician.post(f"{ESTATE}/handovers", json={"party": "property"}).status_code == 403
    assert next(text for kind, text in said(house) if kind == "shift.handover-signed").endswith("outgoing")


def test_a_member_proves_a_channel_and_nobody_else_reads_it(house, people):
    mine = "/api/v1/members/guard/contacts"
    made = people.guard.post(mine, json={"channel": "sms", "address": "138 0000 0000"})
    assert (made.status_code, made.json()["relied_upon"]) == (201, False)
    assert people.guard.post(mine, json={"channel": "sms", "address": "138 0000 0000"}).status_code == 409
    assert people.guard.post(mine, json={"channel": "email", "address": "nonsense"}).status_code == 422
    contact = f"{mine}/{made.json()['key']}"
    assert people.manager.get(mine).json()["contacts"][0]["address"] == "138***00"
    for client in (people.technician, people.officer, people.engineer, people.stranger):
        assert client.get(mine).status_code == 404
        assert client.post(f"{contact}/code").status_code == 404
    assert people.guard.post(f"{contact}/verify", json={"code": "1"}).status_code == 409
    assert people.manager.post(f"{contact}/code").status_code == 200
    assert people.guard.post(f"{contact}/code").status_code == 409
    (letter,) = house.channels["sms"].delivered
    assert letter.address == "138 0000 0000", "the very channel, not another"
    code = read_code(letter.text)
    assert people.manager.post(f"{contact}/verify", json={"code": code}).status_code == 404
    assert people.guard.post(f"{contact}/verify", json={"code": "wrong"}).status_code == 422
    assert people.guard.post(f"{contact}/verify", json={"code": code}).json()["relied_upon"]
    assert people.guard.delete(contact).status_code == 204
    assert people.guard.get(mine).json() == {"contacts": [], "channels": ["sms", "voice"], "rings": ["voice"]}
    told = said(house)
    assert [kind for kind, _ in told] == [
        "contact.added", "personal.accessed", "contact.code-sent", "contact.verified", "contact.removed",
    ]  # fmt: skip
    entries = house.services.queries.ledger_entries("example", 0, None)
    assert not any("138 0000" in str(entry.data) or code in str(entry.data) for entry in entries)


def test_a_manager_sets_a_member_up_and_the_member_keeps_the_order(house, people):
    mine = "/api/v1/members/guard/contacts"
    made = people.manager.post(mine, json={"channel": "voice", "address": "13900000000"})
    assert (made.status_code, made.json()["address"]) == (201, "139***00")
    key = made.json()["key"]
    assert people.manager.post(f"{mine}/{key}/test").json() == {"taken": True, "why": None, "failure": None}
    assert [message.address for message in house.channels["voice"].delivered] == ["13900000000"]
    assert people.manager.put(mine, json={"contacts": []}).status_code == 404
    quiet = {"quiet_from": "22:00", "quiet_until": "07:00", "digest": True}
    order = [{"channel": "sms", "address": "13800000000"}, {"channel": "voice", "address": "13900000000", **quiet}]
    kept = people.guard.put("/api/v1/members/me/contacts", json={"contacts": order}).json()["contacts"]
    assert [(one["channel"], one["digest"]) for one in kept] == [("sms", False), ("voice", True)]
    assert kept[1]["key"] == key
    assert people.guard.post(mine, json={"channel": "pigeon", "address": "roof"}).status_code == 422


def test_a_channel_that_does_not_take_the_code_says_so(house, people):
    made = people.guard.post("/api/v1/members/guard/contacts", json={"channel": "sms", "address": "13800000000"}).json()
    house.channels["sms"].cut()
    assert people.guard.post(f"/api/v1/members/guard/contacts/{made['key']}/code").status_code == 503
