"""What a person does with a task, on the page that showed it."""

from __future__ import annotations

from collections.abc import Callable

from cloud.domain.tasks.task import ResolutionReason
from tests.fakes.estate import ESTATE, raised
from tests.faults.governance.walking import Step, step
from tests.faults.governance.world import World


def deed(name: str, hazard: str, member: str, *facts: object, title: str = "", **extra: object) -> Step:
    """`name` of a use case of people; whoever tries again does so on the page that is still open."""
    key = title or f"{member} {name} {hazard}"

    def act(w: World) -> None:
        task_id, revision = w.once(key, lambda: ((task := w.task(hazard)).id, task.revision))
        rooms = (w.act, w.aside, w.joint, w.verify, w.stand_down)
        doing = next(getattr(room, name) for room in rooms if hasattr(room, name))
        doing(task_id, member, *facts, revision=revision, **extra)

    return step(key, act)


def rings(name: str, hazard: str, equipment: str, seq: int, **extra: object) -> Step:
    """A batch of the node's, which is sent again under the number that it has."""
    return step(name, lambda w: w.send(raised(hazard, equipment, seq, **extra), seq=seq))


def timers(name: str) -> Step:
    return step(name, lambda w: w.timers())


def fixed(hazard: str, member: str, again: str = "") -> Step:
    return deed("resolve", hazard, member, ResolutionReason.FIXED, title=f"{member} has mended {hazard}{again}")


def seen(member: str) -> Callable[[World], object]:
    return lambda w: w.identity(member)


__all__ = ["ESTATE", "deed", "fixed", "rings", "seen", "timers"]
