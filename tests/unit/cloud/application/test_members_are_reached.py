"""A message to a party reaches its members through the channels they chose, or it is said that it did not."""

from datetime import time, timedelta

import pytest

from cloud.application.notices.prepare import Calls
from cloud.application.notices.send_notifications import LEASE
from cloud.domain.community.access import Purpose, token_hash
from cloud.domain.community.faults import fault
from cloud.domain.records.delivery import FIRST_WAIT, MOST_ROUNDS, DeliveryState
from cloud.domain.records.narrative import sentence
from cloud.domain.records.notification import Reason
from cloud.domain.tasks.task import ResolutionReason
from tests.fakes.channels import FakeChannel, reach, sender, sends_all
from tests.fakes.estate import ESTATE

EMERGENCY = ("lift.entrapment", "b1/lift-1")
NUISANCE = ("access.held-open", "b1/door")


@pytest.fixture
def channels():
    return {"sms": FakeChannel(), "voice": FakeChannel(rings=True), "feishu": FakeChannel()}


@pytest.fixture
def send(scene, channels):
    return sender(scene, channels, calls=Calls("https://tocsin.example"))


def lines(scene, kind):
    return [line for line in scene.incident(scene.only_task()).timeline if line.kind == kind]


def deliveries(scene):
    with scene.units.reading() as uow:
        return sorted(uow.outbox.latest(ESTATE, failed=False, limit=500), key=lambda one: one.id)


def test_everybody_who_acts_for_the_party_is_called_and_no_resident(scene, send, channels):
    for member in ("manager", "guard", "neighbour"):
        reach(scene.units, member, f"sms:{member}")
    scene.rings(*NUISANCE)
    assert sends_all(send) == (2, 0)
    assert channels["sms"].addresses == ["manager", "guard"]
    assert [line.data["member"] for line in lines(scene, "notification.sent")] == ["manager", "guard"]


def test_a_channel_that_fails_is_followed_by_the_next_of_that_member_at_once_and_each_failure_is_said(
    scene, send, channels
):
    reach(scene.units, "manager", "voice:1", "feishu:2")
    reach(scene.units, "guard", "sms:3")
    channels["voice"].cut("no line")
    scene.rings(*NUISANCE)
    assert sends_all(send) == (2, 1)
    assert (channels["feishu"].addresses, channels["sms"].addresses) == (["2"], ["3"])
    (failed,) = lines(scene, "notification.not-sent")
    assert (failed.data["reason"], failed.data["channel"], failed.data["member"]) == ("no line", "voice", "manager")
    assert failed.text.en == "Property · manager could not be notified: no line (phone call)"
    assert failed.text.zh == "未能通知物业·manager：no line（语音电话）"


def test_when_nobody_of_the_party_is_reached_it_is_said_and_the_ladder_goes_on_at_once(scene, send, channels):
    for member in ("technician", "foreman"):
        reach(scene.units, member, f"sms:{member}")
    reach(scene.units, "manager", "feishu:m")
    reach(scene.units, "guard", "feishu:g")
    reach(scene.units, "clerk", "feishu:c")
    channels["sms"].cut()
    scene.rings(*EMERGENCY)
    sends_all(send)
    nobody = [line for line in lines(scene, "notification.not-sent") if line.data["reason"] == "nobody_reached"]
    assert [line.data["party"] for line in nobody] == ["lift-firm"]
    assert not lines(scene, "ladder.step-taken")
    scene.timers()
    assert lines(scene, "ladder.step-taken"), "three minutes before its time"
    scene.clock.advance(seconds=FIRST_WAIT.total_seconds())
    sends_all(send)
    said = [entry.causation_id for entry in scene.ledger() if entry.data.get("reason") == "nobody_reached"]
    assert len(said) == len(set(said)) == 2, "once for each message: the first call, and the call sheet after it"
    scene.timers()
    assert len(lines(scene, "ladder.step-taken")) == 1, "the property was reached by that step and may answer"


def test_one_member_who_is_reached_is_enough(scene, send, channels):
    reach(scene.units, "technician", "sms:1")
    reach(scene.units, "foreman", "feishu:2")
    for member in ("manager", "guard", "clerk"):
        reach(scene.units, member, f"feishu:{member}")
    channels["sms"].cut()
    scene.rings(*EMERGENCY)
    sends_all(send)
    scene.timers()
    assert not lines(scene, "ladder.step-taken")


def test_a_member_without_any_address_is_said_to_be_out_of_reach(scene, send):
    reach(scene.units, "manager", "sms:1")
    reach(scene.units, "guard", "pager:2")
    scene.rings(*NUISANCE)
    assert sends_all(send) == (1, 0)
    (failed,) = lines(scene, "notification.not-sent")
    assert (failed.data["member"], failed.data["reason"]) == ("guard", "no_channel")


def test_a_party_with_nobody_to_call_is_said_and_passed(scene, send):
    for member in ("watch", "manager", "guard"):
        reach(scene.units, member, f"sms:{member}")
    scene.rings("fire.smoke", "b1/smoke-1")
    sends_all(send)
    said = {line.data["party"] for line in lines(scene, "notification.not-sent") if line.data["reason"] == "no_member"}
    assert "micro-station" in said


def test_what_cannot_be_delivered_becomes_a_dead_letter_and_stays_to_be_seen(scene, send, channels):
    reach(scene.units, "manager", "sms:1")
    reach(scene.units, "guard", "feishu:2")
    channels["sms"].cut("number unknown")
    scene.rings(*NUISANCE)
    for _ in range(MOST_ROUNDS):
        sends_all(send)
        scene.clock.advance(minutes=10)
    dead, live = sorted(deliveries(scene), key=lambda one: one.state)
    assert (dead.state, dead.why, dead.rounds) == (DeliveryState.FAILED, "number unknown", MOST_ROUNDS)
    assert live.state is DeliveryState.SENT
    channels["sms"].mend()
    assert sends_all(send) == (0, 0)


def test_why_it_was_not_taken_stands_on_the_timeline_in_both_languages(scene, send, channels):
    reach(scene.units, "manager", "sms:1")
    channels["sms"].cut(fault("gateway-answered", status=503))
    scene.rings(*NUISANCE)
    sends_all(send)
    told = next(one for one in scene.ledger() if one.data.get("channel") == "sms")
    assert told.data["reason"] == "the gateway answered 503"
    assert told.data["failure"] == {"code": "gateway-answered", "values": {"status": 503}}
    with scene.units.reading() as uow:
        said = sentence(told, uow.registers.find(told.estate))
    assert "平台返回 503" in said.zh
    assert "the gateway answered 503" in said.en


def test_at_night_what_is_not_urgent_waits_until_the_morning_and_life_safety_does_not(scene, send, channels):
    for member in ("manager", "guard"):
        reach(scene.units, member, f"sms:{member}", quiet_from=time(22), quiet_until=time(7))
    scene.clock.advance(hours=12)  # 23:00 in Shanghai
    scene.rings(*NUISANCE)
    sends_all(send)
    assert channels["sms"].delivered == []
    assert len(lines(scene, "notification.held")) == 2
    scene.rings("fire.smoke", "b1/smoke-1")
    sends_all(send)
    assert sorted(set(channels["sms"].addresses)) == ["guard", "manager"]
    before = len(channels["sms"].delivered)
    scene.clock.advance(hours=8)
    assert sends_all(send) == (2, 0)
    assert len(channels["sms"].delivered) == before + 2


def test_what_waited_is_joined_in_one_message_for_who_wants_it(scene, send, channels):
    reach(scene.units, "manager", "sms:m", quiet_from=time(22), quiet_until=time(7), digest=True)
    reach(scene.units, "guard", "sms:g", quiet_from=time(22), quiet_until=time(7))
    scene.clock.advance(hours=12)
    scene.rings(*NUISANCE)
    scene.rings("access.held-open", "b2/door")
    sends_all(send)
    assert channels["sms"].delivered == []
    scene.clock.advance(hours=8)
    assert sends_all(send) == (3, 0)
    joined = [message for message in channels["sms"].delivered if message.address == "m"]
    assert [message.text.count("\n") for message in joined] == [1]
    assert len([address for address in channels["sms"].addresses if address == "g"]) == 2
    assert {one.state for one in deliveries(scene)} == {DeliveryState.SENT}


def test_a_message_that_nobody_needs_any_more_is_withdrawn_and_who_was_told_is_told_by_whom(scene, send, channels):
    for member in ("technician", "foreman", "manager", "guard", "clerk"):
        reach(scene.units, member, f"sms:{member}")
    scene.rings(*EMERGENCY)
    sends_all(send)
    scene.passes(minutes=3)
    told = len(channels["sms"].delivered)
    scene.acknowledge("technician")
    (withdrawn,) = {line.kind for line in lines(scene, "notification.withdrawn")}
    assert withdrawn == "notification.withdrawn"
    sends_all(send)
    news = channels["sms"].delivered[told:]
    assert all("Lift maintainer" in one.text or "维保单位" in one.text for one in news)
    assert [one.address for one in news] == ["foreman"], "supports are still asked; who answered knows"


def test_a_message_that_leaves_while_somebody_answers_is_followed_by_the_news(scene, channels):
    for member in ("technician", "foreman"):
        reach(scene.units, member, f"sms:{member}")
    channels["sms"].meanwhile = lambda: scene.acknowledge("technician") if len(channels["sms"].delivered) == 1 else None
    send = sender(scene, channels)
    scene.rings(*EMERGENCY)
    sends_all(send)
    to_foreman = [one.text for one in channels["sms"].delivered if one.address == "foreman"]
    assert len(to_foreman) == 2
    assert "已由维保单位处置" in to_foreman[1]


def test_that_it_is_handled_is_no_reason_to_ring(scene, send, channels):
    reach(scene.units, "technician", "sms:1")
    reach(scene.units, "foreman", "voice:2")
    scene.rings(*EMERGENCY)
    sends_all(send)
    scene.acknowledge("technician")
    sends_all(send)
    assert len(channels["voice"].delivered) == 1


def test_what_is_over_is_asked_of_nobody_in_the_morning(scene, send, channels):
    for member in ("manager", "guard"):
        reach(scene.units, member, f"sms:{member}", quiet_from=time(22), quiet_until=time(7))
    scene.clock.advance(hours=12)
    number = scene.rings(*NUISANCE)
    sends_all(send)
    scene.falls_quiet(*NUISANCE, number)
    scene.passes(minutes=5)
    scene.clock.advance(hours=8)
    assert sends_all(send) == (0, 0)
    assert channels["sms"].delivered == []


def test_what_was_not_addressed_yet_is_withdrawn_too(scene, send, channels):
    reach(scene.units, "foreman", "sms:1")
    scene.rings(*EMERGENCY)
    scene.acknowledge("technician")
    sends_all(send)
    assert channels["sms"].delivered == []


def test_a_message_carries_a_link_of_the_members_own_that_ends(scene, send, channels):
    reach(scene.units, "manager", "sms:1")
    scene.rings(*NUISANCE)
    sends_all(send)
    (message,) = channels["sms"].delivered
    base, _, rest = message.link.partition("/enter/")
    token, _, incident = rest.partition("?incident=")
    assert (base, incident) == ("https://tocsin.example", scene.only_task().incident_id)
    with scene.units.reading() as uow:
        key = uow.keys.find(token_hash(token))
    assert (key.member_id, key.purpose) == ("manager", Purpose.LINK)
    assert key.opens(Purpose.LINK, scene.clock.now() + timedelta(hours=23))
    assert not key.opens(Purpose.LINK, scene.clock.now() + timedelta(hours=24))


def test_without_an_address_of_ours_there_is_no_link(scene, channels):
    reach(scene.units, "manager", "sms:1")
    scene.rings(*NUISANCE)
    sends_all(sender(scene, channels))
    assert channels["sms"].delivered[0].link is None


def test_the_console_tells_who_has_no_other_channel_and_carries_no_link(scene, channels):
    console = FakeChannel(carries_links=False)
    reach(scene.units, "manager", "sms:1")
    scene.rings(*NUISANCE)
    sends_all(sender(scene, {**channels, "console": console}, calls=Calls("https://tocsin.example")))
    assert (console.names, [one.link for one in console.delivered]) == (["Property · guard"], [None])


def test_the_same_message_to_two_addresses_has_two_ids_and_a_repetition_none_of_its_own(scene, send, channels):
    reach(scene.units, "manager", "sms:1", "sms:2")
    reach(scene.units, "guard", "feishu:3")
    ids = []

    def remember():
        ids.append(channels["sms"].delivered[-1].id)
        raise SystemExit

    channels["sms"].meanwhile = remember
    scene.rings(*NUISANCE)
    for _ in range(2):
        with pytest.raises(SystemExit):
            send()
        scene.clock.advance(seconds=LEASE.total_seconds())
    assert ids[0] == ids[1]
    channels["sms"].cut()
    sends_all(send)
    assert {one.channel for one in deliveries(scene)} == {"sms", "feishu"}


def test_who_resolves_it_ends_every_message(scene, send, channels):
    reach(scene.units, "manager", "sms:1")
    reach(scene.units, "guard", "feishu:2")
    scene.rings(*NUISANCE)
    channels["feishu"].cut()
    sends_all(send)
    scene.acknowledge("manager")
    scene.act.start(scene.only_task().id, "manager")
    scene.act.resolve(scene.only_task().id, "manager", ResolutionReason.FALSE_ALARM)
    channels["feishu"].mend()
    scene.clock.advance(hours=1)
    sends_all(send)
    asked = [message.about.reason for message in channels["feishu"].delivered]
    assert asked == [Reason.VERIFY], "of what was asked before nothing is said; the colleague is asked to look"
    assert len(channels["sms"].delivered) == 1, "who did the work is not asked to verify it"
