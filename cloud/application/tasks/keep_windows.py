"""Maintenance windows are opened by who works there, and ended by them or by their time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cloud.application.estates.sign_in import Identity
from cloud.application.incidents.end_planned import EndPlanned
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.positions import Position
from cloud.domain.duties.register import Register
from cloud.domain.duties.upkeep import Upkeep
from cloud.domain.incidents.maintenance import Window, accepted, may_open
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Invalid, NotAllowed, NotFound


@dataclass(frozen=True, slots=True)
class Asked:
    """What is worked on, and until when."""

    starts_at: datetime
    ends_at: datetime
    reason: str
    equipment: tuple[str, ...] = ()
    place_id: str | None = None
    hazards: tuple[str, ...] = ("*",)


class KeepWindows:
    """Raises NotFound, NotAllowed, Conflict, Invalid, Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def open(self, estate: str, asked: Asked, viewer: Identity, *, cause: str | None = None) -> Window:
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            register, now, member = _register(uow, estate, viewer), self._clock.now(), viewer.member
            _check_known(register, asked, now)
            window = Window(
                self._ids.new(now), estate, member.party_id, member.id, asked.starts_at, asked.ends_at,
                asked.reason.strip(), asked.equipment, asked.place_id, asked.hazards,
            )  # fmt: skip
            if not may_open(register, member, window):
                raise NotAllowed(
                    "A maintainer opens windows for what it maintains, the operator for nodes, "
                    "and a manager of who runs the estate for anything. Ask one of them.",
                    "维护时段由相应维保单位、平台运维或小区管理单位负责人登记",
                )
            for known in uow.windows.around(estate, window.starts_at, window.ends_at):
                if replace(known, id=window.id, held=0) == window:
                    return known  # Whoever heard no answer opens it again.
            uow.windows.save(window)
            facts = {
                "party": member.party_id, "reason": window.reason, "equipment": list(window.equipment),
                "area": window.place_id, "hazards": list(window.hazards), "from": window.starts_at.isoformat(),
                "until": window.ends_at.isoformat(),
            }  # fmt: skip
            by = f"member:{member.id}"
            uow.ledger.append(estate, [Draft(Kind.WINDOW_OPENED, now, by, None, window.id, cause or window.id, facts)])
            uow.commit()
            return window

    def end(self, estate: str, window_id: str, viewer: Identity, *, cause: str | None = None) -> Window:
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            register, now = _register(uow, estate, viewer), self._clock.now()
            window = uow.windows.get(window_id)
            if window is None or window.estate != estate:
                raise NotFound(f"There is no maintenance window {window_id!r} here.", "没有这个维护时段")
            if not may_open(register, viewer.member, window):
                raise NotAllowed("It is ended by who may open one there.", "只有可登记该维护时段者可以结束它")
            by = f"member:{viewer.member.id}"
            ended = EndPlanned(uow, register, self._ids, now, by).window(window, cause or window.id)
            uow.commit()
            return ended

    def accept(self, estate: str, window_id: str, viewer: Identity, *, cause: str | None = None) -> Window:
        """The maintainer was there: from now on its lifts count as maintained on the day on which it ended its work."""
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            register, now, member = _register(uow, estate, viewer), self._clock.now(), viewer.member
            window = uow.windows.get(window_id)
            if window is None or window.estate != estate:
                raise NotFound(f"There is no maintenance window {window_id!r} here.", "没有这个维护时段")
            visit = accepted(register, window, member, now)
            uow.windows.save(visit)
            known, day = uow.upkeep.of(estate), register.estate.local(visit.ended_at or now).date()
            for lift in visit.equipment:
                before = known.get(lift, Upkeep(estate, lift))
                uow.upkeep.save(before.with_later(day, None))
            facts = {
                "party": window.party_id, "to": register.fallback.id, "window": window.id, "on": day.isoformat(),
                "lifts": list(visit.equipment), "count": len(visit.equipment),
            }  # fmt: skip
            draft = Draft(Kind.VISIT_CONFIRMED, now, f"member:{member.id}", None, window.id, cause or window.id, facts)
            uow.ledger.append(estate, [draft])
            uow.commit()
            return visit

    def listed(
        self, estate: str, viewer: Identity, *, limit: int = 100, before: Position | None = None
    ) -> Sequence[Window]:
        """The latest first."""
        with self._units.reading() as uow:
            _register(uow, estate, viewer)
            return uow.windows.of(estate, limit, before)


def _check_known(register: Register, asked: Asked, now: datetime) -> None:
    faults = [f"equipment: {one!r} is not in the register" for one in asked.equipment if not register.knows(one)]
    if asked.place_id is not None and asked.place_id not in register.places:
        faults.append(f"place: {asked.place_id!r} is not in the register")
    if asked.ends_at <= now:
        faults.append("until: it lies in the past")
    if faults:
        raise Invalid("The maintenance window was not opened.", faults)


def _register(uow: UnitOfWork, estate: str, viewer: Identity) -> Register:
    register = uow.registers.find(estate) if estate in viewer.estates else None
    if register is None:
        raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
    return register
