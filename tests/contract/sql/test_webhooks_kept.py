"""What every store of webhooks promises: they come back whole, their postings are claimed once, their fate is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.webhook import Posting, Tally, Webhook
from tests.contract.sql.test_units_of_work import LATER, loaded
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE

__all__ = ["loaded"]


def hook(**extra) -> Webhook:
    return replace(Webhook("w1", ESTATE, "https://example.org/", "whsec_x", "manager", START), **extra)


def test_webhooks_come_back_whole_and_are_behind_when_the_ledger_has_gone_on(loaded):
    whole = hook(kinds=frozenset({"task.closed"}), former_secret="whsec_y", former_until=LATER)
    with loaded.writing() as uow:
        uow.webhooks.save(whole)
        assert uow.webhooks.behind() == []
        uow.ledger.append(ESTATE, [Draft(Kind.ESTATE_LOADED, START, "system")])
        uow.webhooks.save(hook(id="w2", active=False))
        uow.commit()
    with loaded.writing() as uow:
        assert uow.webhooks.get("w1") == whole
        assert uow.webhooks.get("w9") is None
        assert [w.id for w in uow.webhooks.of(ESTATE)] == ["w1", "w2"]
        assert list(uow.webhooks.behind()) == [whole]
        uow.webhooks.save(replace(whole, position=1))
        assert uow.webhooks.behind() == []


def test_one_that_is_gone_is_switched_off_with_what_waits_for_it_and_its_new_address_is_not(loaded):
    with loaded.writing() as uow:
        uow.webhooks.save(hook())
        uow.webhooks.save(hook(id="w2"))
        uow.webhooks.post([Posting(f"p{n}", f"w{n}", ESTATE, n, START, START) for n in (1, 2)])
        uow.webhooks.post([Posting("p3", "w1", ESTATE, 3, START, START, 1, START)])
        uow.commit()
    with loaded.writing() as uow:
        assert not uow.webhooks.gone("w1", "https://example.org/elsewhere", "410", LATER)
        assert not uow.webhooks.gone("w9", "https://example.org/", "410", LATER)
        assert uow.webhooks.gone("w1", "https://example.org/", "410", LATER)
        assert not uow.webhooks.gone("w1", "https://example.org/", "410", LATER)
        uow.commit()
    with loaded.reading() as uow:
        assert uow.webhooks.get("w1") == hook(active=False, gone_at=LATER)
        assert uow.webhooks.get("w2") == hook(id="w2")
        assert [(p.id, p.failed_at) for p in uow.webhooks.untaken(ESTATE, ["w1", "w2"], 9)] == [("p1", LATER)]
        assert uow.webhooks.untaken("elsewhere", ["w1"], 9) == uow.webhooks.untaken(ESTATE, ["w2"], 9) == []
        assert uow.webhooks.posting("p3").sent_at == START
        assert uow.webhooks.posting("p9") is None
        assert [p.failed_at for p in uow.webhooks.postings("w2", failed=False, limit=9)] == [None]


def test_who_rests_is_tried_no_earlier_and_no_sooner_than_it_was_to_be(loaded):
    with loaded.writing() as uow:
        uow.webhooks.save(hook())
        later = LATER + timedelta(hours=1)
        uow.webhooks.post([Posting("p1", "w1", ESTATE, 1, START, START), Posting("p2", "w1", ESTATE, 2, START, later)])
        uow.webhooks.rest("w1", LATER)
        uow.webhooks.rest("w2", later)
        uow.commit()
    with loaded.reading() as uow:
        found = uow.webhooks.postings("w1", failed=False, limit=9)
        assert {p.id: p.next_attempt_at for p in found} == {"p1": LATER, "p2": later}


def test_how_it_fares_with_a_webhook_is_counted_by_what_became_of_each_posting(loaded):
    with loaded.writing() as uow:
        for name in ("w1", "w2", "w3"):
            uow.webhooks.save(hook(id=name))
        waits, lost = Posting("p1", "w1", ESTATE, 1, START, START), {"failed_at": LATER, "why": "503"}
        taken = [replace(waits, id=f"p{n}", sent_at=at) for n, at in ((2, LATER), (3, START))]
        gone = [replace(waits, id="p4", **lost), replace(waits, id="p5", webhook_id="w2", **lost)]
        uow.webhooks.post([waits, *taken, *gone])
        uow.commit()
    with loaded.reading() as uow:
        assert uow.webhooks.tallies(["w1", "w2", "w3"]) == {"w1": Tally(1, 1, LATER), "w2": Tally(0, 1, None)}
        assert uow.webhooks.tallies([]) == {}


def test_postings_are_claimed_like_messages_and_go_with_their_webhook(loaded):
    posts = [Posting(f"p{n}", "w1", ESTATE, n, START, START) for n in (1, 2)]
    with loaded.writing() as uow:
        uow.webhooks.save(hook())
        uow.webhooks.post([])
        uow.webhooks.post(posts)
        uow.commit()
    with loaded.writing() as uow:
        assert uow.webhooks.any_due(START)
        (first,) = uow.webhooks.claim(START, by="one", until=LATER, limit=1)
        assert [p.id for p in uow.webhooks.claim(START, by="two", until=LATER)] == ["p2"]
        assert not uow.webhooks.any_due(START)
        assert not uow.webhooks.settle(first.sent(START), by="two")
        assert uow.webhooks.settle(first.failed("503", START, 0.0), by="one")
        uow.commit()
    with loaded.writing() as uow:
        assert [p.id for p in uow.webhooks.postings("w1", failed=False, limit=9)] == ["p2", "p1"]
        assert [p.why for p in uow.webhooks.postings("w1", failed=True, limit=9)] == ["503"]
        uow.webhooks.remove("w1")
        uow.commit()
    with loaded.writing() as uow:
        assert uow.webhooks.of(ESTATE) == []
        assert uow.webhooks.postings("w1", failed=False, limit=9) == []
        assert not uow.webhooks.any_due(LATER)
