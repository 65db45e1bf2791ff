"""A cause hides its symptoms, and nothing that life depends on (governance.md, Incident and Verification)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.domain.duties.escalation import Condition, EscalationPolicy, Ladder, Step
from cloud.domain.duties.routing import route
from cloud.domain.incidents.alert import Alert, Fingerprint
from cloud.domain.incidents.incident import Incident
from cloud.domain.incidents.inhibition import hidden_under
from cloud.domain.tasks.assignment import AssignmentRole, AssignmentState
from cloud.domain.tasks.doubt import doubt
from cloud.domain.tasks.fire import Ground, corroboration, has_word, presumable
from cloud.domain.tasks.hiding import doubted, hide, in_hand, show
from cloud.domain.tasks.task import UNDONE, Resolution, ResolutionReason, TaskState
from cloud.domain.tasks.transitions import open_task
from schemas.hazards import Severity
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, register

MINUTE = timedelta(minutes=1)
PLACE = f"{HOME}/b1"


def task_about(hazard, *, life_safety=False):
    ids = iter(range(100))
    return open_task(
        "t", estate=ESTATE, incident_id="i", hazard=hazard, life_safety=life_safety, mode="real",
        routing=route(register(), hazard, PLACE, START), now=START, new_id=lambda: f"a{next(ids)}",
    )  # fmt: skip


def alert(hazard, equipment, id_="a", *, late=False, fires=True):
    made = Alert(id_, Fingerprint(ESTATE, hazard, equipment), "b1-node", PLACE, late=late)
    made.raise_(f"{id_}-1", Severity.MAJOR, START)
    if not fires:
        made.end(f"{id_}-1", START)
    return made


def test_nothing_automatic_hides_life_safety():
    fire, door = task_about("fire.smoke", life_safety=True), task_about("access.held-open")
    for task in (fire, door):
        hide(task, START)
    assert (fire.hidden_since, door.hidden_since) == (None, START)


@pytest.mark.parametrize("why", list(ResolutionReason))
def test_an_alarm_of_which_somebody_says_that_it_is_none_explains_nothing_else(why):
    task = task_about("fire.smoke", life_safety=True)
    task.state, task.resolution = TaskState.RESOLVED, Resolution(why, START, "watch", "fire-room")
    none = why in {ResolutionReason.FALSE_ALARM, ResolutionReason.NOT_ACTIONABLE}
    assert (doubted(task), in_hand(task)) == (none, not none)


def test_what_is_seen_again_at_the_end_of_its_ladder_is_asked_of_the_level_above_at_once():
    """Of a duty that somebody wrote before every ladder had a step which waits for an answer."""
    task = task_about("access.held-open")
    once = EscalationPolicy((Step(MINUTE, Condition.IF_NOT_CLOSED, ()),))
    task.duty = replace(task.duty, ladder=once)
    task.ladder = Ladder.start(once, START).climb(once, START + MINUTE)
    assert task.ladder.due_at is None
    hide(task, START + 2 * MINUTE)
    show(task, START + 9 * MINUTE)
    assert task.level_due == START + 9 * MINUTE


def door(cause, *, hidden_by=None, fires):
    """A door that was forced, and went quiet or did not, and the fire that explained it."""
    known = alert("access.forced-open", "b1/door", fires=fires)
    known.suppressed_by = cause.id
    incident = Incident.about(known, "door", "m", START)
    incident.hidden_by = hidden_by
    return incident, [known]


def test_what_went_quiet_after_it_was_seen_is_not_hidden_again_by_what_once_explained_it():
    fire = alert("fire.smoke", "b1/smoke-1", "fire")
    fire.incident_id = "burns"
    assert hidden_under(*door(fire, fires=True), {"fire": fire}) == "burns"
    assert hidden_under(*door(fire, hidden_by="burns", fires=False), {"fire": fire}) == "burns"
    assert hidden_under(*door(fire, fires=False), {"fire": fire}) is None


def test_a_call_point_is_borne_out_by_another_alarm_and_not_by_itself():
    point = alert("fire.manual-call-point", "b1/point")
    assert corroboration([point]) is None
    assert corroboration([point, alert("fire.smoke", "b1/smoke-1", "b")]) is Ground.CALL_POINT


def test_who_was_there_before_it_burned_and_is_kept_out_since_is_no_word_from_the_site():
    task = task_about("fire.smoke", life_safety=True)
    part = next(one for one in task.assignments if one.role is AssignmentRole.SUPPORT)
    part.state, part.arrived_at = AssignmentState.DONE, START
    assert has_word(task)
    part.role = AssignmentRole.OBSERVER
    assert not has_word(task)


def test_of_an_alarm_that_somebody_says_is_over_no_fire_is_presumed():
    task = task_about("fire.smoke", life_safety=True)
    assert presumable(task)
    for state in set(TaskState) - UNDONE:
        task.state = state
        assert not presumable(task)


def test_late_news_of_what_is_over_bears_no_alarm_out():
    first, second = alert("fire.smoke", "b1/smoke-1"), alert("fire.smoke", "b1/smoke-2", "b")
    assert corroboration([first, second]) is Ground.SECOND_DETECTOR
    first.late = True
    assert corroboration([first, second]) is None
    assert corroboration([first, alert("fire.manual-call-point", "b1/point", "c")]) is None


def test_a_doubt_that_is_over_by_the_clock_ends_none_that_is_not():
    task = task_about("access.held-open")
    doubt(task, START + 60 * MINUTE, START)
    for until in (None, START - MINUTE, START):
        doubt(task, until, START)
        assert task.doubted_until == START + 60 * MINUTE
