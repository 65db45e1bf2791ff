"""Residents post skills, time and tools and claim small safe tasks; a need is matched to those who can meet it."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.community.hours import ALWAYS, Hours
from cloud.domain.community.party import Party, PartyKind, Role
from cloud.domain.exchange.matching import WEEK, matches, shared_minutes
from cloud.domain.exchange.posting import Good, Posting, Side
from cloud.domain.exchange.small_task import SmallTask, SmallTaskKind, SmallTaskState
from cloud.errors import Conflict, NotAllowed
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME
from tests.fakes.neighbours import register

MONDAYS = Hours(frozenset({1}), time(9), time(11))
HALVES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
HOURS = st.builds(Hours, st.frozensets(st.integers(1, 7), min_size=1), HALVES, HALVES)


def posting(number: int, side: Side = Side.OFFER, **extra) -> Posting:
    facts = {
        "member_id": "cao",
        "party_id": "flat-1",
        "good": Good.SKILL,
        "capability": "first-aid",
        "place_id": HOME,
        "hours": ALWAYS,
    }
    return Posting(
        f"p{number}",
        ESTATE,
        side,
        text="x",
        posted_at=START + timedelta(minutes=number),
        salt="s",
        **{**facts, **extra},
    )


def found(need: Posting, offers=(), parties=()) -> list[str]:
    return [match.id for match in matches(need, offers, parties)]


NEED = posting(0, Side.NEED, member_id="eve", place_id=f"{HOME}/b1")


def test_an_offer_is_matched_by_capability_place_and_hours():
    fits = posting(1)
    others = [
        posting(2, capability="ladder"),
        posting(3, place_id=f"{HOME}/b2"),
        posting(4, hours=MONDAYS),
        posting(5, member_id="eve"),
        replace(posting(6), withdrawn_at=START),
        posting(7, Side.NEED),
    ]
    tuesdays = replace(NEED, hours=Hours(frozenset({2}), time(9), time(11)))
    assert found(tuesdays, [*others, fits]) == ["p1"]


def test_a_need_is_matched_to_parties_that_declare_the_capability_and_hours():
    """J Community: organisations of every kind declare capabilities and hours."""
    parties = list(register().parties.values())
    assert found(NEED, [], parties) == ["clinic"]
    sundays = replace(NEED, hours=Hours(frozenset({7}), time(9), time(11)))
    assert found(sundays, [], parties) == []
    elsewhere = Party(
        "far", PartyKind.SOCIAL_ORGANISATION, parties[0].names, ("other",), None, frozenset({"first-aid"})
    )
    assert found(NEED, [], [elsewhere]) == []


def test_the_nearest_comes_first_then_whose_hours_fit_best_then_the_earliest():
    near, long, early = posting(3, place_id=f"{HOME}/b1", hours=MONDAYS), posting(2), posting(1)
    assert found(NEED, [long, near, early], register().parties.values()) == ["p3", "p1", "p2", "clinic"]


def test_hours_past_midnight_and_past_sunday_are_shared_too():
    night = Hours(frozenset({7}), time(22), time(6))
    assert shared_minutes(night, Hours(frozenset({1}), time(5), time(7))) == 60
    assert shared_minutes(ALWAYS, ALWAYS) == WEEK
    assert shared_minutes(ALWAYS, MONDAYS) == 120
    assert shared_minutes(MONDAYS, Hours(frozenset({1}), time(11), time(12))) == 0


@given(HOURS, HOURS)
def test_shared_minutes_are_those_which_both_cover(one, other):
    monday = START.replace(hour=0, minute=0)
    halves = [monday + timedelta(minutes=minute) for minute in range(0, WEEK, 30)]
    both = sum(one.cover(moment) and other.cover(moment) for moment in halves)
    assert shared_minutes(one, other) == shared_minutes(other, one) == 30 * both


def test_only_whose_it_is_changes_a_posting_and_a_need_is_met_once():
    need = posting(1, Side.NEED)
    with pytest.raises(NotAllowed):
        need.withdraw("eve", START)
    need.meet(START)
    assert not need.open
    for late in (lambda: need.meet(START), lambda: need.withdraw("cao", START), lambda: posting(2).meet(START)):
        with pytest.raises(Conflict):
            late()


def task(**extra) -> SmallTask:
    return SmallTask(
        "t", ESTATE, SmallTaskKind.SMALL_TASK, "manager", "property", "time", "x", HOME, START, "s", **extra
    )


def who(member_id: str):
    member = register().members[member_id]
    return member, register().party(member.party_id)


def done(*doers: str) -> SmallTask:
    made = task(wanted=max(1, len(doers)))
    for doer in doers:
        made.claim(*who(doer))
    made.finish(who(doers[0])[0], START)
    return made


def test_a_small_task_is_claimed_done_and_confirmed_by_another():
    made = done("cao")
    made.confirm(*who("manager"), START)
    assert (made.state, made.confirmed_by, made.over) == (SmallTaskState.CONFIRMED, "manager", True)


def test_a_neighbour_who_manages_a_team_of_neighbours_judges_what_none_of_them_has_done():
    """Who confirms is never who earns: neighbours do not pay each other."""
    ann, team = who("ann")
    with pytest.raises(NotAllowed, match="manager or overseer"):
        done("cao").confirm(replace(ann, role=Role.MANAGER), team, START)


@pytest.mark.parametrize("member", ["guard", "technician", "manager"])
def test_small_tasks_are_for_residents_and_volunteers(member):
    with pytest.raises(NotAllowed, match="residents and volunteers"):
        task().claim(*who(member))


@pytest.mark.parametrize(
    ("member", "why"),
    [
        ("cao", "never confirms it"),
        ("dan", "same household"),
        ("eve", "manager or overseer"),
        ("ann", "manager or overseer"),
        ("guard", "manager or overseer"),
    ],
)
def test_who_did_it_and_who_lives_with_them_never_confirms_it(member, why):
    with pytest.raises(NotAllowed, match=why):
        done("cao").confirm(*who(member), START)


@pytest.mark.parametrize("member", ["manager", "clerk", "foreman"])
def test_who_posted_it_or_a_manager_or_overseer_confirms(member):
    done("cao").confirm(*who(member), START)


def test_several_may_do_it_together_and_no_more_than_are_wanted():
    made = task(wanted=2)
    made.claim(*who("cao"))
    with pytest.raises(Conflict, match="all its helpers"):
        made.claim(*who("cao"))
    made.claim(*who("eve"))
    with pytest.raises(Conflict, match="all its helpers"):
        made.claim(*who("ann"))
    made.release(who("cao")[0])
    assert (made.claimed_by, made.state) == (("eve",), SmallTaskState.CLAIMED)
    made.release(who("eve")[0])
    assert (made.claimed_by, made.state) == ((), SmallTaskState.OPEN)


def test_what_was_not_done_goes_back_to_who_claimed_it():
    made = done("cao")
    made.send_back(*who("manager"))
    assert (made.state, made.done_at, made.returned_count) == (SmallTaskState.CLAIMED, None, 1)
    with pytest.raises(NotAllowed, match="who claimed"):
        made.finish(who("eve")[0], START)
    made.finish(who("cao")[0], START)


def test_each_deed_has_its_state():
    manager = who("manager")
    with pytest.raises(Conflict, match="must be done"):
        task().confirm(*manager, START)
    with pytest.raises(Conflict, match="must be claimed"):
        task().finish(who("cao")[0], START)
    with pytest.raises(Conflict, match="cannot be withdrawn"):
        done("cao").withdraw(manager[0], START)
    with pytest.raises(NotAllowed, match="Only who posted"):
        task().withdraw(who("clerk")[0], START)
    gone = task()
    gone.withdraw(manager[0], START)
    with pytest.raises(Conflict, match="choose another"):
        gone.claim(*who("cao"))
    posted_by_resident = replace(task(), posted_by="cao")
    with pytest.raises(NotAllowed, match="cannot claim it"):
        posted_by_resident.claim(*who("cao"))
