"""A manager plans an exercise: its points and its window. It ends by itself, or when somebody ends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cloud.application.estates.sign_in import Identity
from cloud.application.incidents.announce import Announce
from cloud.application.incidents.end_planned import EndPlanned
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.positions import Position
from cloud.domain.duties.register import Register
from cloud.domain.incidents.announcing import concerned
from cloud.domain.incidents.drilled import USUAL, drilled
from cloud.domain.incidents.exercise import A_DAY, PLANS, Exercise, check_rest, planner
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Invalid, NotAllowed, NotFound

__all__ = ["PLANS", "PlanExercises"]


class PlanExercises:
    """Raises NotFound, NotAllowed, Conflict, Invalid, Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def plan(
        self, estate: str, equipment: Sequence[str], starts_at: datetime, ends_at: datetime, viewer: Identity, *,
        hazards: Sequence[str] = (USUAL,), cause: str | None = None,
    ) -> Exercise:  # fmt: skip
        """`hazards`: what of these points is exercised, as patterns, `usual` among them; any other signal of theirs is real."""
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            register, now = _register(uow, estate, viewer), self._clock.now()
            member, party = viewer.member, _for_whom(register, viewer, equipment)
            faults = [f"equipment: {one!r} is not in the register" for one in equipment if not register.knows(one)]
            if ends_at <= now:
                faults.append("until: it lies in the past")
            if faults:
                raise Invalid("The exercise was not planned.", faults)
            points = tuple(dict.fromkeys(equipment))
            what = drilled(register, points, hazards)
            exercise = Exercise(self._ids.new(now), estate, party, member.id, points, what, starts_at, ends_at)
            others = uow.exercises.around(estate, starts_at - A_DAY, ends_at + A_DAY)
            for known in others:
                if replace(known, id=exercise.id) == exercise:
                    return known  # Whoever heard no answer plans it again.
            check_rest(exercise, others)
            whom = concerned(register, what, starts_at)
            exercise = replace(exercise, told=whom.told, by_phone=whom.by_phone)
            uow.exercises.save(exercise)
            facts = {
                "party": party, "count": len(points), "equipment": list(points), "hazards": sorted({one for named in what.values() for one in named}),
                "from": starts_at.isoformat(), "until": ends_at.isoformat(), "told": list(whom.told), "by_phone": list(whom.by_phone),
            }  # fmt: skip
            by = f"member:{member.id}"
            uow.ledger.append(
                estate, [Draft(Kind.EXERCISE_PLANNED, now, by, None, exercise.id, cause or exercise.id, facts)]
            )
            Announce(uow, register, self._ids, now, member.id).planned(exercise)
            uow.commit()
            return exercise

    def end(self, estate: str, exercise_id: str, viewer: Identity, *, cause: str | None = None) -> Exercise:
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            register, now = _register(uow, estate, viewer), self._clock.now()
            exercise = uow.exercises.get(exercise_id)
            if exercise is None or exercise.estate != estate:
                raise NotFound(f"There is no exercise {exercise_id!r} here.", "没有这次演练")
            _for_whom(register, viewer, exercise.equipment)
            by = f"member:{viewer.member.id}"
            ended = EndPlanned(uow, register, self._ids, now, by).exercise(exercise, cause or exercise.id)
            Announce(uow, register, self._ids, now, viewer.member.id).ended(exercise)
            uow.commit()
            return ended

    def listed(
        self, estate: str, viewer: Identity, *, limit: int = 100, before: Position | None = None
    ) -> Sequence[Exercise]:
        """The latest first."""
        with self._units.reading() as uow:
            _register(uow, estate, viewer)
            return uow.exercises.of(estate, limit, before)


def _register(uow: UnitOfWork, estate: str, viewer: Identity) -> Register:
    register = uow.registers.find(estate) if estate in viewer.estates else None
    if register is None:
        raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
    return register


def _for_whom(register: Register, viewer: Identity, equipment: Sequence[str]) -> str:
    """The party in whose name the member exercises these points."""
    party = planner(register, viewer.member, equipment)
    if party is None:
        raise NotAllowed(
            "An exercise is planned, and ended, by a manager of who runs the estate; of detectors by one of the fire control "
            "room, of lifts and detectors by one of who maintains them. Ask one of them.",
            "演练由小区管理单位、消控室（限火灾探测器）或相应维保单位的负责人安排和结束",
        )
    return party
