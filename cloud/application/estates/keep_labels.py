"""Labels for the lifts and doors of an estate: made for those that have none, printed, and replaced when they are defaced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.community.label import Label, fresh_code, read_code
from cloud.domain.community.names import Names
from cloud.domain.duties.register import Equipment, EquipmentKind, Register
from cloud.domain.incidents.report import Concern, number_for
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import NotFound

LABELLED: Final = {EquipmentKind.LIFT: Concern.TRAPPED, EquipmentKind.ACCESS_GATE: Concern.SMOKE}
"""What residents stand before, and the danger to life whose number its label tells."""


@dataclass(frozen=True, slots=True)
class LabelView:
    """One label as it is printed. `number`: whom to dial where life is at stake, as the estate's call sheets have it now."""

    code: str
    printed: str
    equipment_id: str
    kind: EquipmentKind
    names: Names
    address: Names
    building_id: str
    number: str


@dataclass(frozen=True, slots=True)
class BuildingView:
    """`id`: its path. `count`: its labels."""

    id: str
    names: Names
    count: int


@dataclass(frozen=True, slots=True)
class SheetView:
    """`missing`: lifts and doors that have no label yet."""

    labels: Sequence[LabelView]
    buildings: Sequence[BuildingView]
    missing: int


class KeepLabels:
    """Raises NotFound, Unavailable. `code` gives fresh codes."""

    def __init__(self, units: UnitsOfWork, clock: Clock, code: Callable[[], str] = fresh_code) -> None:
        self._units, self._clock, self._code = units, clock, code

    def sheet(self, estate: str, viewer: Identity, building: str | None = None) -> SheetView:
        """All labels that hold, or those of one building."""
        with self._units.reading() as uow:
            register = _register(uow, estate, viewer)
            known = [one for one in uow.labels.of(estate) if one.equipment_id in register.equipment]
            shown = [self._view(register, one) for one in known]
            counts: dict[str, int] = {}
            for one in shown:
                counts[one.building_id] = counts.get(one.building_id, 0) + 1
            buildings = [BuildingView(id_, register.places.address(id_), count) for id_, count in counts.items()]
            chosen = [one for one in shown if building in (None, one.building_id)]
            missing = len(_lacking(uow, register))
            return SheetView(sorted(chosen, key=lambda one: (one.building_id, one.equipment_id)), buildings, missing)

    def one(self, estate: str, code: str, viewer: Identity) -> LabelView:
        with self._units.reading() as uow:
            register = _register(uow, estate, viewer)
            return self._view(register, _holding(uow, register, code))

    def make(self, estate: str, viewer: Identity, *, cause: str | None = None) -> int:
        """For every lift and door that has none; how many were made."""
        with self._units.writing() as uow:
            register = _register(uow, estate, viewer)
            lacking = _lacking(uow, register)
            for item in lacking:
                uow.labels.add(self._fresh(uow, estate, item.id))
            if lacking:
                drafts = [self._draft(Kind.LABEL_MADE, item.id, viewer, cause) for item in lacking]
                uow.ledger.append(estate, drafts)
                uow.commit()
            return len(lacking)

    def replace(self, estate: str, code: str, viewer: Identity, *, cause: str | None = None) -> str:
        """The code of the new label. Whoever asks again for what was replaced is given the one that holds: a label that hangs
        already is not made worthless by a second tap.
        """
        with self._units.writing() as uow:
            register = _register(uow, estate, viewer)
            old = uow.labels.find(code)
            if old is None or old.estate != estate or old.equipment_id not in register.equipment:
                raise _unknown(code)
            holding = next((one for one in uow.labels.of(estate) if one.equipment_id == old.equipment_id), None)
            if holding is not None and holding.code != code:
                return holding.code
            uow.labels.retire(code, self._clock.now())
            new = self._fresh(uow, estate, old.equipment_id)
            uow.labels.add(new)
            uow.ledger.append(estate, [self._draft(Kind.LABEL_REPLACED, old.equipment_id, viewer, cause)])
            uow.commit()
            return new.code

    def _fresh(self, uow: UnitOfWork, estate: str, equipment_id: str) -> Label:
        """A code that was never given before, to nobody."""
        code = self._code()
        while uow.labels.find(code) is not None:
            code = self._code()
        return Label(code, estate, equipment_id, self._clock.now())

    def _draft(self, kind: Kind, equipment_id: str, viewer: Identity, cause: str | None) -> Draft:
        """Without the code: who reads the ledger need not stand at the door."""
        now, by = self._clock.now(), f"member:{viewer.member.id}"
        return Draft(kind, now, by, None, equipment_id, cause or f"label:{equipment_id}", {"equipment": equipment_id})

    def _view(self, register: Register, label: Label) -> LabelView:
        item = register.equipment[label.equipment_id]
        danger = LABELLED.get(item.kind, Concern.SMOKE)
        return LabelView(
            code=label.code,
            printed=label.printed,
            equipment_id=item.id,
            kind=item.kind,
            names=item.names,
            address=register.places.address(item.place_id),
            building_id=register.building_of(item.place_id),
            number=number_for(danger, register, item.place_id, self._clock.now()) or "",
        )


def meant(uow: UnitOfWork, estate: str, code: str) -> str:
    """What the register calls the equipment whose label has that code, however it was typed, or read from its address;
    a code that is no label's is the register's own.
    """
    typed = read_code(code.rpartition("/at/")[2])
    label = uow.labels.find(typed) if typed else None
    return label.equipment_id if label and label.estate == estate and label.replaced_at is None else code


def _lacking(uow: UnitOfWork, register: Register) -> list[Equipment]:
    labelled = {one.equipment_id for one in uow.labels.of(register.estate.id)}
    wanted = (item for item in register.equipment.values() if item.kind in LABELLED and item.id not in labelled)
    return sorted(wanted, key=lambda item: item.id)


def _holding(uow: UnitOfWork, register: Register, code: str) -> Label:
    label = uow.labels.find(code)
    mine = label is not None and label.estate == register.estate.id and label.replaced_at is None
    if label is None or not mine or label.equipment_id not in register.equipment:
        raise _unknown(code)
    return label


def _register(uow: UnitOfWork, estate: str, viewer: Identity) -> Register:
    register = uow.registers.find(estate)
    if register is None or estate not in viewer.estates:
        raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
    return register


def _unknown(code: str) -> NotFound:
    return NotFound(f"No label here has the code {code!r}, or it was replaced.", "没有这个编码的标签，或已更换")
