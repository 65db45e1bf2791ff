"""Other systems are told what the ledger gains, at least once and under one id."""

from datetime import timedelta

import pytest

from cloud.application.messages import NotTaken
from cloud.application.notices.send_webhooks import LEASE, Posted, SendWebhooks
from cloud.application.notices.webhook_book import MOST, WebhookBook
from cloud.domain.community.faults import fault
from cloud.domain.records.narrative import sentence
from cloud.domain.records.webhook import BOTH_SECRETS, MOST_ATTEMPTS
from cloud.errors import Conflict, Invalid, NotFound
from tests.fakes.channels import FakePoster
from tests.fakes.estate import ESTATE

URL = "https://example.org/hook"


@pytest.fixture
def poster():
    return FakePoster()


@pytest.fixture
def book(scene, poster):
    return WebhookBook(scene.units, scene.clock, scene.ids, poster, random=lambda size: b"s" * size)


@pytest.fixture
def send(scene, poster):
    url = "https://tocsin.example"
    return SendWebhooks(scene.units, scene.clock, scene.ids, poster, jitter=lambda: 0.0, url=url)


def kinds(poster):
    return [event.document["type"] for event in poster.posted]


def test_it_is_told_what_happens_from_now_on_in_order(scene, book, send, poster):
    scene.rings("access.held-open", "b1/door")
    book.add(ESTATE, URL, ["incident.opened", "task.routed"], "manager")
    scene.rings("lift.entrapment", "b1/lift-1")
    while send().sent:
        pass
    assert kinds(poster) == ["org.tocsin.incident.opened", "org.tocsin.task.routed"]
    assert send().queued == 0


def test_what_concerns_a_home_never_leaves_for_other_systems(scene, book, send, poster):
    book.add(ESTATE, URL, ["incident.opened", "task.routed"], "manager")
    scene.rings("welfare.no-activity", "b1/door")
    scene.rings("access.held-open", "b2/door")
    while send().sent:
        pass
    assert kinds(poster) == ["org.tocsin.incident.opened", "org.tocsin.task.routed"]
    assert {event.document["data"]["facts"].get("equipment", "b2/door") for event in poster.posted} == {"b2/door"}


def test_what_is_sent_is_a_cloud_event(scene, book, send, poster):
    book.add(ESTATE, URL, ["incident.opened"], "manager")
    scene.rings("lift.entrapment", "b1/lift-1")
    send()
    (event,) = poster.posted
    told = event.document
    entry = next(entry for entry in scene.ledger() if entry.kind == "incident.opened")
    assert (told["specversion"], told["source"]) == ("1.0", "https://tocsin.example/estates/example")
    assert told["id"] == f"{ESTATE}:{entry.seq}" != event.id
    assert told["time"].endswith("Z")
    assert (told["sequence"], told["data"]["hash"]) == (f"{entry.seq:020d}", entry.hash)
    assert told["data"]["facts"]["hazard"] == "lift.entrapment"


def test_one_event_has_one_id_for_whoever_is_told_and_each_message_its_own(scene, book, send, poster):
    book.add(ESTATE, URL, ["incident.opened"], "manager")
    book.add(ESTATE, f"{URL}/other", ["incident.opened"], "manager")
    scene.rings("lift.entrapment", "b1/lift-1")
    poster.goes_down()
    send()
    poster.comes_back()
    scene.clock.advance(hours=1)
    send()
    first, second = poster.posted
    assert first.document == second.document
    assert first.id != second.id


def test_how_each_fares_is_seen_with_whose_it_is_and_what_it_did_not_take(scene, book, send, poster):
    took = book.add(ESTATE, URL, ["incident.opened"], "manager").webhook
    scene.rings("lift.entrapment", "b1/lift-1")
    send()
    book.change(ESTATE, took.id, "manager", active=False)
    fails = book.add(ESTATE, f"{URL}/other", ["incident.opened"], "manager").webhook
    poster.goes_down()
    for door in ("b1/door", "b2/door"):
        scene.rings("access.held-open", door)
    while send().queued:
        scene.clock.advance(seconds=1)
    send()
    first, second = book.kept(ESTATE, "manager", untaken=1)
    assert (first.webhook.id, first.tally.waiting, first.tally.given_up, list(first.untaken)) == (took.id, 0, 0, [])
    assert first.tally.taken_at is not None
    with scene.units.reading() as uow:
        assert first.party == uow.registers.find(ESTATE).parties["property"].names
    assert (second.webhook.id, second.tally.waiting, second.tally.taken_at) == (fails.id, 2, None)
    assert [one.why for one in second.untaken] == ["it answered 503"]
    assert book.kept(ESTATE, "nobody", untaken=1) == []


def test_what_failed_is_tried_again_under_the_same_id_and_given_up_in_the_end(scene, book, send, poster):
    shown = book.add(ESTATE, URL, ["incident.opened"], "manager")
    scene.rings("lift.entrapment", "b1/lift-1")
    poster.goes_down()
    assert send().failed == 1
    assert send().failed == 0, "not before its next attempt is due"
    for _ in range(MOST_ATTEMPTS):
        scene.clock.advance(hours=16)
        send()
    (posting,) = book.postings(ESTATE, shown.webhook.id, "manager", failed=True, limit=9)
    assert (posting.attempts, posting.why) == (MOST_ATTEMPTS, "it answered 503")
    assert posting.failed_at is not None
    (given_up,) = [entry for entry in scene.ledger() if entry.kind == "webhook.given-up"]
    assert given_up.data["seq"] == posting.seq
    assert given_up.data["failure"] == {"code": "answered", "values": {"status": 503}}
    with scene.units.reading() as uow:
        assert sentence(given_up, uow.registers.find(ESTATE)).zh.endswith("不再重试：对方答复 503")


def gives_up(scene, send, poster):
    poster.goes_down()
    for _ in range(MOST_ATTEMPTS):
        send()
        scene.clock.advance(hours=16)
    poster.comes_back()


def test_what_was_given_up_is_sent_once_more_under_the_same_id(scene, book, send, poster):
    shown = book.add(ESTATE, URL, ["incident.opened"], "manager")
    scene.rings("lift.entrapment", "b1/lift-1")
    gives_up(scene, send, poster)
    (posting,) = book.untaken(ESTATE, 9, "manager").postings
    assert send().sent == 0
    book.again(ESTATE, shown.webhook.id, posting.id, "manager")
    (waiting,) = book.untaken(ESTATE, 9, "manager").postings
    assert (waiting.failed_at, waiting.attempts, waiting.why) == (None, 0, "it answered 503")
    with pytest.raises(Conflict, match="not given up"):
        book.again(ESTATE, shown.webhook.id, posting.id, "manager")
    assert send().sent == 1
    assert poster.posted[0].id == posting.id
    assert book.untaken(ESTATE, 9, "manager").postings == []
    (said,) = [entry for entry in scene.ledger() if entry.kind == "webhook.tried-again"]
    assert (said.actor, said.data["seq"]) == ("member:manager", posting.seq)


def test_nothing_is_sent_again_that_is_not_there_or_where_nobody_listens(scene, book, send, poster):
    shown = book.add(ESTATE, URL, ["incident.opened"], "manager")
    other = book.add(ESTATE, f"{URL}/other", ["task.closed"], "manager")
    scene.rings("lift.entrapment", "b1/lift-1")
    gives_up(scene, send, poster)
    (posting,) = book.untaken(ESTATE, 9, "manager").postings
    for webhook, which in ((other.webhook.id, posting.id), (shown.webhook.id, "none"), ("none", posting.id)):
        with pytest.raises(NotFound):
            book.again(ESTATE, webhook, which, "manager")
    with pytest.raises(NotFound):
        book.again("elsewhere", shown.webhook.id, posting.id, "manager")
    book.change(ESTATE, shown.webhook.id, "manager", active=False)
    with pytest.raises(Conflict, match="switched off"):
        book.again(ESTATE, shown.webhook.id, posting.id, "manager")


def test_what_anothers_system_did_not_take_is_not_shown_nor_sent_again(scene, book, send, poster):
    shown = book.add(ESTATE, URL, ["incident.opened"], "manager")
    scene.rings("lift.entrapment", "b1/lift-1")
    gives_up(scene, send, poster)
    (posting,) = book.untaken(ESTATE, 9, "manager").postings
    untaken = book.untaken(ESTATE, 9, "technician")
    assert (untaken.postings, untaken.gone) == ((), [])
    with pytest.raises(NotFound):
        book.again(ESTATE, shown.webhook.id, posting.id, "technician")


def test_one_that_says_it_is_gone_is_switched_off_at_once_and_said_so_once(scene, book, send, poster):
    shown = book.add(ESTATE, URL, [], "manager")
    scene.rings("lift.entrapment", "b1/lift-1")
    poster.answers(NotTaken(fault("answered", status=410), gone=True))
    assert send(limit=2).failed == 2
    known, untaken = book.one(ESTATE, shown.webhook.id, "manager"), book.untaken(ESTATE, 50, "manager")
    assert not known.active
    assert known.gone_at == scene.clock.now()
    assert untaken.gone == [known]
    assert len(untaken.postings) > 2
    assert {(one.why, one.failed_at) for one in untaken.postings} == {("it answered 410", scene.clock.now())}
    poster.comes_back()
    scene.clock.advance(hours=16)
    assert send() == Posted(0, 0, 0)
    assert [entry.kind for entry in scene.ledger() if entry.kind.startswith("webhook.")] == [
        "webhook.added",
        "webhook.gone",
    ]
    woken = book.change(ESTATE, shown.webhook.id, "manager", active=True)
    assert woken.gone_at is None
    assert book.untaken(ESTATE, 9, "manager").gone == []


def test_one_whose_address_was_mended_meanwhile_is_not_switched_off(scene, book, send, poster):
    shown = book.add(ESTATE, URL, ["incident.opened"], "manager")
    scene.rings("lift.entrapment", "b1/lift-1")
    poster.answers(NotTaken(fault("answered", status=410), gone=True))
    poster.meanwhile = lambda: book.change(ESTATE, shown.webhook.id, "manager", url=f"{URL}/new")
    send()
    assert book.one(ESTATE, shown.webhook.id, "manager").active


def test_who_asks_for_a_rest_has_it_and_no_longer_than_a_day(scene, book, send, poster):
    book.add(ESTATE, URL, [], "manager")
    scene.rings("lift.entrapment", "b1/lift-1")
    poster.answers(NotTaken(fault("answered", status=429), rest=timedelta(minutes=10)))
    assert send(limit=1).failed == 1
    poster.comes_back()
    scene.clock.advance(minutes=9)
    assert send().sent == 0, "what waits beside it rests too"
    scene.clock.advance(minutes=1)
    assert send().sent > 1
    poster.answers(NotTaken(fault("answered", status=503), rest=timedelta(days=400)))
    scene.rings("access.held-open", "b1/door")
    send()
    poster.comes_back()
    scene.clock.advance(hours=24)
    assert send().sent > 1


def test_that_one_was_given_up_is_told_to_no_webhook(scene, book, send, poster):
    book.add(ESTATE, URL, [], "manager")
    poster.goes_down()
    scene.rings("lift.entrapment", "b1/lift-1")
    for _ in range(MOST_ATTEMPTS + 2):
        send()
        scene.clock.advance(hours=16)
    poster.comes_back()
    for _ in range(5):
        send()
        scene.clock.advance(hours=16)
    assert kinds(poster) == []


def test_a_crash_while_it_is_sent_sends_it_again_under_the_same_id(scene, book, poster):
    book.add(ESTATE, URL, ["incident.opened"], "manager")
    scene.rings("lift.entrapment", "b1/lift-1")

    def die():
        raise SystemExit

    poster.meanwhile = die
    with pytest.raises(SystemExit):
        SendWebhooks(scene.units, scene.clock, scene.ids, poster)()
    poster.meanwhile = lambda: None
    again = SendWebhooks(scene.units, scene.clock, scene.ids, poster)
    assert again().sent == 0, "it is held by the worker that died"
    scene.clock.advance(seconds=LEASE.total_seconds())
    assert again().sent == 1
    first, second = poster.posted
    assert (first.id, first.document) == (second.id, second.document)


def test_two_workers_never_send_the_same(scene, book, poster):
    book.add(ESTATE, URL, [], "manager")
    scene.rings("lift.entrapment", "b1/lift-1")
    other = SendWebhooks(scene.units, scene.clock, scene.ids, poster)
    poster.meanwhile = other
    SendWebhooks(scene.units, scene.clock, scene.ids, poster)()
    poster.meanwhile = lambda: None
    ids = [event.id for event in poster.posted]
    assert len(ids) == len(set(ids)) > 3


def test_a_new_secret_signs_beside_the_old_one_for_a_day(scene, book, send, poster):
    first = book.add(ESTATE, URL, ["incident.opened"], "manager")
    book._random = lambda size: b"t" * size
    second = book.rotate(ESTATE, first.webhook.id, "manager")
    assert first.secret != second.secret
    scene.rings("lift.entrapment", "b1/lift-1")
    send()
    assert poster.posted[0].secrets == (second.secret, first.secret)
    scene.clock.advance(seconds=BOTH_SECRETS.total_seconds() + 1)
    scene.rings("access.held-open", "b1/door")
    send()
    assert poster.posted[1].secrets == (second.secret,)


def test_one_that_sleeps_is_told_nothing_and_wakes_to_what_is_new(scene, book, send, poster):
    shown = book.add(ESTATE, URL, ["incident.opened"], "manager")
    book.change(ESTATE, shown.webhook.id, "manager", active=False)
    scene.rings("lift.entrapment", "b1/lift-1")
    send()
    book.change(ESTATE, shown.webhook.id, "manager", active=True)
    scene.rings("access.held-open", "b1/door")
    send()
    assert [event.document["data"]["facts"]["hazard"] for event in poster.posted] == ["access.held-open"]


def test_every_change_is_in_the_ledger_and_no_secret_nor_address(scene, book):
    shown = book.add(ESTATE, URL, [], "manager")
    book.change(ESTATE, shown.webhook.id, "manager", url="https://other.example/")
    book.rotate(ESTATE, shown.webhook.id, "manager")
    book.remove(ESTATE, shown.webhook.id, "manager")
    said = [entry for entry in scene.ledger() if entry.kind.startswith("webhook.")]
    assert [entry.kind.removeprefix("webhook.") for entry in said] == ["added", "changed", "secret-rotated", "removed"]
    assert {entry.actor for entry in said} == {"member:manager"}
    assert "example.org" not in str(said)
    assert "whsec" not in str(said)


def test_what_cannot_be_is_refused(scene, book):
    with pytest.raises(Invalid, match="https"):
        book.add(ESTATE, "http://example.org", [], "manager")
    with pytest.raises(Invalid, match="no kind of ledger entry"):
        book.add(ESTATE, URL, ["alert.exploded"], "manager")
    with pytest.raises(NotFound):
        book.one(ESTATE, "none", "manager")
    shown = book.add(ESTATE, URL, [], "manager")
    with pytest.raises(NotFound):
        book.one("elsewhere", shown.webhook.id, "manager")
    with pytest.raises(Conflict, match="told of that already"):
        book.add(ESTATE, URL, [], "manager")
    for number in range(MOST - 1):
        book.add(ESTATE, f"{URL}/{number}", [], "manager")
    with pytest.raises(Conflict, match="Remove one"):
        book.add(ESTATE, f"{URL}/more", [], "manager")


def test_a_test_message_is_sent_now_and_says_what_came_of_it(scene, book, poster):
    shown = book.add(ESTATE, URL, [], "manager")
    assert book.try_out(ESTATE, shown.webhook.id, "manager").taken
    assert kinds(poster) == ["org.tocsin.test"]
    poster.goes_down("refused")
    assert book.try_out(ESTATE, shown.webhook.id, "manager").why == "refused"
    assert timedelta(hours=24) == BOTH_SECRETS
