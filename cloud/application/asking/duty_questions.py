"""What people ask of the duties: who would be reached, and where nobody would."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cloud.application.asking.duty_views import CoverageView, ReachedView, coverage_view, reached_view
from cloud.application.channel_ports import MeansNow
from cloud.application.estates.channels import channels_of
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.community.means import ANY
from cloud.domain.community.place import is_within
from cloud.domain.duties.coverage import coverage
from cloud.domain.duties.reached import who_is_reached
from cloud.domain.duties.register import Register
from cloud.errors import Invalid, NotFound
from schemas.hazards import HAZARDS, Severity

ASKED_WITHIN: Final = timedelta(days=5 * 366)


class DutyQuestions:
    """Raises NotFound where the viewer has no part in the estate, Invalid for a hazard, place or moment that there is not.

    `viewer` None is the command line. `means`: through what anybody is reached at all.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, means: MeansNow = ANY) -> None:
        self._units, self._clock, self._means = units, clock, means

    def reached(
        self, estate: str, hazard_id: str, place: str, viewer: Identity | None, *, at: datetime | None = None,
        severity: Severity | None = None,
    ) -> ReachedView:  # fmt: skip
        """Every call in order, if nobody answered. `place`: a path, or what of it follows the estate's; empty is the estate."""
        now = self._clock.now()
        moment = at or now
        with self._units.reading() as uow:
            register = _register(uow, estate, viewer)
            channels = channels_of(uow, register, self._means())
        problems = []
        if hazard_id not in HAZARDS:
            problems.append(f"hazard: {hazard_id!r} is none; write one such as lift.entrapment")
        if (place_id := _place(register, place)) is None:
            problems.append(f"place: {place!r} is none of this estate; write one such as {register.estate.place_id}")
        if moment.tzinfo is None or abs(moment - now) > ASKED_WITHIN:
            problems.append("at: give a moment with its offset from UTC, within five years of now")
        if problems or place_id is None:
            raise Invalid("Nobody can say who is reached.", problems)
        return reached_view(
            who_is_reached(register, channels, hazard_id, place_id, moment, severity=severity), register
        )

    def reached_locally(
        self, estate: str, hazard_id: str, place: str, at: datetime | None
    ) -> tuple[ReachedView, ZoneInfo]:
        """The same for the command line: a moment without an offset is by the estate's own clock."""
        zone = self.zone(estate)
        moment = at.replace(tzinfo=zone) if at is not None and at.tzinfo is None else at
        return self.reached(estate, hazard_id, place, None, at=moment), zone

    def zone(self, estate: str) -> ZoneInfo:
        with self._units.reading() as uow:
            return ZoneInfo(_register(uow, estate, None).estate.time_zone)

    def coverage(self, estate: str, viewer: Identity | None) -> CoverageView:
        """The holes of the next seven days."""
        with self._units.reading() as uow:
            register = _register(uow, estate, viewer)
            channels = channels_of(uow, register, self._means())
        return coverage_view(coverage(register, channels, self._clock.now()), register)


def _register(uow: UnitOfWork, estate: str, viewer: Identity | None) -> Register:
    seen = viewer is None or estate in viewer.estates
    register = uow.registers.find(estate) if seen else None
    if register is None:
        raise NotFound(f"There is no estate {estate!r} here.", "没有这个小区")
    return register


def _place(register: Register, place: str) -> str | None:
    home = register.estate.place_id
    candidates = (place, f"{home}/{place}") if place else (home,)
    known = (one for one in candidates if one in register.places)
    return next((one for one in known if is_within(one, home) or is_within(home, one)), None)
