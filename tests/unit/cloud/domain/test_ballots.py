"""A ballot counts as the law does; a second person stands behind what is entered for somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.community.names import Names
from cloud.domain.consultation.ballot import Ballot, Channel, Choice, Vote, check_absent, check_second, standing, tally
from cloud.domain.consultation.majorities import CIVIL_CODE_278, ONE_MEMBER_ONE_VOTE, Outcome, Rule, Share, checked
from cloud.domain.consultation.proposal import Cost, MatterKind, Payer
from cloud.domain.consultation.proposal import checked as checked_proposal
from cloud.domain.consultation.roll import Owner, Unit, roll_of
from cloud.errors import Conflict, Invalid, NotAllowed

START = datetime(2026, 11, 1, tzinfo=UTC)
FOR, AGAINST, ABSTAIN = Choice.FOR, Choice.AGAINST, Choice.ABSTAIN


def ballot(*areas: str, rule: Rule = CIVIL_CODE_278, matter: MatterKind = MatterKind.ORDINARY) -> Ballot:
    roll = tuple(Owner(f"o{number}", Decimal(area), (f"u{number}",), f"m{number}") for number, area in enumerate(areas))
    closes = START + timedelta(days=7)
    return Ballot("b", "example", "t", "p", matter, rule, roll, START, "clerk", closes)


def cast(number: int, choice: Choice, at: int = 0, **extra: object) -> Vote:
    moment = START + timedelta(minutes=at)
    base = Vote(f"v{number}-{at}", "b", f"o{number}", choice, Channel.OWN, moment, f"m{number}", "salt")
    return replace(base, **extra)


def outcome(of: Ballot, *choices: Choice | None) -> Outcome:
    votes = [cast(number, choice) for number, choice in enumerate(choices) if choice is not None]
    return tally(of, votes).outcome


def test_owners_with_two_thirds_of_the_area_and_two_thirds_of_the_owners_take_part():
    assert outcome(ballot("100", "100", "100"), FOR, FOR) is Outcome.CARRIED
    assert outcome(ballot("100", "100", "100"), FOR) is Outcome.NO_QUORUM
    # Two of three heads, but a hair less than two thirds of the area: 133.33 + 133.33 < 266.67.
    assert outcome(ballot("133.33", "133.33", "133.35"), FOR, FOR) is Outcome.NO_QUORUM
    # Enough area in too few hands.
    assert outcome(ballot("1000", "1", "1", "1"), FOR, FOR) is Outcome.NO_QUORUM


def test_ordinary_matters_need_more_than_half_of_the_participating_area_and_people():
    four = ballot("50", "50", "50", "50", matter=MatterKind.USE_FUND)
    assert outcome(four, FOR, FOR, AGAINST, AGAINST) is Outcome.REJECTED
    assert outcome(four, FOR, FOR, FOR, AGAINST) is Outcome.CARRIED
    assert outcome(four, FOR, FOR, ABSTAIN, AGAINST) is Outcome.REJECTED
    # More than half of the heads, not of the area.
    assert outcome(ballot("40", "40", "200"), FOR, FOR, AGAINST) is Outcome.REJECTED


@pytest.mark.parametrize("matter", [MatterKind.RAISE_FUND, MatterKind.REBUILD, MatterKind.CHANGE_COMMON_USE])
def test_raising_the_fund_rebuilding_and_changing_common_use_need_three_quarters_of_both(matter):
    four = ballot("50", "50", "50", "50", matter=matter)
    assert outcome(four, FOR, FOR, FOR, AGAINST) is Outcome.CARRIED
    assert outcome(ballot("50", "50", "50", "50.01", matter=matter), FOR, FOR, FOR, AGAINST) is Outcome.REJECTED


def test_thirds_of_areas_are_exact():
    thirds = ballot("0.1", "0.1", "0.1")
    assert outcome(thirds, FOR, FOR) is Outcome.CARRIED


def test_another_rule_is_data():
    assert outcome(ballot("1", "1", "1000", rule=ONE_MEMBER_ONE_VOTE), FOR, FOR, AGAINST) is Outcome.CARRIED
    assert outcome(ballot("1", "1", "1", rule=ONE_MEMBER_ONE_VOTE), FOR) is Outcome.CARRIED
    assert outcome(ballot("1", "1", rule=ONE_MEMBER_ONE_VOTE)) is Outcome.NO_QUORUM
    names = Names("x", "x")
    with pytest.raises(Invalid, match="quorum"):
        checked(
            Rule("x", names, Share(Fraction(1, 2), None, inclusive=False), Share(Fraction(3, 2), None, inclusive=True))
        )
    with pytest.raises(Invalid, match="majority"):
        checked(Rule("x", names, Share(None, None, inclusive=False)))


def test_an_owner_with_several_units_is_one_head():
    owners = roll_of(
        [Unit("1-101", "a", Decimal("89.50")), Unit("1-102", "a", Decimal("10.5")), Unit("1-103", "b", Decimal(60))],
        {"b": "tenant"},
    )
    assert [(one.id, one.area, one.member_id) for one in owners] == [
        ("a", Decimal("100.00"), None),
        ("b", 60, "tenant"),
    ]


def test_a_roll_that_does_not_hold_together_is_refused_line_by_line():
    units = [
        Unit("1", "a", Decimal(0)),
        Unit("2", "a", Decimal("1.00001")),
        Unit("3", "b", Decimal(5)),
        Unit("3", "b", Decimal(5)),
    ]
    with pytest.raises(Invalid) as refused:
        roll_of(units, {"nobody": "m", "a": "m"})
    assert [problem.split(":")[0] for problem in refused.value.problems] == [
        "unit '1'", "unit '2'", "unit '3' stands 2 times; keep one line and name one owner to vote for it", "members", "members",
    ]  # fmt: skip


def test_a_vote_may_be_changed_until_closing():
    three = ballot("1", "1", "1")
    votes = [cast(0, FOR), cast(1, FOR), cast(0, AGAINST, at=5)]
    assert standing(votes)["o0"].choice is AGAINST
    three.check_open(START + timedelta(days=6))
    with pytest.raises(Conflict, match="over"):
        three.check_open(three.closes_at)


def test_votes_that_nobody_confirmed_do_not_count():
    paper = cast(0, FOR, channel=Channel.PAPER, entered_by="clerk")
    assert tally(ballot("1"), [paper]).outcome is Outcome.NO_QUORUM
    assert tally(ballot("1"), [replace(paper, confirmed_by="second")]).outcome is Outcome.CARRIED


def test_two_people_enter_what_is_delegated_or_on_paper():
    held = ballot("1", "1")
    paper = cast(0, FOR, channel=Channel.PAPER, entered_by="clerk")
    delegated = cast(0, FOR, channel=Channel.DELEGATED, entered_by="clerk", delegate="neighbour")
    for vote, who in (
        (paper, "clerk"),
        (paper, "m0"),
        (delegated, "clerk"),
        (delegated, "neighbour"),
        (delegated, "m0"),
    ):
        with pytest.raises(NotAllowed, match="second person"):
            check_second(held, vote, who, [vote])
    check_second(held, paper, "second", [paper])
    with pytest.raises(Conflict, match="needs no confirmation"):
        check_second(held, replace(paper, confirmed_by="second"), "third", [])
    with pytest.raises(Conflict, match="needs no confirmation"):
        check_second(held, cast(0, FOR), "second", [])


def test_an_owner_who_voted_since_has_the_last_word():
    held = ballot("1")
    paper = cast(0, FOR, channel=Channel.PAPER, entered_by="clerk")
    with pytest.raises(Conflict, match="changed since"):
        check_second(held, paper, "second", [paper, cast(0, AGAINST, at=1)])


def test_what_an_owner_cast_is_overtaken_by_nothing_that_others_hand_in():
    own = cast(0, AGAINST)
    paper = replace(cast(0, FOR, at=1, channel=Channel.PAPER, entered_by="clerk"), confirmed_by="second")
    for votes in ([own, paper], [paper, own]):
        assert standing(votes)["o0"] is own
    with pytest.raises(Conflict, match="changed since"):
        check_second(ballot("1"), replace(paper, confirmed_by=None), "second", [own, paper])
    with pytest.raises(Conflict, match="has voted already"):
        check_absent(ballot("1").owner("o0"), [own])
    check_absent(ballot("1").owner("o0"), [paper])
    again = cast(0, FOR, at=2)
    assert standing([own, paper, again])["o0"] is again


def test_it_closes_early_only_by_rule_and_when_all_have_voted():
    with pytest.raises(Conflict, match="1 owners have not voted"):
        ballot("1", "1").check_early([cast(0, FOR)])
    ballot("1", "1").check_early([cast(0, FOR), cast(1, FOR)])
    with pytest.raises(Conflict, match="runs to its end"):
        ballot("1", rule=replace(CIVIL_CODE_278, early_close=False)).check_early([cast(0, FOR)])


def test_it_is_counted_once():
    held = ballot("1")
    held.close([cast(0, FOR)], START)
    with pytest.raises(Conflict):
        held.close([cast(0, AGAINST)], START)
    assert held.result.outcome is Outcome.CARRIED
    assert held.due_at is None


@pytest.mark.parametrize(
    ("cost", "payer", "matter", "named"),
    [
        (Cost(100, "CNY"), Payer.NOBODY, MatterKind.ORDINARY, "payer"),
        (Cost(-1, "CNY"), Payer.OWNERS, MatterKind.ORDINARY, "cost"),
        (Cost(100, "CNY"), Payer.MAINTENANCE_FUND, MatterKind.ORDINARY, "use-maintenance-fund"),
    ],
)
def test_a_proposal_says_who_pays_and_how_it_is_decided(cost, payer, matter, named):
    with pytest.raises(Invalid, match=named):
        checked_proposal(cost, payer, matter)


AREAS = st.lists(st.decimals(min_value="0.01", max_value=500, places=2), min_size=1, max_size=8)
RULES = st.sampled_from([CIVIL_CODE_278, ONE_MEMBER_ONE_VOTE])


@st.composite
def held(draw):
    of = ballot(*(str(area) for area in draw(AREAS)), rule=draw(RULES), matter=draw(st.sampled_from(MatterKind)))
    votes = [
        cast(draw(st.integers(0, len(of.roll) - 1)), draw(st.sampled_from(Choice)), at=at)
        for at in range(draw(st.integers(0, 12)))
    ]
    return of, votes


@given(held())
def test_another_yes_never_turns_carried_into_rejected(given_ballot):
    of, votes = given_ballot
    before = tally(of, votes).outcome
    for owner in of.roll:
        more = [*votes, cast(int(owner.id[1:]), FOR, at=1000)]
        if before is Outcome.CARRIED:
            assert tally(of, more).outcome is Outcome.CARRIED


@given(held())
def test_counts_sum(given_ballot):
    of, votes = given_ballot
    result = tally(of, votes)
    assert sum(weight.heads for weight in result.by_choice.values()) == result.participating.heads
    assert sum(weight.area for weight in result.by_choice.values()) == result.participating.area
    assert result.participating.heads == len({vote.owner for vote in votes}) <= result.roll.heads
    assert result.participating.area <= result.roll.area == sum(owner.area for owner in of.roll)


@given(held(), st.randoms())
def test_the_order_of_votes_does_not_matter(given_ballot, random):
    of, votes = given_ballot
    shuffled = list(votes)
    random.shuffle(shuffled)
    assert tally(of, shuffled) == tally(of, votes)


PEOPLE = st.sampled_from(["m0", "clerk", "second", "neighbour"])


@given(PEOPLE, st.none() | PEOPLE, PEOPLE)
def test_the_two_person_rule_is_never_broken(entered_by, delegate, confirmer):
    of = ballot("1")
    channel = Channel.PAPER if delegate is None else Channel.DELEGATED
    vote = cast(0, FOR, channel=channel, entered_by=entered_by, delegate=delegate)
    try:
        check_second(of, vote, confirmer, [vote])
    except NotAllowed:
        return
    assert confirmer not in {entered_by, delegate, "m0"}
