"""Limits, ladders, parts, numbers and ids."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.community.party import PartyRef
from cloud.domain.duties.duty import Need
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Importance, Ladder, Repeat, Step
from cloud.domain.duties.routing import route
from cloud.domain.fleet.identifiers import uuid7
from cloud.domain.fleet.progress import Progress, Ranges
from cloud.domain.tasks import asking, transitions
from cloud.domain.tasks.actions import Action, allowed_actions, refusal
from cloud.domain.tasks.assignment import NEXT, Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.clock import Clock, ClockKind, ClockState
from cloud.domain.tasks.task import NEXT as TASK_NEXT
from cloud.domain.tasks.task import ResolutionReason, TaskState
from cloud.domain.tasks.verification import self_clear_at, settles_at, ticks
from cloud.errors import Conflict
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, register

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("minutes", "state"),
    [(0, ClockState.ON_TRACK), (7.4, ClockState.ON_TRACK), (7.5, ClockState.AT_RISK), (10, ClockState.BREACHED)],
)
def test_a_clock_is_amber_at_75_percent_and_red_at_100(minutes, state):
    assert Clock.start(ClockKind.TTO, START, 10 * MINUTE).state(START + minutes * MINUTE) is state


def test_a_clock_met_in_time_stays_met_and_one_met_late_stays_breached():
    clock = Clock.start(ClockKind.TTO, START, 10 * MINUTE)
    assert clock.meet(START + 9 * MINUTE).state(START + 99 * MINUTE) is ClockState.MET
    assert clock.meet(START + 10 * MINUTE).state(START + 99 * MINUTE) is ClockState.MET
    assert clock.meet(START + 11 * MINUTE).state(START + 99 * MINUTE) is ClockState.BREACHED
    assert clock.meet(START).meet(START + MINUTE).met_at == START
    assert clock.next_due == START + 10 * MINUTE
    assert clock.note_breach(START).next_due is None
    assert Clock.start(ClockKind.TTO, START, timedelta()).used(START) == 1.0


def test_a_deadline_that_was_over_when_a_merger_brought_it_is_used_up():
    early, late = (Clock.start(ClockKind.TTR, START + m * MINUTE, 10 * MINUTE) for m in (0, 60))
    assert late.no_later_than(early).used(START + 61 * MINUTE) == 1.0


def step(after, every=None, limit=None, condition=Condition.IF_NOT_ACKNOWLEDGED):
    repeat = Repeat(every * MINUTE, limit) if every else None
    return Step(after * MINUTE, condition, (PartyRef("phone", "119"),), repeat=repeat)


def times(policy, until):
    """When a ladder calls, minute by minute, if nobody ever answers."""
    ladder, called = Ladder.start(policy, START), []
    while ladder.due_at is not None and ladder.due_at <= START + until * MINUTE:
        called.append((int((ladder.due_at - START) / MINUTE), ladder.step))
        ladder = ladder.climb(policy, ladder.due_at)
    return called


def test_a_ladder_takes_its_steps_in_time_and_a_repeat_goes_on_beside_later_steps():
    policy = EscalationPolicy((step(3, every=2), step(6, condition=Condition.IF_NOT_CLOSED)))
    assert times(policy, 9) == [(3, 0), (5, 0), (6, 1), (7, 0), (9, 0)]
    assert policy.endless


def test_a_bounded_repeat_ends():
    policy = EscalationPolicy((step(1, every=1, limit=2),))
    assert times(policy, 99) == [(1, 0), (2, 0), (3, 0)]
    assert not policy.endless
    assert not EscalationPolicy().endless
    assert Ladder.start(EscalationPolicy(), START).due_at is None


def test_a_step_that_reaches_nobody_hurries_the_next_one_but_no_repeat():
    policy = EscalationPolicy((step(1), step(30), step(60)))
    hurried = Ladder.start(policy, START).hurry(policy, START + MINUTE)
    assert (hurried.step, hurried.due_at) == (1, START + MINUTE)
    again = EscalationPolicy((step(1, every=2),))
    assert Ladder.start(again, START).hurry(again, START + MINUTE).due_at == START + 3 * MINUTE
    last = EscalationPolicy((step(1),))
    assert Ladder.start(last, START).hurry(last, START + MINUTE).due_at is None


def test_once_nobody_answers_any_more_each_step_that_waits_for_an_answer_has_all_its_calls_again():
    policy = EscalationPolicy((step(1, every=1, limit=2), step(5, condition=Condition.IF_LEAD_NOT_ARRIVED)))
    ladder = Ladder.start(policy, START)
    for _ in range(4):
        ladder = ladder.climb(policy, ladder.due_at)
    assert (ladder.due_at, ladder.taken) == (None, (3, 1))
    later = START + 60 * MINUTE
    resumed = ladder.resume(policy, later)
    assert (resumed.due_at, resumed.step, resumed.taken) == (later + MINUTE, 0, (0, 1))


def test_a_hold_moves_what_waits_anew_as_it_moves_what_waits_since_the_beginning():
    policy = EscalationPolicy((step(10), step(40, condition=Condition.IF_LEAD_NOT_ARRIVED)))
    resumed = Ladder.start(policy, START).resume(policy, START + 20 * MINUTE)
    assert resumed.due_at == START + 30 * MINUTE
    held = resumed.postpone(policy, START + 25 * MINUTE, START + 125 * MINUTE)
    assert (held.due_at, held.step) == (START + 130 * MINUTE, 0)
    assert (held.drop(policy).due_at, held.drop(policy).step) == (START + 140 * MINUTE, 1)


def test_a_step_is_an_emergency_where_life_is_at_stake_and_never_elsewhere():
    said = [replace(step(1), importance=importance) for importance in Importance]
    assert {one.weight(life_safety=True) for one in said} == {Importance.EMERGENCY}
    assert [one.weight(life_safety=False) for one in said] == [Importance.NORMAL, Importance.HIGH, Importance.HIGH]


def test_a_dropped_step_is_not_taken_again():
    policy = EscalationPolicy((step(1, every=1), step(9)))
    dropped = Ladder.start(policy, START).drop(policy)
    assert (dropped.step, dropped.due_at) == (1, START + 9 * MINUTE)
    assert dropped.rest().due_at is None


@pytest.mark.parametrize("state", list(AssignmentState))
def test_a_part_moves_only_as_its_table_says(state):
    verbs = {
        AssignmentState.ACCEPTED: lambda part: part.accept("m", START),
        AssignmentState.ARRIVED: lambda part: part.arrive(START),
        AssignmentState.DONE: lambda part: part.finish(START),
        AssignmentState.DECLINED: lambda part: part.decline("not ours", START),
        AssignmentState.EXPIRED: lambda part: part.expire(START),
        AssignmentState.TRANSFERRED: lambda part: part.transfer("theirs", START),
        AssignmentState.RELEASED: lambda part: part.release(START),
    }
    for wanted, verb in verbs.items():
        part = Assignment("a", "p", AssignmentRole.LEAD, START, state)
        if wanted in NEXT[state]:
            verb(part)
            assert part.state is wanted
        else:
            with pytest.raises(Conflict, match="cannot become"):
                verb(part)
            assert part.state is state


def a_task(hazard="access.forced-open"):
    ids = iter(map(str, range(99)))
    routing = route(register(), hazard, f"{HOME}/b1", START)
    return transitions.open_task(
        "t", estate=ESTATE, incident_id="i", hazard=hazard, life_safety=False, mode="real", routing=routing, now=START,
        new_id=lambda: next(ids),
    )  # fmt: skip


def test_a_task_without_a_responsible_party_cannot_exist():
    with pytest.raises(ValueError, match="responsible"):
        replace(a_task(), assignments=[])


def test_the_lead_the_duty_names_is_responsible_even_when_it_declined_until_another_has_accepted():
    task = a_task("lift.door-fault")
    task.lead.decline("not our lift", START)
    assert task.responsible_id == "lift-firm"
    task.assignments.append(Assignment("x", "other-firm", AssignmentRole.LEAD, START))
    assert task.responsible_id == "lift-firm"
    task.assignments[-1].accept("m", START)
    assert task.responsible_id == "other-firm"


def test_every_state_of_a_task_is_in_its_table():
    assert set(TASK_NEXT) == set(TaskState)
    assert TASK_NEXT[TaskState.CANCELLED] == frozenset()
    assert TASK_NEXT[TaskState.MERGED] == {TaskState.NEW, TaskState.ACKNOWLEDGED, TaskState.IN_PROGRESS}, "undone"


def test_what_is_allowed_is_exactly_what_is_not_refused():
    task, guard = a_task(), register().members["guard"]
    assert allowed_actions(task, guard, START) == (Action.ACKNOWLEDGE, Action.NOTE, Action.DECLINE)
    assert allowed_actions(task, None, START) == ()
    for action in Action:
        assert (refusal(action, task, guard, START) is None) == (action in allowed_actions(task, guard, START))


def test_who_holds_no_part_that_it_has_accepted_claims_nothing():
    """Its part is done, and the task is not: it is asked, and has not answered."""
    task, guard = a_task(), register().members["guard"]
    transitions.acknowledge(task, guard, START)
    transitions.start(task, guard, START)
    assert refusal(Action.RESOLVE, task, guard, START) is None
    for state in (AssignmentState.DONE, AssignmentState.REQUESTED):
        task.lead.state = state
        refused = refusal(Action.RESOLVE, task, guard, START)
        assert refused is not None
        assert "Accept it first" in refused.text.en


def test_the_machines_own_turns_happen_only_when_they_are_due():
    task = a_task()
    with pytest.raises(Conflict):
        transitions.self_clear(task, START)
    with pytest.raises(Conflict):
        transitions.settle(task, START)


def test_a_self_cleared_task_that_asks_for_a_persons_check_never_settles():
    task = a_task()
    task.quiet_since = START
    transitions.self_clear(task, START + 9 * MINUTE)
    assert settles_at(task) is not None
    task.duty = replace(task.duty, needs=frozenset({Need.SENSOR, Need.INDEPENDENT}))
    assert settles_at(task) is None


def test_what_somebody_has_reported_since_it_cleared_itself_is_not_settled_by_quiet():
    task = a_task()
    task.quiet_since = START
    transitions.self_clear(task, START + 9 * MINUTE)
    task.reports = ("r1",)
    assert settles_at(task) is None, "its reporter judges the result"


def test_a_duty_that_trusts_no_sensor_is_not_cleared_by_quiet():
    task = a_task()
    task.quiet_since, task.duty = START, replace(task.duty, needs=frozenset())
    assert self_clear_at(task) is None
    assert [tick.need for tick in ticks(task, START)] == [Need.INDEPENDENT]


def test_a_reporter_who_was_asked_for_must_have_judged():
    task, guard = a_task(), register().members["guard"]
    task.duty, task.reports = replace(task.duty, needs=frozenset({Need.REPORTER})), ("r1",)
    transitions.acknowledge(task, guard, START)
    transitions.resolve(task, guard, ResolutionReason.FIXED, START)
    refused = refusal(Action.CLOSE, task, guard, START)
    assert refused is not None
    assert "reporter" in refused.text.en


def test_a_state_that_does_not_follow_is_refused():
    task = a_task()
    task.state = TaskState.CANCELLED
    with pytest.raises(Conflict, match="cannot become"):
        transitions.begin_again(task, START)


def test_a_party_is_called_in_once():
    task = a_task()
    assert asking.call_in(task, "committee", START, lambda: "x")
    assert not asking.call_in(task, "committee", START, lambda: "y")


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 6)), max_size=20))
def test_ranges_are_the_set_of_their_numbers(pieces):
    ranges, numbers = Ranges(), set()
    for first, length in pieces:
        ranges.add(first, first + length)
        numbers |= set(range(first, first + length + 1))
    assert len(ranges) == len(numbers)
    assert all(number in ranges for number in numbers)
    assert {n for low, high in ranges for n in range(low, high + 1)} == numbers
    assert ranges.highest == max(numbers, default=0)
    flat = [edge for pair in ranges for edge in pair]
    assert flat == sorted(flat)
    assert ranges == Ranges(list(ranges))


def test_ranges_hold_whole_numbers_only():
    assert "1" not in Ranges([(1, 2)])
    assert Ranges([(1, 2)]) != [(1, 2)]


def test_what_neither_came_nor_was_explained_is_missing():
    progress = Progress("e", "n", "o", "events", Ranges([(1, 4), (8, 8)]), Ranges([(5, 6)]))
    assert list(progress.missing) == [(7, 7)]


def test_ids_are_uuids_of_version_7_that_sort_by_their_moment():
    early, late = uuid7(START, b"\xff" * 10), uuid7(START + timedelta(milliseconds=1), b"\x00" * 10)
    assert early < late
    assert UUID(early).version == 7
    assert UUID(early).variant == "specified in RFC 4122"
    with pytest.raises(ValueError, match="10 random bytes"):
        uuid7(START, b"x")


def test_a_task_goes_from_new_to_closed_by_way_of_a_claim_and_never_past_it():
    usual = (TaskState.NEW, TaskState.ACKNOWLEDGED, TaskState.IN_PROGRESS, TaskState.RESOLVED, TaskState.CLOSED)
    assert all(after in TASK_NEXT[before] for before, after in pairwise(usual))
    assert [before for before, after in TASK_NEXT.items() if TaskState.CLOSED in after] == [TaskState.RESOLVED]
    assert {before for before, after in TASK_NEXT.items() if TaskState.PENDING in after} == {
        TaskState.ACKNOWLEDGED, TaskState.IN_PROGRESS,
    }  # fmt: skip
    guard = register().members["guard"]
    for state in set(TaskState) - {TaskState.RESOLVED}:
        refused = refusal(Action.CLOSE, replace(a_task(), state=state), guard, START)
        assert refused is not None, state


def test_a_claim_says_for_which_of_seven_reasons_it_is_over():
    assert {reason.value for reason in ResolutionReason} == {
        "fixed", "mitigated", "self_cleared", "false_alarm", "duplicate", "not_actionable", "unable_to_fix",
    }  # fmt: skip
    task, guard = a_task(), register().members["guard"]
    transitions.acknowledge(task, guard, START)
    transitions.resolve(task, guard, ResolutionReason.MITIGATED, START + MINUTE)
    assert task.resolution is not None
    assert (task.resolution.reason, task.resolution.at) == (ResolutionReason.MITIGATED, START + MINUTE)


def test_a_part_says_from_when_until_when_its_party_held_it():
    part = Assignment("a", "p", AssignmentRole.LEAD, START)
    assert (part.assumed_at, part.renounced_at) == (None, None)
    part.accept("m", START + MINUTE)
    part.decline("not ours", START + 2 * MINUTE)
    assert (part.assumed_at, part.renounced_at) == (START + MINUTE, START + 2 * MINUTE)
    part.accept("m", START + 3 * MINUTE)
    assert (part.assumed_at, part.renounced_at) == (START + 3 * MINUTE, None)
    part.transfer("theirs", START + 4 * MINUTE)
    assert part.renounced_at == START + 4 * MINUTE
