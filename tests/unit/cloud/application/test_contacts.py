"""A member says how to be reached; nobody else does, and the ledger knows no address."""

from datetime import time

import pytest

from cloud.application.asking.messages_sent import MessagesSent
from cloud.application.estates.sign_in import Identity
from cloud.application.notices.contact_book import TEST_EVERY, ContactBook
from cloud.domain.community.access import Purpose
from cloud.domain.community.contacts import Contact
from cloud.errors import Invalid, NotFound, Throttled
from tests.fakes.channels import FakeChannel, reach, sender, sends_all, silent
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, register

GUARD = register().members["guard"]


@pytest.fixture
def channels():
    return {"sms": FakeChannel(), "email": FakeChannel(), "feishu": FakeChannel(), **silent()}


@pytest.fixture
def book(scene, channels):
    return ContactBook(scene.units, scene.clock, scene.ids, channels)


def way(channel="sms", address="+86 138 0000 0000", **extra):
    return Contact("?", channel, address, **extra)


def test_contacts_are_kept_in_the_order_given_as_the_members_own(scene, book):
    kept = book.replace(
        GUARD, [ESTATE], [way("email", "guard@example.org"), way(quiet_from=time(22), quiet_until=time(7))]
    )
    assert [(one.member_id, one.channel, one.preference) for one in kept] == [
        ("guard", "email", 0),
        ("guard", "sms", 1),
    ]
    assert list(book.of("guard")) == list(kept)
    (entry,) = [entry for entry in scene.ledger() if entry.kind == "member.contacts-changed"]
    assert entry.data == {"channels": ["email", "sms"]}
    assert entry.actor == "member:guard"


def test_an_address_that_stays_stays_proven_and_a_new_one_is_not(scene, book):
    with scene.units.writing() as uow:
        uow.contacts.replace("guard", [Contact("guard", "sms", "13800000000", START)])
        uow.commit()
    kept = book.replace(GUARD, [ESTATE], [way(address="13900000000", verified_at=START), way(address="13800000000")])
    assert [one.verified_at for one in kept] == [None, START]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ([way("pigeon", "roof")], "there is email, feishu, sms"),
        ([way("console", "x")], "not set up here"),
        ([way("email", "nobody")], "does not look like an address"),
        ([way("email", "a@b.example,c@d.example")], "does not look like an address"),
        ([way("sms", "110; drop")], "does not look like an address"),
        ([way("feishu", "a b")], "does not look like an address"),
        ([way(quiet_from=time(22))], "belong together"),
        ([way(), way()], "stands there twice"),
        ([way(address=f"1380000{n:04}") for n in range(11)], "at most 10"),
    ],
)
def test_what_reaches_nobody_is_refused(scene, book, given, problem):
    with pytest.raises(Invalid, match=problem):
        book.replace(GUARD, [ESTATE], given)
    assert book.of("guard") == []


def test_a_test_message_says_whether_it_was_taken_and_not_too_often(scene, book, channels):
    reach(scene.units, "guard", "sms:1", "pager:2")
    assert book.test(GUARD, 0).taken
    assert [message.about for message in channels["sms"].delivered] == [None]
    with pytest.raises(Throttled):
        book.test(GUARD, 0)
    scene.clock.advance(seconds=TEST_EVERY.total_seconds())
    assert "not set up" in book.test(GUARD, 1).why
    scene.clock.advance(seconds=TEST_EVERY.total_seconds())
    channels["sms"].cut("no line")
    assert book.test(GUARD, 0).why == "no line"
    with pytest.raises(NotFound):
        book.test(GUARD, 2)


def test_what_became_of_messages_is_for_those_who_have_a_part_in_the_estate(scene, channels):
    scene.rings("access.held-open", "b1/door")
    sends_all(sender(scene, channels))
    sent = MessagesSent(scene.units)
    inside = Identity(GUARD, Purpose.API, frozenset(), (ESTATE,))
    assert len(sent(ESTATE, failed=False, limit=9, identity=inside)) == 2
    assert sent(ESTATE, failed=True, limit=9, identity=inside) == []
    with pytest.raises(NotFound):
        sent(ESTATE, failed=False, limit=9, identity=Identity(GUARD, Purpose.API, frozenset(), ()))


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
