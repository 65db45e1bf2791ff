"""A member says how to be reached; nobody else does, and the ledger knows no address."""

from datetime import time

import pytest

from cloud.application.asking.messages_sent import MessagesSent
from cloud.application.estates.sign_in import Identity
from cloud.application.rosters.keep_contacts import KeepContacts
from cloud.application.rosters.through_channels import TEST_EVERY, ThroughChannels
from cloud.domain.community.access import Purpose
from cloud.domain.community.contacts import Contact
from cloud.errors import Invalid, NotFound, Throttled, Unavailable
from tests.fakes.channels import FakeChannel, reach, sender, sends_all, silent
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, register
from tests.fakes.reach import Letterbox

GUARD = Identity(register().members["guard"], Purpose.API, frozenset(), (ESTATE,))


@pytest.fixture
def channels():
    return {"sms": FakeChannel(), "email": FakeChannel(), "feishu": FakeChannel(), **silent()}


@pytest.fixture
def letterbox():
    return Letterbox()


@pytest.fixture
def through(scene, channels, letterbox):
    return ThroughChannels(channels, letterbox, scene.clock, scene.ids)


@pytest.fixture
def book(scene, through):
    return KeepContacts(scene.units, scene.clock, through, lambda: "123456")


def kept(scene):
    with scene.units.reading() as uow:
        return list(uow.contacts.of("guard"))


def way(channel="sms", address="+86 138 0000 0000", **extra):
    return Contact("?", channel, address, **extra)


def test_contacts_are_kept_in_the_order_given_as_the_members_own(scene, book):
    book.replace("guard", [way("email", "guard@example.org"), way(quiet_from=time(22), quiet_until=time(7))], GUARD)
    assert [(one.member_id, one.channel, one.preference, one.quiet_from) for one in kept(scene)] == [
        ("guard", "email", 0, None),
        ("guard", "sms", 1, time(22)),
    ]
    (entry,) = [entry for entry in scene.ledger() if entry.kind == "member.contacts-changed"]
    assert entry.data == {"member": "guard", "party": "property", "channels": ["email", "sms"]}
    assert entry.actor == "member:guard"


def test_an_address_that_stays_stays_proven_and_a_new_one_is_not(scene, book):
    with scene.units.writing() as uow:
        uow.contacts.replace("guard", [Contact("guard", "sms", "13800000000", START)])
        uow.commit()
    book.replace("guard", [way(address="13900000000", verified_at=START), way(address="13800000000")], GUARD)
    assert [one.verified_at for one in kept(scene)] == [None, START]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ([way("pigeon", "roof")], "there is email, feishu, sms"),
        ([way("console", "x")], "not set up here"),
        ([way("email", "nobody")], "contacts.0.address: write an e-mail address"),
        ([way("email", "a@b.example,c@d.example")], "write an e-mail address"),
        ([way("sms", "110; drop")], "write a telephone number"),
        ([way("feishu", "a b")], "without blanks"),
        ([way(quiet_from=time(22))], "belong together"),
        ([way(), way()], "stands there twice"),
        ([way(address=f"1380000{n:04}") for n in range(11)], "at most 10"),
    ],
)
def test_what_reaches_nobody_is_refused(scene, book, given, problem):
    with pytest.raises(Invalid, match=problem):
        book.replace("guard", given, GUARD)
    assert kept(scene) == []


def test_nobody_else_orders_a_members_contacts(scene, book):
    manager = scene.identity("manager")
    assert book.add("guard", "sms", "13800000000", manager).address == "138***00"
    with pytest.raises(NotFound):
        book.replace("guard", [], manager)
    assert len(kept(scene)) == 1


def test_a_contact_whose_channel_was_taken_down_stays_until_it_is_taken_out(scene, book):
    reach(scene.units, "guard", "pager:2")
    book.replace("guard", [way(), way("pager", "2")], GUARD)
    assert [one.channel for one in kept(scene)] == ["sms", "pager"]
    with pytest.raises(Invalid, match="not set up here"):
        book.add("guard", "pigeon", "roof", GUARD)


def test_a_test_message_says_whether_it_was_taken_and_not_too_often(scene, book, channels):
    reach(scene.units, "guard", "sms:1", "pager:2")
    sms, pager = (one.key for one in kept(scene))
    assert book.test("guard", sms, GUARD).taken
    assert [message.about for message in channels["sms"].delivered] == [None]
    with pytest.raises(Throttled):
        book.test("guard", sms, GUARD)
    scene.clock.advance(seconds=TEST_EVERY.total_seconds())
    assert "not set up" in book.test("guard", pager, GUARD).why
    scene.clock.advance(seconds=TEST_EVERY.total_seconds())
    channels["sms"].cut("no line")
    assert book.test("guard", sms, GUARD).why == "no line"
    with pytest.raises(NotFound):
        book.test("guard", "sms:none", GUARD)


def test_a_code_goes_through_the_very_channel_and_to_the_console_only_where_there_is_none(
    scene, book, channels, letterbox
):
    reach(scene.units, "guard", "sms:1", "pager:2", verified_at=None)
    sms, pager = (one.key for one in kept(scene))
    book.send_code("guard", sms, GUARD)
    (message,) = channels["sms"].delivered
    assert (message.address, "123456" in message.text) == ("1", True)
    with pytest.raises(Unavailable):
        book.send_code("guard", pager, GUARD)
    assert book.verify("guard", sms, "123456", GUARD).relied_upon
    assert letterbox.arrived == []
    trial = ThroughChannels(silent(), letterbox, scene.clock, scene.ids)
    scene.clock.advance(minutes=2)
    KeepContacts(scene.units, scene.clock, trial, lambda: "654321").send_code("guard", pager, GUARD)
    assert letterbox.read() == "654321"


def test_what_became_of_messages_is_for_those_who_have_a_part_in_the_estate(scene, channels):
    scene.rings("access.held-open", "b1/door")
    sends_all(sender(scene, channels))
    sent = MessagesSent(scene.units)
    assert len(sent(ESTATE, failed=False, limit=9, identity=GUARD)) == 2
    assert sent(ESTATE, failed=True, limit=9, identity=GUARD) == []
    with pytest.raises(NotFound):
        sent(ESTATE, failed=False, limit=9, identity=Identity(GUARD.member, Purpose.API, frozenset(), ()))


def test_news_for_somebody_who_can_only_be_rung_are_kept_to_ourselves(scene):
    voice, sms = FakeChannel(rings=True), FakeChannel()
    reach(scene.units, "technician", "sms:1")
    reach(scene.units, "foreman", "voice:2")
    scene.rings("lift.entrapment", "b1/lift-1")
    send = sender(scene, {"sms": sms, "voice": voice})
    sends_all(send)
    scene.acknowledge("technician")
    sends_all(send)
    assert len(voice.delivered) == 1
    with scene.units.reading() as uow:
        due = uow.outbox.due(scene.clock.advance(days=1), 100)
    assert "foreman" not in {delivery.member_id for delivery in due}
