"""Organisations are shown their rates and earn no points: whoever has the most incidents must not gain by it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.community.names import Names
from cloud.domain.credit.rates import DEFINITIONS, Judgement, Measure, Period, Verdict, rates
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.escalation import EscalationPolicy, Ladder
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.calls import Call, CallKind
from cloud.domain.tasks.clock import Clock, ClockKind
from cloud.domain.tasks.task import Resolution, ResolutionReason, Task, TaskState
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.fakes.neighbours import register

MINUTE = timedelta(minutes=1)
DUTY = Duty("d", ("*",), (), 10 * MINUTE, 60 * MINUTE, Names("依据", "basis"))
PERIOD = Period(START - timedelta(days=1), START + timedelta(days=29), START + timedelta(days=20))
LEAD, SUPPORT, OBSERVER = AssignmentRole.LEAD, AssignmentRole.SUPPORT, AssignmentRole.OBSERVER


def part(party: str, role: AssignmentRole, answer: float | None, asked=START, state: AssignmentState | None = None):
    """A party's part, accepted `answer` minutes after it was asked for."""
    accepted = None if answer is None else asked + answer * MINUTE
    state = state or (AssignmentState.REQUESTED if answer is None else AssignmentState.ACCEPTED)
    limits = {"accept_by": asked + DUTY.tto} if role is not OBSERVER else {}
    return Assignment(f"{party}-{role}", party, role, asked, state, accepted, **limits)


def task(number: int, *parts: Assignment, reason: ResolutionReason | None = None, after: float = 30, **extra) -> Task:
    """A task opened at START; with a reason it was resolved and closed `after` minutes later."""
    asked = parts[0].requested_at
    lead = parts[0]
    made = Task(
        f"t{number}", ESTATE, f"i{number}", "access.held-open", life_safety=False, mode="real", duty=DUTY,
        named_lead_id=lead.party_id, assignments=list(parts), opened_at=asked,
        tto=Clock.start(ClockKind.TTO, asked, DUTY.tto), ttr=Clock.start(ClockKind.TTR, asked, DUTY.ttr),
        ladder=Ladder.start(EscalationPolicy(), asked), acknowledged_at=lead.assumed_at,
    )  # fmt: skip
    if reason is not None:
        done = asked + after * MINUTE
        made.state, made.resolved_at, made.closed_at = TaskState.CLOSED, done, done + MINUTE
        made.resolution = Resolution(reason, done, "guard", lead.party_id)
    return replace(made, **extra)


WHISTLE = CallKind.WHISTLE


def call(id_: str, by: str = "property", to: str = "grid", kind: CallKind = CallKind.HELP, **facts) -> Call:
    return Call(id_, kind, by, "somebody", to, START, **facts)


def of(party: str, *tasks: Task, period: Period = PERIOD, judgements=()):
    found = {one.party_id: one for one in rates(tasks, register().parties.values(), period, judgements)}
    return found[party]


def share(party: str, measure: Measure, *tasks: Task, **extra) -> tuple[int, int]:
    known = of(party, *tasks, **extra).shares[measure]
    return known.numerator, known.denominator


def test_response_is_what_was_accepted_in_time_of_what_was_asked():
    tasks = [
        task(1, part("property", LEAD, 2)),
        task(2, part("property", LEAD, 11)),
        task(3, part("property", LEAD, None)),
        task(4, part("property", LEAD, None, state=AssignmentState.DECLINED)),
        task(5, part("grid", LEAD, 1), part("property", SUPPORT, 9)),
        task(6, part("grid", LEAD, 1), part("property", OBSERVER, None)),
    ]
    assert share("property", Measure.RESPONSE, *tasks) == (2, 5)
    assert of("property", *tasks).times[Measure.MEDIAN_ANSWER].median == 9 * 60


def test_nobody_is_late_for_what_is_not_due_yet():
    waiting = task(1, part("property", LEAD, None))
    assert share("property", Measure.RESPONSE, waiting, period=replace(PERIOD, now=START + 5 * MINUTE)) == (0, 0)


def test_what_was_over_before_an_answer_was_due_asks_for_none():
    fast = task(1, part("property", LEAD, 1), part("grid", SUPPORT, None), reason=ResolutionReason.FIXED, after=5)
    slow = task(2, part("property", LEAD, 1), part("grid", SUPPORT, None), reason=ResolutionReason.FIXED, after=30)
    gone = task(3, part("property", LEAD, 1), part("grid", SUPPORT, None, state=AssignmentState.RELEASED))
    assert share("grid", Measure.RESPONSE, fast, slow, gone) == (0, 1)


def test_who_took_the_lead_over_is_shown_what_came_of_it():
    before = part("property", LEAD, 1, state=AssignmentState.TRANSFERRED)
    before.renounced_at = START + 5 * MINUTE
    after = part("grid", LEAD, 2, asked=START + 3 * MINUTE, state=AssignmentState.DONE)
    made = task(1, before, after, reason=ResolutionReason.FIXED)
    assert share("grid", Measure.SOLUTION, made) == (1, 1)
    assert share("property", Measure.SOLUTION, made) == (0, 0)
    assert share("property", Measure.RESPONSE, made) == (1, 1)


def test_a_first_answer_stays_a_fact_although_it_decayed():
    decayed = task(1, part("property", LEAD, None, asked=START + 60 * MINUTE), acknowledged_at=START + MINUTE)
    decayed.opened_at = START
    assert share("property", Measure.RESPONSE, decayed) == (1, 1)
    assert of("property", decayed).times[Measure.MEDIAN_ANSWER].median == 60


@pytest.mark.parametrize(
    ("reason", "counted"),
    [
        (ResolutionReason.FIXED, (1, 1)),
        (ResolutionReason.MITIGATED, (1, 1)),
        (ResolutionReason.UNABLE_TO_FIX, (0, 1)),
        (ResolutionReason.FALSE_ALARM, (0, 0)),
        (ResolutionReason.DUPLICATE, (0, 0)),
        (ResolutionReason.NOT_ACTIONABLE, (0, 0)),
        (ResolutionReason.SELF_CLEARED, (0, 0)),
    ],
)
def test_solution_is_what_was_verified_as_fixed_of_what_there_was_to_fix(reason, counted):
    assert share("property", Measure.SOLUTION, task(1, part("property", LEAD, 1), reason=reason)) == counted


def test_what_nobody_verified_is_solved_by_nobody_and_has_a_share_of_its_own():
    """Else a property whose reporters never answer solves everything."""
    lead = [part("property", LEAD, 1) for _ in range(3)]
    silent = task(1, lead[0], reason=ResolutionReason.FIXED, unverified=True)
    found_good = task(2, lead[1], reason=ResolutionReason.FIXED)
    unable = task(3, lead[2], reason=ResolutionReason.UNABLE_TO_FIX, unverified=True)
    made = (silent, found_good, unable)
    assert share("property", Measure.SOLUTION, *made) == (1, 2)
    assert share("property", Measure.UNVERIFIED, *made) == (1, 2)
    assert len(of("property", *made).times[Measure.MEDIAN_SOLUTION].seconds) == 1


def test_a_matter_left_open_past_its_limit_is_unsolved():
    left = task(1, part("property", LEAD, 1), state=TaskState.IN_PROGRESS)
    assert share("property", Measure.SOLUTION, left) == (0, 1)
    assert share("property", Measure.SOLUTION, left, period=replace(PERIOD, now=START + 59 * MINUTE)) == (0, 0)
    for void in (TaskState.MERGED, TaskState.CANCELLED):
        assert share("property", Measure.SOLUTION, replace(left, state=void)) == (0, 0)


def test_satisfaction_is_the_reporters_word():
    tasks = [task(n, part("property", LEAD, 1), reason=ResolutionReason.FIXED) for n in range(4)]
    said = [Judgement(f"t{n}", verdict, START) for n, verdict in enumerate(Verdict)]
    early = Judgement("t3", Verdict.GOOD, PERIOD.since - MINUTE)
    assert share("property", Measure.SATISFACTION, *tasks, judgements=[*said, early]) == (1, 3)
    assert of("property", *tasks).shares[Measure.SATISFACTION].rate is None


def test_caller_and_called_are_both_assessed():
    tasks = [
        task(1, part("property", LEAD, 1), part("grid", SUPPORT, 2)),
        task(2, part("property", LEAD, 1), part("grid", SUPPORT, None)),
        task(3, part("property", LEAD, 1), part("grid", SUPPORT, 2, state=AssignmentState.DECLINED)),
        task(4, part("property", LEAD, 1)),
    ]
    assert share("grid", Measure.JOINT_AS_CALLED, *tasks) == (1, 3)
    assert share("grid", Measure.JOINT_AS_CALLER, *tasks) == (0, 0)
    assert share("property", Measure.JOINT_AS_CALLER, *tasks) == (0, 4)
    came, absent = call("c1", accepted_at=START + MINUTE), call("c2", expired_at=START + 10 * MINUTE)
    asked = [replace(tasks[0], calls=[came]), replace(tasks[1], calls=[absent]), tasks[2], tasks[3]]
    assert share("property", Measure.JOINT_AS_CALLER, *asked) == (1, 4)
    assert share("property", Measure.HELP_CAME, *asked) == (1, 2)
    assert share("grid", Measure.HELP_CAME, *asked) == (0, 0)


def test_supports_that_the_duty_names_are_no_joint_work_of_the_caller():
    named = task(1, part("property", LEAD, 1), part("grid", SUPPORT, 1))
    wished = replace(
        named, id="t2", calls=[call("c", by="street", kind=WHISTLE, wish_of="property", accepted_at=START)]
    )
    assert share("property", Measure.JOINT_AS_CALLER, named) == (0, 1)
    assert share("property", Measure.JOINT_AS_CALLER, named, wished) == (1, 2)


def test_who_whistles_and_leads_nothing_is_assessed_too():
    calls = [
        call(
            "c1", by="street", kind=WHISTLE, accepted_at=START, arrived_at=START + MINUTE, arrive_by=START + 5 * MINUTE
        ),
        call("c2", by="street", kind=WHISTLE, declined_at=START, upheld_at=START, objections=1),
        call(
            "c3", by="street", kind=WHISTLE, accepted_at=START, arrive_by=START + 5 * MINUTE, objections=2, insisted=2
        ),
    ]
    made = replace(task(1, part("property", LEAD, 1), part("grid", SUPPORT, 1)), calls=calls)
    assert share("street", Measure.WHISTLE_CAME, made) == (1, 3)
    assert share("street", Measure.OBJECTIONS_UPHELD, made) == (1, 3)
    assert share("street", Measure.HELP_CAME, made) == (0, 0)
    assert of("street", made).shares[Measure.SOLUTION].rate is None


def test_a_call_whose_outcome_is_not_known_or_not_due_says_nothing_of_its_caller():
    waiting = call("c", accept_by=START + 10 * MINUTE)
    made = replace(task(1, part("property", LEAD, 1)), calls=[waiting])
    assert share("property", Measure.HELP_CAME, made, period=replace(PERIOD, now=START + 5 * MINUTE)) == (0, 0)
    assert share("property", Measure.HELP_CAME, made) == (0, 1)
    over = replace(task(1, part("property", LEAD, 1), reason=ResolutionReason.FIXED, after=5), calls=[waiting])
    assert share("property", Measure.HELP_CAME, over) == (0, 0)
    let_go = call("c", released_at=START + MINUTE)
    assert share("property", Measure.HELP_CAME, replace(made, calls=[let_go])) == (0, 0)
    late = call("c", expired_at=START + 10 * MINUTE, accepted_at=START + 20 * MINUTE)
    assert share("property", Measure.HELP_CAME, replace(made, calls=[late])) == (1, 1)


@pytest.mark.parametrize("extra", [{"mode": "exercise"}, {"hazard": "welfare.no-activity"}])
def test_exercises_and_welfare_never_count(extra):
    made = task(1, part("property", LEAD, 1), reason=ResolutionReason.FIXED, **extra)
    shown = of("property", made)
    assert all(share.denominator == 0 for share in shown.shares.values())
    assert all(times.median is None for times in shown.times.values())


def test_only_organisations_are_rated():
    shown = {one.party_id for one in rates([], register().parties.values(), PERIOD)}
    assert {"property", "lift-firm", "clinic"} <= shown
    assert not shown & {"volunteers", "flat-1", "flat-2", "fire-119"}


def test_only_what_belongs_to_the_period_counts():
    before = task(1, part("property", LEAD, 1, asked=START - timedelta(days=40)), reason=ResolutionReason.FIXED)
    assert all(share.denominator == 0 for share in of("property", before).shares.values())


def test_every_measure_is_explained_in_both_languages():
    assert set(DEFINITIONS) == set(Measure)
    assert all(names.zh and names.en for names in DEFINITIONS.values())


PARTIES = ["property", "grid", "lift-firm"]
answers = st.one_of(st.none(), st.floats(0, 30))
tasks_ = st.builds(
    lambda lead, answer, others, reason, after: task(
        0, part(lead, LEAD, answer), *(part(p, SUPPORT, a) for p, a in others.items() if p != lead),
        reason=reason, after=after,
    ),
    st.sampled_from(PARTIES), answers, st.dictionaries(st.sampled_from(PARTIES), answers),
    st.one_of(st.none(), st.sampled_from(list(ResolutionReason))), st.floats(1, 300),
)  # fmt: skip


@given(st.lists(tasks_, max_size=8), st.integers(2, 4))
def test_whoever_has_the_most_incidents_must_not_gain_by_it(tasks, times):
    """To have every incident twice, or four times, changes no figure that is shown."""

    def shown(of_tasks):
        return [
            (one.party_id, {m: s.rate for m, s in one.shares.items()}, {m: t.median for m, t in one.times.items()})
            for one in rates(of_tasks, register().parties.values(), PERIOD)
        ]

    assert shown(tasks * times) == shown(tasks)
