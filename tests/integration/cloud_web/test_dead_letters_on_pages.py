"""What did not arrive is read and replayed on a page: exactly once, as old news, and only what can be."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta

import httpx
import pytest

from cloud.application.identifiers import RandomIds
from cloud.application.intake.dead_letters import PutDeadLetter, Refused, Why
from cloud.application.messages import NotTaken
from cloud.application.notices.send_webhooks import SendWebhooks
from cloud.application.notices.webhook_book import WebhookBook
from cloud.domain.community.faults import fault
from cloud.domain.records.delivery import DeliveryState
from cloud.domain.records.webhook import MOST_ATTEMPTS
from cloud.domain.tasks.task import ResolutionReason
from cloud.entrypoints.ingest.decoding import Arrival, decode
from schemas.topics import Channel, NodeAddress
from tests.integration.cloud_web.house import ESTATE, House
from tests.integration.cloud_web.house_lived_in import BOOT, uuid

NODE = NodeAddress(ESTATE, "b3-gateway")


@pytest.fixture
def engineer(visitor: httpx.Client, house: House) -> httpx.Client:
    visitor.cookies.set("tocsin_session", house.session_of("engineer"))
    return visitor


def text(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def kept(
    house: House, channel: str, payload: dict | bytes, reason: str = "handling it failed", why: Why = Why.SCHEMA
) -> str:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    topic = f"tocsin/v1/{ESTATE}/b3-gateway/{channel}"
    refused = Refused(topic, raw, reason, house.clock.now(), NODE, Channel(channel), why=why)
    return PutDeadLetter(house.units, house.clock, RandomIds())(refused)


def envelope(house: House, **given) -> dict:
    return {
        "outbox": uuid("outbox"), "boot": BOOT, "seq": 41, "sealed_mono": 1000.0, "clock": "synchronised", "sent_mono": 1000.5,
        "sent_boot": BOOT, **given,
    }  # fmt: skip


def an_alarm(house: House, kind: str = "alarm.raised") -> dict:
    return {
        "kind": kind, "t": house.clock.now().timestamp(), "mono": 999.0, "occurrence": uuid("kept alarm"),
        "rule": "b5/north-gate/forced-open", "hazard": "access.forced-open", "severity": "major", "equipment": "b5/north-gate",
    }  # fmt: skip


def replays(client: httpx.Client, letter: str) -> httpx.Response:
    return client.post(f"/dead-letters/{letter}/replay", params={"lang": "en"})


def latest(house: House) -> dict:
    point = "b3/lift-2/speed"
    return {name: sample.value for name, sample in house.readings.latest(ESTATE, [point]).items()}


def test_readings_that_were_refused_whole_are_stored_after_all_and_once(house, engineer):
    t = house.clock.now().timestamp()
    pack = [{"bn": "b3/lift-2/", "n": "speed", "u": "m/s", "v": 1.5, "t": t, "mono_": 999.0}]
    letter = kept(house, "telemetry", envelope(house, pack=pack))
    assert replays(engineer, letter).status_code == 303
    assert latest(house) == {"b3/lift-2/speed": 1.5}
    page = text(engineer.get("/dead-letters", params={"lang": "en"}))
    assert "Replayed just now · Platform engineer" in page
    again = replays(engineer, letter)
    assert again.status_code == 409
    assert "It was taken already." in text(again)
    assert [entry.actor for entry in house.ledger() if entry.kind == "dead-letter.replayed"] == ["member:engineer"]


def test_an_event_is_old_news_when_it_is_replayed(house, engineer):
    letter = kept(house, "events", envelope(house, events=[an_alarm(house)]))
    house.clock.pass_by(timedelta(hours=6))
    engineer.cookies.set("tocsin_session", house.session_of("engineer"))
    assert replays(engineer, letter).status_code == 303
    found = [one for one in house.ledger() if one.kind == "alert.fired" and one.data["hazard"] == "access.forced-open"]
    assert len(found) == 1
    opened = next(
        one for one in house.ledger() if one.incident_id == found[0].incident_id and one.kind == "incident.opened"
    )
    assert opened.data["late"] is True, "six hours old: dated, and marked late"


def test_a_death_between_taking_and_noting_takes_nothing_twice(house, engineer, monkeypatch):
    """What a repeat brings is a repeat: identity is the letter's."""
    letter = kept(house, "events", envelope(house, events=[an_alarm(house)]))
    replay = house.services.tuning.replay
    identity = house.identity("engineer")
    monkeypatch.setattr(replay._kept, "taken", lambda *_: False)  # the process died before
    replay(letter, identity)
    replay(letter, identity)
    monkeypatch.undo()
    replay(letter, identity)
    assert len([one for one in house.ledger() if one.kind == "alert.fired" and one.subject]) == len(
        {one.subject for one in house.ledger() if one.kind == "alert.fired"}
    )
    with house.units.reading() as uow:
        events = [one for one in uow.batches.events(ESTATE) if one.kind == "alarm.raised"]
    assert len(events) == 1


def test_a_single_event_that_was_laid_aside_is_taken_alone(house, engineer):
    letter = kept(house, "events", an_alarm(house), "event 3: handling it failed: KeyError: 'x'")
    assert replays(engineer, letter).status_code == 303
    with house.units.reading() as uow:
        assert [one.kind for one in uow.batches.events(ESTATE)] == ["alarm.raised"]


@pytest.mark.parametrize("payload", [b"\xff\x00{", b"{}", b'{"kind": "alarm.raised"}'])
def test_what_still_cannot_be_read_stays_and_says_why(house, engineer, payload):
    letter = kept(house, "events", payload, "is not JSON")
    answer = replays(engineer, letter)
    assert answer.status_code == 422
    assert "It still cannot be taken:" in text(answer)
    assert "仍无法收下" in text(engineer.post(f"/dead-letters/{letter}/replay", params={"lang": "zh"}))
    assert not [one for one in house.ledger() if one.kind == "dead-letter.replayed"]


def test_why_it_was_refused_is_read_in_either_language(house, engineer):
    refused = decode(Arrival(f"tocsin/v1/{ESTATE}/b3-gateway/health", b"{", house.clock.now())).refused
    PutDeadLetter(house.units, house.clock, RandomIds())(refused)
    assert "message: Invalid JSON" in text(engineer.get("/dead-letters", params={"lang": "en"}))
    page = text(engineer.get("/dead-letters", params={"lang": "zh"}))
    assert "消息：不是有效的 JSON" in page
    assert "Invalid JSON" not in page


@pytest.mark.parametrize(
    "case",
    [
        (
            "events",
            "Node example/b3-gateway is not enrolled, or was revoked: …",
            Why.IDENTITY,
            "may not speak for the node",
        ),
        ("health", "depth: Field required", Why.SCHEMA, "only the newest counts"),
        ("telemetry", "record 3: no value", Why.SCHEMA, "are stored"),
    ],
)
def test_what_never_can_be_has_no_button_and_says_why(house, engineer, case):
    channel, reason, why, said = case
    letter = kept(house, channel, b"{}", reason, why)
    page = engineer.get("/dead-letters", params={"lang": "en"})
    assert said in text(page)
    assert f"/dead-letters/{letter}/replay" not in page.text
    assert replays(engineer, letter).status_code == 422


def test_who_does_not_run_nodes_reads_and_does_not_replay(house, manager):
    letter = kept(house, "events", an_alarm(house))
    assert "/replay" not in manager.get("/dead-letters").text
    assert replays(manager, letter).status_code == 403


def test_of_another_estate_there_are_no_letters(house, engineer):
    refused = Refused(
        "tocsin/v1/other/n/events", b"{}", "no", house.clock.now(), NodeAddress("other", "n"), Channel.EVENTS
    )
    letter = PutDeadLetter(house.units, house.clock, RandomIds())(refused)
    assert replays(engineer, letter).status_code == 404
    assert replays(engineer, "nothing").status_code == 404


def test_a_message_that_reached_nobody_is_sent_once_more(house, manager):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    message = house.message_fails(task)
    page = text(manager.get("/dead-letters", params={"lang": "en"}))
    assert "Duty guard Property office" in page
    assert "text message: the gateway answered 503" in page
    assert "短信：平台返回 503" in text(manager.get("/dead-letters", params={"lang": "zh"}))
    assert manager.post(f"/deliveries/{message}/try-again").status_code == 303
    with house.units.reading() as uow:
        again = uow.outbox.delivery(message)
        assert [one.id for one in uow.outbox.due(house.clock.now())] == [message]
    assert (again.state, again.rounds, again.attempts) == (DeliveryState.WAITING, 0, 16)
    assert "tried again" in text(manager.get("/dead-letters", params={"lang": "en"}))
    assert [entry.actor for entry in house.ledger() if entry.kind == "notification.tried-again"] == ["member:manager"]
    assert manager.post(f"/deliveries/{message}/try-again").status_code == 409, "it has not failed again"


def test_nobody_is_called_for_what_is_done(house, manager):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    message = house.message_fails(task)
    house.services.act.acknowledge(task, "guard")
    house.services.act.resolve(task, "guard", ResolutionReason.FIXED)
    answer = manager.post(f"/deliveries/{message}/try-again", params={"lang": "en"})
    assert answer.status_code == 409
    assert "the task is done" in text(answer)


def test_there_is_no_such_message(house, manager):
    assert manager.post("/deliveries/nothing/try-again").status_code == 404


def hooked(house: House, url: str = "https://hooks.example/secret-path") -> tuple[WebhookBook, str]:
    book = house.services.messaging.webhooks
    return book, book.add(ESTATE, url, ["incident.opened"], "manager").webhook.id


def given_up(house: House) -> str:
    """What the webhook was to be told was tried as often as is tried; its id."""
    send = SendWebhooks(house.units, house.clock, RandomIds(), house.poster)
    house.poster.goes_down()
    for _ in range(MOST_ATTEMPTS):
        send()
        house.clock.pass_by(timedelta(hours=25))
    house.poster.comes_back()
    (posting,) = house.services.messaging.webhooks.untaken(ESTATE, 9, "manager").postings
    return posting.id


def test_what_another_system_did_not_take_is_sent_once_more(house, visitor):
    _, hook = hooked(house)
    house.goes_wrong("access.forced-open", "b5/north-gate")
    posting = given_up(house)
    visitor.cookies.set("tocsin_session", house.session_of("manager"))
    page = visitor.get("/dead-letters", params={"lang": "en"})
    assert "hooks.example" in text(page)
    assert "it answered 503" in text(page)
    assert "对方答复 503" in text(visitor.get("/dead-letters", params={"lang": "zh"}))
    assert "secret-path" not in page.text
    path = f"/webhooks/{hook}/deliveries/{posting}/again"
    assert f'action="{path}' in page.text
    assert visitor.post(path).status_code == 303
    assert "tried again" in text(visitor.get("/dead-letters", params={"lang": "en"}))
    again = visitor.post(path, params={"lang": "en"})
    assert again.status_code == 409
    assert "It was not given up" in text(again)
    SendWebhooks(house.units, house.clock, RandomIds(), house.poster)()
    assert [event.id for event in house.poster.posted] == [posting]
    assert "hooks.example" not in visitor.get("/dead-letters").text


def test_over_rest_it_is_the_same(house, visitor):
    _, hook = hooked(house)
    house.goes_wrong("access.forced-open", "b5/north-gate")
    posting = given_up(house)
    path = f"/api/v1/webhooks/{hook}/deliveries/{posting}/again"
    for member, status in (("technician", 403), ("manager", 200), ("manager", 409)):
        headers = {"authorization": f"Bearer {house.api_token_of(member)}"}
        assert visitor.post(path, headers=headers).status_code == status
    headers = {"authorization": f"Bearer {house.api_token_of('manager')}"}
    assert visitor.post(path.replace(posting, "none"), headers=headers).status_code == 404
    assert [entry.actor for entry in house.ledger() if entry.kind == "webhook.tried-again"] == ["member:manager"]


def test_a_webhook_that_is_gone_is_a_line_until_somebody_sees_to_it(house, manager):
    book, hook = hooked(house)
    house.goes_wrong("access.forced-open", "b5/north-gate")
    house.poster.answers(NotTaken(fault("answered", status=410), gone=True))
    SendWebhooks(house.units, house.clock, RandomIds(), house.poster)()
    page = text(manager.get("/dead-letters", params={"lang": "en"}))
    assert "hooks.example says that there is nothing at its webhook's address any more" in page
    assert "its webhook is switched off" in page
    assert "/again" not in manager.get("/dead-letters").text, "it would be refused"
    answer = manager.get(
        f"/api/v1/webhooks/{hook}", headers={"authorization": f"Bearer {house.api_token_of('manager')}"}
    )
    assert (answer.json()["active"], answer.json()["gone_at"] is not None) == (False, True)
    book.remove(ESTATE, hook, "manager")
    assert "hooks.example" not in manager.get("/dead-letters").text


def test_when_all_is_well_the_page_says_so(manager):
    page = text(manager.get("/dead-letters", params={"lang": "en"}))
    assert "Every message found its reader" in page
    assert "Everything that arrived could be processed." in page
