"""When a node is sent the estate's card key, when it is waited for, and when a card would be shut out by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.fleet.card_key import (
    BEHIND_AFTER,
    CONFIRMED_WITHIN,
    LONGEST_PAUSE,
    CardKey,
    Holder,
    Reason,
    Situation,
    Step,
    closes_out,
    is_neglected,
    may_follow,
    next_step,
)
from cloud.domain.fleet.node import Node
from cloud.domain.fleet.order import Order, OrderState
from tests.fakes.clocks import START
from tests.fakes.estate import BOOT, ESTATE

NEW, OWN, OLDER = "aaaaaaaa", "bbbbbbbb", "cccccccc"
KEY = CardKey(ESTATE, 2, NEW, START, "kept", "clock", Reason.DUE)
HOLDER = Holder(ESTATE, "b1-node", OWN, OWN)
NOW = START + timedelta(hours=1)


def node(**said) -> Node:
    facts = {"online": True, "boot": BOOT, "heard_at": NOW, "health": {"boot": BOOT, "card_key": OWN}}
    return Node(ESTATE, "b1-node", **(facts | said))


def order(state=None, detail="", *, key=NEW, sealed_for="key", boot=BOOT, at=NOW, answered=None) -> Order:
    arguments = {"key_id": key, "sealed_for": sealed_for}
    return Order(
        "1", ESTATE, "b1-node", boot, "accept-card-key", "system", at, at + timedelta(minutes=10), arguments,
        outcome=state, detail=detail, answered_at=answered,
    )  # fmt: skip


def step(order=None, *, holder=HOLDER, key=KEY, listed=frozenset(), sealing="key", now=NOW, **said) -> Step:
    return next_step(key, holder, Situation(node(**said), sealing, listed, order), now)


def test_who_names_the_estates_key_has_it_and_who_names_another_is_sent_it():
    assert step(holder=replace(HOLDER, reported=NEW)) is Step.HAS
    assert step() is Step.ISSUE


def test_a_node_that_is_away_or_whose_last_word_is_of_another_run_is_not_sent_it_yet():
    assert step(online=False) is Step.AWAY
    assert step(heard_at=NOW - timedelta(minutes=4)) is Step.AWAY
    assert step(health={"boot": "another", "card_key": OWN}) is Step.AWAY


def test_nothing_can_be_sealed_for_a_node_without_a_certificate_of_ours():
    assert step(sealing=None) is Step.NOT_ENROLLED


def test_an_order_is_waited_for_until_it_expires():
    assert step(order()) is Step.ASKED
    assert step(order(at=NOW - timedelta(minutes=11))) is Step.ISSUE


def test_an_order_that_was_refused_is_given_again_after_a_pause_that_doubles_and_has_an_end():
    refused = order(OrderState.REFUSED, "reads no cards", at=NOW - timedelta(minutes=3))
    assert step(refused, holder=replace(HOLDER, tries=1)) is Step.ISSUE
    assert step(refused, holder=replace(HOLDER, tries=4)) is Step.PAUSES
    assert replace(HOLDER, tries=10_000).pause() == LONGEST_PAUSE


def test_it_is_sealed_anew_at_once_when_the_certificate_was_renewed_or_the_node_started_anew():
    detail = "it is sealed for another key than this node's certificate has now"
    refused = order(OrderState.FAILED, detail, at=NOW, sealed_for="before")
    assert step(refused, holder=replace(HOLDER, tries=9)) is Step.ISSUE
    assert step(replace(refused, arguments={"key_id": NEW, "sealed_for": "key"}), holder=replace(HOLDER, tries=9)) is (
        Step.PAUSES
    )
    assert step(order(boot="another"), holder=replace(HOLDER, tries=9)) is Step.ISSUE


def test_who_took_it_and_still_names_another_a_while_later_is_sent_it_again():
    took = order(OrderState.DONE, at=NOW, answered=NOW)
    assert step(took, now=NOW + timedelta(minutes=1)) is Step.ASKED
    later = NOW + CONFIRMED_WITHIN
    assert step(took, now=later, heard_at=later, holder=replace(HOLDER, tries=1)) is Step.ISSUE


def test_a_node_that_used_the_key_before_needs_a_new_one_at_most_once_a_day():
    told = order(OrderState.FAILED, f"accept-card-key: card key {NEW} is the one before: make a new one")
    assert step(told) is Step.USED_BEFORE
    assert not may_follow(KEY, Step.USED_BEFORE, NOW)
    assert may_follow(KEY, Step.USED_BEFORE, START + timedelta(days=1))
    assert not may_follow(KEY, Step.ISSUE, START + timedelta(days=1))


def test_a_key_is_not_sent_while_another_may_still_be_on_its_way():
    """Two in a row would push out the one that gates list by."""
    on_its_way = order(key=OLDER, at=NOW - timedelta(minutes=12))
    assert step(on_its_way, listed=frozenset({OWN})) is Step.ASKED
    assert step(replace(on_its_way, outcome=OrderState.REFUSED), listed=frozenset({OWN})) is Step.ISSUE
    assert step(on_its_way, holder=replace(HOLDER, reported=OLDER), listed=frozenset({OLDER})) is Step.ISSUE


def test_no_key_is_sent_that_would_shut_out_a_card_unless_it_was_forced():
    assert step(listed=frozenset({OWN, NEW})) is Step.ISSUE
    assert step(listed=frozenset({OLDER})) is Step.WOULD_CLOSE
    assert step(listed=None) is Step.UNKNOWN_LISTS
    forced = replace(KEY, reason=Reason.FORCED)
    assert step(listed=frozenset({OLDER}), key=forced) is Step.ISSUE
    assert step(listed=None, key=forced) is Step.ISSUE


def test_a_hash_without_a_name_is_of_the_first_key_that_the_node_is_known_by():
    assert step(listed=frozenset({None})) is Step.ISSUE
    assert step(listed=frozenset({None}), holder=replace(HOLDER, first=OLDER)) is Step.WOULD_CLOSE


NAMES = st.sampled_from([NEW, OWN, OLDER, "dddddddd"])


@given(st.frozensets(NAMES | st.none()), NAMES, NAMES, NAMES)
def test_what_is_not_said_to_close_out_is_known_afterwards(listed, first, reported, new):
    holder = Holder(ESTATE, "n", first, reported)
    known = {new, reported}
    shut = [name for name in listed if (first if name is None else name) not in known]
    assert closes_out(listed, holder, new) == bool(shut)


def test_who_is_heard_without_the_key_for_a_day_is_neglected_and_who_is_away_is_not():
    behind = HOLDER.stands(Step.WOULD_CLOSE, node(), NOW)
    assert behind.behind_since == NOW
    assert behind.stands(Step.ASKED, node(), NOW + timedelta(hours=2)).behind_since == NOW
    assert not is_neglected([behind], NOW + BEHIND_AFTER - timedelta(seconds=1))
    assert is_neglected([behind], NOW + BEHIND_AFTER)
    assert behind.stands(Step.AWAY, node(), NOW + timedelta(minutes=5)).behind_since == NOW
    assert behind.stands(Step.AWAY, node(), NOW + timedelta(hours=5)).behind_since is None
    assert behind.stands(Step.HAS, node(), NOW).behind_since is None
    assert HOLDER.stands(Step.AWAY, node(), NOW).behind_since is None


@pytest.mark.parametrize("days", [179, 180])
def test_a_key_is_due_after_the_period(days):
    assert KEY.is_due(timedelta(days=180), START + timedelta(days=days)) == (days == 180)
