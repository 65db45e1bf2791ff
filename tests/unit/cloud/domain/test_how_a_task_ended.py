"""How a matter ended, in one word; and until when somebody is to phone."""

from __future__ import annotations

import pytest

from cloud.domain.duties.routing import route
from cloud.domain.tasks import transitions
from cloud.domain.tasks.ending import Ending, ending
from cloud.domain.tasks.officers import is_to_phone
from cloud.domain.tasks.task import Resolution, ResolutionReason, Task, TaskState
from schemas.hazards import hazard
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, register


def of(hazard_id: str, mode: str = "real") -> Task:
    ids = iter(f"part-{number}" for number in range(20))
    return transitions.open_task(
        "t1", estate=ESTATE, incident_id="i1", hazard=hazard_id, life_safety=hazard(hazard_id).life_safety, mode=mode,
        routing=route(register(), hazard_id, f"{HOME}/b1/f2", START), now=START, new_id=lambda: next(ids),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "reason", "unverified", "expected"),
    [
        (TaskState.RESOLVED, ResolutionReason.FIXED, False, None),
        (TaskState.NEW, None, False, None),
        (TaskState.CLOSED, ResolutionReason.FIXED, False, Ending.VERIFIED),
        (TaskState.CLOSED, ResolutionReason.SELF_CLEARED, False, Ending.VERIFIED),
        (TaskState.CLOSED, ResolutionReason.FALSE_ALARM, False, Ending.FALSE_ALARM),
        (TaskState.CLOSED, ResolutionReason.FALSE_ALARM, True, Ending.UNVERIFIED),
        (TaskState.CLOSED, ResolutionReason.FIXED, True, Ending.UNVERIFIED),
        (TaskState.MERGED, None, False, Ending.MERGED),
        (TaskState.CANCELLED, None, False, Ending.CANCELLED),
    ],
)
def test_a_task_ended_as_its_state_its_reason_and_its_verification_say(state, reason, unverified, expected):
    task = of("access.held-open")
    task.state, task.unverified = state, unverified
    task.resolution = Resolution(reason, START) if reason else None
    assert ending(task) is expected


def test_one_phones_where_life_is_at_stake_until_somebody_has_arrived():
    fire, guard = of("fire.smoke"), register().members["watch"]
    assert is_to_phone(fire)
    transitions.acknowledge(fire, guard, START)
    assert is_to_phone(fire), "that somebody has accepted says that they are on their way"
    part = fire.part_of("fire-room")
    transitions.arrived(fire, part, guard, START)
    assert not is_to_phone(fire)


def test_nobody_is_phoned_for_a_door_for_what_is_over_or_for_an_exercise():
    over = of("fire.smoke")
    over.state = TaskState.CLOSED
    assert not any(is_to_phone(one) for one in (of("access.held-open"), over, of("fire.smoke", mode="exercise")))
