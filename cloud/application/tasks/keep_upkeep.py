"""The dates by which a lift's upkeep is judged: listed for whoever works here, noted by who runs the estate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.application.tasks.planned import named
from cloud.domain.community.names import Names
from cloud.domain.community.party import PartyKind, PartyRef
from cloud.domain.duties.availability import has_people
from cloud.domain.duties.register import EquipmentKind, Register
from cloud.domain.duties.upkeep import BEFORE_EXPIRY, BETWEEN_VISITS, Upkeep
from cloud.domain.incidents.maintenance import runs_estate
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Conflict, Invalid, NotAllowed, NotFound


@dataclass(frozen=True, slots=True)
class UpkeepView:
    """A lift and its dates; None: not known, and nothing is raised by it. `visit_by`: the last day of the next visit;
    `inspection_from`: the day from which the inspection is due.
    """

    equipment: str
    names: Names
    maintained_on: date | None
    visit_by: date | None
    inspected_until: date | None
    inspection_from: date | None


class KeepUpkeep:
    """Raises NotFound, NotAllowed, Conflict, Invalid, Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def listed(self, estate: str, viewer: Identity) -> Sequence[UpkeepView]:
        with self._units.reading() as uow:
            register = _register(uow, estate, viewer)
            known = uow.upkeep.of(estate)
            lifts = sorted(one.id for one in register.equipment.values() if one.kind is EquipmentKind.LIFT)
            return [_view(register, known.get(lift, Upkeep(estate, lift))) for lift in lifts]

    def of_lift(self, estate: str, equipment: str, viewer: Identity) -> tuple[UpkeepView | None, bool]:
        """The dates of one lift, and whether the viewer may note them; None of what is no lift."""
        with self._units.reading() as uow:
            register = _register(uow, estate, viewer)
            item = register.equipment.get(equipment)
            if item is None or item.kind is not EquipmentKind.LIFT:
                return None, False
            known = uow.upkeep.of(estate).get(equipment, Upkeep(estate, equipment))
            return _view(register, known), runs_estate(register, viewer.member)

    def note(
        self,
        estate: str,
        lift: str,
        viewer: Identity,
        *,
        maintained_on: date | None = None,
        inspected_until: date | None = None,
        cause: str | None = None,
    ) -> UpkeepView:
        """What the papers say; None leaves a date as it is. An earlier one corrects a mistake. That somebody was there since is
        said by two, wherever the lift's maintainer has people here.
        """
        with self._units.writing() as uow:
            register, now, member = _register(uow, estate, viewer), self._clock.now(), viewer.member
            if not runs_estate(register, member):
                raise NotAllowed(
                    "Dates of upkeep are noted by a manager of who runs the estate. Ask one of them.",
                    "维保与检验日期由小区管理单位负责人登记",
                )
            self._check(register, lift, maintained_on, inspected_until)
            before = uow.upkeep.of(estate).get(lift, Upkeep(estate, lift))
            if before.visited_by(maintained_on) and _has_maintainer(register, lift, now):
                raise Conflict(
                    "A later visit is not noted but confirmed: the lift's maintainer ends its routine window there, and you accept"
                    " it as a visit.",
                    "更晚的维保日期须经确认：由维保单位结束例行维护时段，再由小区管理单位确认到访",
                )
            said = replace(
                before,
                maintained_on=maintained_on or before.maintained_on,
                inspected_until=inspected_until or before.inspected_until,
            )
            if said == before:
                return _view(register, said)
            uow.upkeep.save(said)
            facts = {
                "equipment": lift, "party": member.party_id, "maintained": _day(said.maintained_on),
                "inspected": _day(said.inspected_until),
            }  # fmt: skip
            draft = Draft(Kind.UPKEEP_NOTED, now, f"member:{member.id}", None, lift, cause or lift, facts)
            uow.ledger.append(estate, [draft])
            uow.commit()
            return _view(register, said)

    def _check(self, register: Register, lift: str, maintained_on: date | None, inspected_until: date | None) -> None:
        item, faults = register.equipment.get(lift), []
        if item is None or item.kind is not EquipmentKind.LIFT:
            faults.append(f"equipment: {lift!r} is no lift of the register")
        if maintained_on is None and inspected_until is None:
            faults.append("maintained_on, inspected_until: give one of them")
        if maintained_on is not None and maintained_on > register.estate.local(self._clock.now()).date():
            faults.append("maintained_on: it lies in the future")
        if faults:
            raise Invalid("The dates were not noted.", faults)


def _has_maintainer(register: Register, lift: str, now: datetime) -> bool:
    place = register.whereabouts(lift, None)
    firms = register.meant(PartyRef("kind", PartyKind.LIFT_MAINTAINER.value), place)
    return any(firm.id != register.fallback.id and has_people(register, firm, now) for firm in firms)


def _view(register: Register, one: Upkeep) -> UpkeepView:
    visit = one.maintained_on + BETWEEN_VISITS if one.maintained_on else None
    inspection = one.inspected_until - BEFORE_EXPIRY if one.inspected_until else None
    names = named(one.equipment, register)
    return UpkeepView(one.equipment, names, one.maintained_on, visit, one.inspected_until, inspection)


def _day(day: date | None) -> str:
    return day.isoformat() if day else "—"


def _register(uow: UnitOfWork, estate: str, viewer: Identity) -> Register:
    register = uow.registers.find(estate) if estate in viewer.estates else None
    if register is None:
        raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
    return register
