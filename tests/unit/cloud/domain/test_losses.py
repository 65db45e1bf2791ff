"""A gap is a loss once its node holds it no more, or once it stayed in doubt for a day; what comes is lost no more."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.fleet.losses import DOUBTED_FOR, Losses, Said
from cloud.domain.fleet.progress import Ranges
from tests.fakes.clocks import START

NUMBERS = st.sets(st.integers(1, 40))


def ranges(numbers):
    return Ranges((number, number) for number in sorted(numbers))


def numbers(found):
    return {number for first, last in found for number in range(first, last + 1)}


def losses():
    return Losses("e", "n", "o", "telemetry")


def test_what_the_node_gave_a_number_and_holds_no_more_is_lost():
    judged = losses().judge(Ranges([(1, 4), (8, 8)]), Said(given=12, oldest=11), START)
    assert list(judged.declared) == [(5, 7), (9, 10)]


def test_what_still_waits_at_the_node_is_not():
    judged = losses().judge(Ranges([(1, 4), (8, 8)]), Said(given=8, oldest=5), START)
    assert not judged.anything


def test_what_was_numbered_after_the_node_spoke_may_be_on_its_way():
    judged = losses().judge(Ranges([(1, 4), (8, 8)]), Said(given=5, oldest=None), START)
    assert list(judged.declared) == [(5, 5)]


def test_of_an_outbox_that_is_over_all_is_judged_to_the_last_number_known():
    judged = losses().judge(Ranges([(1, 4), (8, 8)]), Said(given=5, oldest=None, over=True), START)
    assert list(judged.declared) == [(5, 7)]


def test_of_a_salvaged_outbox_nothing_beyond_the_highest_known_is_guessed():
    judged = losses().judge(Ranges([(1, 4), (8, 8)]), Said(given=None, oldest=None), START)
    assert list(judged.declared) == [(5, 7)]


def test_what_was_not_said_is_lost_after_a_day_in_doubt_and_not_before():
    book, accounted = losses(), Ranges([(1, 4), (8, 8)])
    assert book.judge(accounted, None, START).doubts_changed
    assert not book.judge(accounted, None, START + DOUBTED_FOR - timedelta(seconds=1)).anything
    later = Ranges([(1, 5), (8, 8), (10, 10)])
    assert list(book.judge(later, None, START + DOUBTED_FOR).declared) == [(6, 7)], "9 is missing since just now"


@given(NUMBERS, NUMBERS, st.integers(0, 40), st.integers(1, 80))
def test_each_number_counts_once_whenever_it_comes(stored, later, given_, waits_from):
    book, oldest = losses(), waits_from if waits_from <= given_ else None
    first = book.judge(ranges(stored), Said(given_, oldest), START)
    assert not numbers(book.lost) & stored
    assert numbers(first.declared) == numbers(book.lost)
    again = book.judge(ranges(stored | later), Said(given_, oldest), START)
    assert not again.declared, "what arrives makes nothing else a loss"
    assert numbers(book.lost) == numbers(first.declared) - later
    assert numbers(again.found) == numbers(first.declared) & later


@given(NUMBERS, NUMBERS)
def test_ranges_are_taken_from_each_other_as_sets_are(left, right):
    assert numbers(ranges(left).minus(ranges(right))) == left - right
    assert numbers(ranges(left).both(ranges(right))) == left & right
