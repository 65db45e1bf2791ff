"""The electoral roll: who owns how much. It knows owners by key, never by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cloud.domain.consultation.majorities import Weight
from cloud.errors import Invalid

LARGEST_M2: Final = Decimal(1_000_000)
FINEST_M2: Final = -4
"""Exclusive areas are registered to two decimals; four leave room for shares of a unit."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of the register of titles: its exclusive area in m², and its owner's key."""

    id: str
    owner: str
    area: Decimal


@dataclass(frozen=True, slots=True)
class Owner:
    """One head. `member_id`: who signs in as this owner; None: votes on paper or by delegate only."""

    id: str
    area: Decimal
    units: tuple[str, ...]
    member_id: str | None = None

    @property
    def weight(self) -> Weight:
        return Weight(1, self.area)


def roll_of(units: Iterable[Unit], members: dict[str, str]) -> tuple[Owner, ...]:
    """Units as owners, by key: an owner of several units is one head. `members`: owner → member.

    Raises Invalid, which names each line and what to do about it.
    """
    units = list(units)
    problems = [f"unit {unit.id!r}: {fault}" for unit in units if (fault := _fault(unit))]
    problems += [
        f"unit {name!r} stands {count} times; keep one line and name one owner to vote for it"
        for name, count in Counter(unit.id for unit in units).items()
        if count > 1
    ]
    owners = {unit.owner for unit in units}
    problems += [f"members: there is no owner {owner!r}" for owner in sorted(members.keys() - owners)]
    problems += [
        f"members: {member!r} stands for {count} owners; one member is one head"
        for member, count in Counter(members.values()).items()
        if count > 1
    ]
    if problems:
        raise Invalid("The electoral roll was not taken.", problems)
    return tuple(_owner(owner, [unit for unit in units if unit.owner == owner], members) for owner in sorted(owners))


def _owner(owner: str, units: list[Unit], members: dict[str, str]) -> Owner:
    area = sum((unit.area for unit in units), Decimal(0))
    return Owner(owner, area, tuple(sorted(unit.id for unit in units)), members.get(owner))


def _fault(unit: Unit) -> str | None:
    exponent = unit.area.as_tuple().exponent
    if not unit.area.is_finite() or not 0 < unit.area <= LARGEST_M2:
        return f"give an exclusive area in m² above 0, at most {LARGEST_M2}"
    if isinstance(exponent, int) and exponent < FINEST_M2:
        return f"give the area to {-FINEST_M2} decimals at most"
    return None


def whole(owners: Iterable[Owner]) -> Weight:
    return sum((owner.weight for owner in owners), Weight())
