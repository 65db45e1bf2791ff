"""Dead letters and failed messages over REST: listed, read, tried again; once, by who may, on the record."""

from __future__ import annotations

import base64

import httpx
import pytest

from cloud.application.identifiers import RandomIds
from cloud.application.intake.dead_letters import PutDeadLetter, Refused
from cloud.domain.records.ledger import Kind
from schemas.topics import Channel, NodeAddress
from tests.integration.cloud_web.house import House
from tests.integration.cloud_web.test_dead_letters_on_pages import an_alarm, envelope, kept, latest

API = "/api/v1"


@pytest.fixture
def engineer(visitor: httpx.Client, house: House) -> httpx.Client:
    visitor.headers["authorization"] = f"Bearer {house.api_token_of('engineer')}"
    return visitor


def refused_whole(house: House) -> str:
    t = house.clock.now().timestamp()
    pack = [{"bn": "b3/lift-2/", "n": "speed", "u": "m/s", "v": 1.5, "t": t, "mono_": 999.0}]
    return kept(house, "telemetry", envelope(house, pack=pack))


def test_a_letter_is_read_as_a_whole_and_taken_once(house, engineer):
    letter = refused_whole(house)
    read = engineer.get(f"{API}/dead-letters/{letter}").json()
    assert b'"v": 1.5' in base64.b64decode(read["payload"])
    assert read["letter"]["hindrance"] is None
    taken = engineer.post(f"{API}/dead-letters/{letter}/replay")
    assert taken.status_code == 200
    assert taken.json()["replayed_by"] == "engineer"
    assert latest(house) == {"b3/lift-2/speed": 1.5}
    again = engineer.post(f"{API}/dead-letters/{letter}/replay")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/conflict")
    told = [entry for entry in house.ledger() if entry.kind == Kind.LETTER_REPLAYED]
    assert [(entry.actor, entry.data["node"]) for entry in told] == [("member:engineer", "b3-gateway")]


def test_a_request_that_is_repeated_with_its_key_gets_its_first_answer(house, engineer):
    letter, key = refused_whole(house), {"Idempotency-Key": "0f1d5f0e-7c1b-4f0e-9b7e-1f1f1f1f1f1f"}
    first = engineer.post(f"{API}/dead-letters/{letter}/replay", headers=key)
    second = engineer.post(f"{API}/dead-letters/{letter}/replay", headers=key)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert len([entry for entry in house.ledger() if entry.kind == Kind.LETTER_REPLAYED]) == 1


def test_what_still_cannot_be_taken_says_why(house, engineer):
    letter = kept(house, "events", envelope(house, events=[an_alarm(house, "alarm.invented")]))
    answer = engineer.post(f"{API}/dead-letters/{letter}/replay")
    assert answer.status_code == 422
    assert "It still cannot be taken" in answer.json()["detail"]
    assert engineer.get(f"{API}/dead-letters/{letter}").json()["letter"]["replayed_at"] is None


def test_who_reads_letters_need_not_be_who_has_them_taken(house, visitor):
    letter = refused_whole(house)
    manager = {"authorization": f"Bearer {house.api_token_of('manager')}"}
    assert visitor.get(f"{API}/dead-letters/{letter}", headers=manager).status_code == 200
    assert visitor.post(f"{API}/dead-letters/{letter}/replay", headers=manager).status_code == 403
    guard = {"authorization": f"Bearer {house.api_token_of('guard')}"}
    assert visitor.get(f"{API}/dead-letters/{letter}", headers=guard).status_code == 403


def test_of_another_estate_there_are_none(house, engineer):
    node = NodeAddress("other", "n")
    refused = Refused("tocsin/v1/other/n/events", b"{}", "no", house.clock.now(), node, Channel.EVENTS)
    letter = PutDeadLetter(house.units, house.clock, RandomIds())(refused)
    for answer in (engineer.get(f"{API}/dead-letters/{letter}"), engineer.post(f"{API}/dead-letters/{letter}/replay")):
        assert answer.status_code == 404


def test_a_message_that_failed_is_sent_once_more(house, visitor):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    message = house.message_fails(task)
    visitor.headers["authorization"] = f"Bearer {house.api_token_of('manager')}"
    (failed,) = visitor.get(f"{API}/deliveries", params={"failed": True}).json()
    assert failed == visitor.get(f"{API}/deliveries/{message}").json()
    assert failed["state"] == "failed"
    key = {"Idempotency-Key": "0f1d5f0e-7c1b-4f0e-9b7e-2f2f2f2f2f2f"}
    again = [visitor.post(f"{API}/deliveries/{message}/try-again", headers=key) for _ in range(2)]
    assert [answer.status_code for answer in again] == [200, 200]
    assert again[0].json()["state"] == "waiting"
    assert visitor.post(f"{API}/deliveries/{message}/try-again").status_code == 409, "it has not failed again"
    assert [entry.actor for entry in house.ledger() if entry.kind == "notification.tried-again"] == ["member:manager"]
    assert visitor.post(f"{API}/deliveries/nothing/try-again").status_code == 404
