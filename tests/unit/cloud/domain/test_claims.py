"""A claim, what contradicts it, and who is asked to look (governance.md, Five layers and Verification)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.duties.duty import Need
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Ladder, Repeat, Step
from cloud.domain.duties.routing import route
from cloud.domain.tasks import closing, promised_look, second_look, transitions
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.due import next_due
from cloud.domain.tasks.floor import require_proof
from cloud.domain.tasks.task import Check, ResolutionReason, TaskState
from cloud.domain.tasks.verification import needs_of, satisfied, settles_at, unverified_at
from cloud.domain.tasks.witness import Photo, Stage, Verdict
from cloud.errors import Conflict
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, register

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def claimed(hazard="lift.entrapment", why=ResolutionReason.FIXED, who="technician"):
    """A task whose lead was there and says that it is done; its sensor still fires."""
    routing = route(register(), hazard, f"{HOME}/b1", START)
    ids = iter(range(100))
    task = transitions.open_task(
        "t", estate=ESTATE, incident_id="i", hazard=hazard, life_safety=hazard != "access.forced-open", mode="real",
        routing=routing, now=START, new_id=lambda: f"a{next(ids)}",
    )  # fmt: skip
    member = register().members[who]
    transitions.acknowledge(task, member, START)
    transitions.start(task, member, START)
    task.photos = (Photo("p", Stage.OTHER, START, who),)
    transitions.resolve(task, member, why, START)
    return task


def test_a_claim_is_looked_after_again_and_again_until_it_is_closed():
    task = claimed()
    for number in range(1, 20):
        due = second_look.look_at(task)
        assert due == START + number * second_look.LIFE_AGAIN
        assert second_look.to_ask(task, due)
    closing.verify(task, register().members["guard"], START)
    assert second_look.look_at(task) == due + second_look.AGAIN


PEOPLE_SAY = [why for why in ResolutionReason if why is not ResolutionReason.SELF_CLEARED]


@given(st.sampled_from(["lift.entrapment", "access.forced-open"]), st.sampled_from(PEOPLE_SAY), st.booleans())
def test_no_claim_ends_in_silence(hazard, why, quiet):
    """Whatever is claimed and whatever the sensor says, something is due until the task is closed, without end."""
    task = claimed(hazard, why, "technician" if hazard.startswith("lift") else "guard")
    task.quiet_since = START if quiet else None
    for _ in range(30):
        due = next_due(task)
        assert due is not None
        if second_look.contradiction_at(task) == due:
            second_look.contradict(task, due)
        elif task.ladder.due_at == due:
            task.ladder = task.ladder.climb(task.duty.ladder, due)
        else:
            second_look.to_ask(task, due)
        if task.state is not TaskState.RESOLVED:
            return


def test_only_steps_that_wait_until_it_is_closed_are_taken_after_a_claim():
    task = claimed()
    waiting = [step for step in task.duty.ladder.steps if step.condition is Condition.IF_NOT_CLOSED]
    assert waiting
    assert task.ladder.due_at == START + waiting[0].delay


def test_a_ladder_at_rest_stays_at_rest():
    policy = EscalationPolicy((Step(MINUTE, Condition.IF_NOT_CLOSED, (), repeat=Repeat(MINUTE)),))
    assert Ladder.start(policy, START).rest().until_closed(policy).due_at is None
    assert Ladder.start(policy, START).until_closed(policy).due_at == START + MINUTE


@pytest.mark.parametrize("why", [ResolutionReason.FALSE_ALARM, ResolutionReason.UNABLE_TO_FIX])
def test_a_sensor_contradicts_only_that_it_was_fixed_or_mitigated(why):
    assert second_look.contradiction_at(claimed(why=why)) is None
    task = claimed()
    assert second_look.contradiction_at(task) == START + task.duty.resolve_delay
    task.quiet_since = START
    assert second_look.contradiction_at(task) is None


def test_a_sensor_is_given_a_moment_to_fall_quiet_whatever_the_duty_says():
    task = claimed()
    task.duty = replace(task.duty, resolve_delay=timedelta())
    assert second_look.contradiction_at(task) == START + second_look.SHORTEST


def test_a_claim_after_a_contradiction_may_be_contradicted_again():
    task = claimed()
    assert second_look.contradict(task, START + 2 * MINUTE)
    assert task.state is TaskState.NEW
    member = register().members["technician"]
    transitions.acknowledge(task, member, START + 3 * MINUTE)
    transitions.start(task, member, START + 3 * MINUTE)
    transitions.resolve(task, member, ResolutionReason.FIXED, START + 4 * MINUTE)
    assert second_look.contradiction_at(task) == START + 4 * MINUTE + task.duty.resolve_delay


def test_a_verdict_of_who_did_the_work_is_words_and_a_second_person_has_to_look():
    task = claimed("access.forced-open", who="guard")
    task.reports, task.sensed, task.quiet_since = ("r1",), False, START
    assert needs_of(task) == {Need.REPORTER}
    assert not closing.judged(task, "r1", Verdict.GOOD, START, own=True)
    assert (needs_of(task), satisfied(task), unverified_at(task)) == ({Need.INDEPENDENT}, False, None)


def test_another_reporters_verdict_still_counts_beside_it():
    task = claimed("access.forced-open", who="guard")
    task.reports, task.sensed, task.quiet_since = ("r1", "r2"), False, START
    closing.judged(task, "r1", Verdict.GOOD, START, own=True)
    assert needs_of(task) == {Need.REPORTER, Need.INDEPENDENT}
    closing.judged(task, "r2", Verdict.GOOD, START)
    assert satisfied(task)


def answered_by_nobody():
    """Done and quiet, and its reporter says nothing."""
    task = claimed("access.forced-open", who="guard")
    task.reports, task.quiet_since = ("r1",), START
    task.checks = (Check(Need.INDEPENDENT, START, "manager"),)
    return task


def test_no_answer_for_seven_days_closes_it_as_unverified_and_not_a_moment_before():
    task = answered_by_nobody()
    assert unverified_at(task) == START + 7 * DAY
    with pytest.raises(Conflict, match="does not close"):
        closing.close_unverified(task, START + 7 * DAY - timedelta(seconds=1))
    assert (task.state, task.unverified) == (TaskState.RESOLVED, False)
    closing.close_unverified(task, START + 7 * DAY)
    assert (task.state, task.unverified) == (TaskState.CLOSED, True)


def test_who_did_the_work_stands_in_no_check_of_it_although_they_close_what_another_has_verified():
    task = claimed()
    task.quiet_since = START
    closing.verify(task, register().members["guard"], START)
    transitions.close(task, register().members["technician"], START + 5 * MINUTE)
    assert task.state is TaskState.CLOSED
    assert [check.member_id for check in task.checks] == ["guard"]


def test_nobodys_answer_closes_what_a_sensor_speaks_against():
    """Said to be a false alarm: the sensor is not asked for, and while it fires its word stands against the claim."""
    task = answered_by_nobody()
    task.resolution, task.quiet_since = replace(task.resolution, reason=ResolutionReason.FALSE_ALARM), None
    assert needs_of(task) == {Need.REPORTER}
    assert unverified_at(task) is None
    task.quiet_since = START
    assert unverified_at(task) == START + 7 * DAY


def test_seven_days_without_an_answer_end_no_sooner_than_the_sensors_quiet_suffices():
    task = answered_by_nobody()
    task.quiet_since = START + 7 * DAY - MINUTE
    assert unverified_at(task) == task.quiet_since + task.duty.resolve_delay


def test_neither_silence_nor_quiet_ever_closes_life_safety():
    task = claimed()
    task.reports, task.quiet_since = ("r1",), START
    task.checks = (Check(Need.INDEPENDENT, START, "guard"),)
    task.duty = replace(task.duty, needs=frozenset({Need.SENSOR}))
    assert unverified_at(task) is None
    task.reports = ()
    task.resolution = replace(task.resolution, reason=ResolutionReason.SELF_CLEARED)
    assert settles_at(task) is None


def test_a_promise_to_look_that_has_run_out_keeps_nobody_from_making_another():
    task = claimed()
    until = promised_look.promise(task, register().members["guard"], START).until
    assert promised_look.going(task, until - MINUTE) is not None
    assert promised_look.going(task, until) is None
    assert promised_look.look_refusal(Action.LOOK, task, register().members["manager"], until) is None


def test_whoever_takes_a_promise_back_is_not_named_for_not_keeping_it_and_nobody_is_named_twice():
    task, guard = claimed(), register().members["guard"]
    until = promised_look.promise(task, guard, START).until
    promised_look.take_back(task, guard, START + MINUTE)
    assert promised_look.lapse(task, until) == ()
    later = promised_look.promise(task, register().members["manager"], until).until
    assert promised_look.lapse(task, later) == ("property",)
    assert promised_look.lapse(task, later + MINUTE) == ()


def test_what_a_drill_finds_is_claimed_without_proof_from_the_site():
    task, technician = claimed(), register().members["technician"]
    task.photos = ()
    with pytest.raises(Conflict, match="on site"):
        require_proof(task, task.lead, technician, ResolutionReason.FALSE_ALARM)
    task.mode = "exercise"
    require_proof(task, task.lead, technician, ResolutionReason.FALSE_ALARM)
