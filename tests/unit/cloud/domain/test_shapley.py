"""A joint act is divided by the Shapley value: efficient, symmetric, nothing to who did nothing (governance.md, Credit)."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.domain.credit.shapley import (
    MAX_PLAYERS,
    Step,
    Synergy,
    coalitions,
    divided,
    exact,
    shares_of,
    whole_points,
)
from cloud.errors import Invalid

NAMES = [f"m{n}" for n in range(MAX_PLAYERS)]
groups = st.frozensets(st.sampled_from(NAMES[:6]), min_size=1)
steps = st.lists(st.builds(Step, st.integers(0, 100), groups), max_size=8)


def characteristic(game: list[Step], players: frozenset[str]) -> dict[frozenset[str], int]:
    """What each coalition is worth by itself in a sum of unanimity games."""
    return {c: sum(step.worth for step in game if step.needed <= c) for c in coalitions(players)}


def players_of(*games: list[Step]) -> frozenset[str]:
    return frozenset().union(*(step.needed for game in games for step in game))


@st.composite
def synergies(draw):
    """Any monotone characteristic function: raised where a coalition would be worth less than one within it."""
    given_ = draw(st.dictionaries(groups, st.integers(0, 50), min_size=1, max_size=8))
    return Synergy({c: max(w for inner, w in given_.items() if inner <= c) for c in given_})


@given(steps)
def test_each_steps_worth_equally_among_those_without_whom_it_would_not_have_been_done(game):
    """The closed form is the value that the definition gives, order by order."""
    players = players_of(game)
    assert divided(game) == exact(players, characteristic(game, players))


@given(steps, synergies())
def test_the_division_is_efficient(game, synergy):
    shares = shares_of(game, synergy)
    assert sum(shares.values()) == sum(step.worth for step in game) + synergy.of(synergy.players)


@given(steps)
def test_the_division_is_symmetric_before_rounding(game):
    """Two who stand in the same steps get the same; exchanging two players exchanges what they get."""
    swap = {"m0": "m1", "m1": "m0"}
    swapped = [Step(step.worth, frozenset(swap.get(p, p) for p in step.needed)) for step in game]
    assert {swap.get(p, p): share for p, share in divided(game).items()} == divided(swapped)


@given(synergies())
def test_who_adds_the_same_to_every_coalition_gets_the_same(synergy):
    players = synergy.players | {"m0", "m1"}
    table = {c: synergy.of(c) for c in coalitions(players)}
    alike = all(table[c | {"m0"}] == table[c | {"m1"}] for c in coalitions(players) if "m0" not in c and "m1" not in c)
    shares = exact(players, table)
    assert not alike or shares["m0"] == shares["m1"]


@given(steps, synergies())
def test_it_gives_nothing_to_who_did_nothing(game, synergy):
    players = players_of(game) | synergy.players | {"bystander"}
    table = {c: synergy.of(c) + sum(s.worth for s in game if s.needed <= c) for c in coalitions(players)}
    shares = exact(players, table)
    assert shares["bystander"] == 0
    assert {p: s for p, s in shares.items() if s} == {p: s for p, s in shares_of(game, synergy).items() if s}


@given(steps, steps)
def test_two_acts_together_are_worth_to_each_what_they_are_apart(one, other):
    together, first, second = divided(one + other), divided(one), divided(other)
    assert together == {p: first.get(p, 0) + second.get(p, 0) for p in first.keys() | second.keys()}


@given(synergies(), synergies())
def test_declared_synergies_add_up(one, other):
    players = one.players | other.players
    both = exact(players, {c: one.of(c) + other.of(c) for c in coalitions(players)})
    first, second = shares_of([], one), shares_of([], other)
    assert both == {p: first.get(p, 0) + second.get(p, 0) for p in players}


def test_declared_synergies_are_computed_exactly_for_up_to_ten():
    """A glove game: one holds the left glove, nine a right one; the left's share is 9/10 exactly."""
    pairs = Synergy({frozenset({"m0", right}): 1 for right in NAMES[1:]})
    shares = shares_of([], pairs)
    assert shares["m0"] == Fraction(9, 10)
    assert all(shares[right] == Fraction(1, 90) for right in NAMES[1:])
    with pytest.raises(Invalid, match="at most 10"):
        Synergy({frozenset({*NAMES, "one-more"}): 1})
    with pytest.raises(Invalid, match="at most 10"):
        exact([*NAMES, "one-more"], {})


def test_a_synergy_in_which_more_people_are_worth_less_is_refused():
    with pytest.raises(Invalid, match="less than 5"):
        Synergy({frozenset({"m0"}): 5, frozenset({"m0", "m1"}): 3})
    with pytest.raises(Invalid, match="0 points or more"):
        Synergy({frozenset({"m0"}): -1})
    with pytest.raises(Invalid, match="needs at least one person"):
        Step(4, frozenset())


@settings(max_examples=200)
@given(steps, synergies(), st.text(max_size=5))
def test_whole_points_are_conserved_exactly(game, synergy, lot):
    shares = shares_of(game, synergy)
    points = whole_points(shares, lot)
    assert sum(points.values()) == sum(shares.values())
    assert all(abs(points[p] - share) < 1 for p, share in shares.items())
    assert all(points[p] == share for p, share in shares.items() if share.denominator == 1)
    assert whole_points(dict(reversed(shares.items())), lot) == points


def test_the_lot_that_decides_among_equals_favours_nobody_over_many_acts():
    shares = divided([Step(10, frozenset({"a", "b", "c"}))])
    extra = {name: sum(whole_points(shares, f"act-{n}")[name] - 3 for n in range(300)) for name in "abc"}
    assert sum(extra.values()) == 300
    assert min(extra.values()) > 70


def test_shares_that_are_no_whole_points_are_refused():
    with pytest.raises(Invalid, match="1/2"):
        whole_points({"a": Fraction(1, 2)}, "x")
