"""What is proposed: what it costs, who pays, whose duty it would be, and which majority it therefore needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cloud.errors import Invalid

DEAREST: Final = 10**12
"""In minor units: ten thousand million yuan. More is a slip of the finger."""


class MatterKind(StrEnum):
    """What sort of matter it is (Civil Code art. 278 lists them; the last is for rules that know no such list)."""

    ORDINARY = "ordinary"
    USE_FUND = "use-maintenance-fund"
    RAISE_FUND = "raise-maintenance-fund"
    REBUILD = "rebuild"
    CHANGE_COMMON_USE = "change-common-use"


class Payer(StrEnum):
    """Who would pay."""

    NOBODY = "nobody"
    MAINTENANCE_FUND = "maintenance-fund"
    COMMON_INCOME = "common-income"
    OWNERS = "owners"
    PROPERTY_MANAGER = "property-manager"
    CONTRACTOR = "contractor"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Cost:
    """A whole number of the currency's minor unit (fen, pence), and its ISO 4217 code. Never a float."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal. Its words stand in the store of personal data under its own id; `party_id` would act, by `duty`."""

    id: str
    by: str
    at: datetime
    matter: MatterKind
    cost: Cost
    payer: Payer
    party_id: str
    duty: str | None = None


def checked(cost: Cost, payer: Payer, matter: MatterKind) -> None:
    """Raises Invalid for what does not hold together, each with its remedy."""
    problems = []
    if not 0 <= cost.minor <= DEAREST:
        problems.append(f"cost: give a whole number of minor units from 0 to {DEAREST}")
    if cost.minor and payer is Payer.NOBODY:
        problems.append("payer: what costs something is paid by somebody; name who")
    if payer is Payer.MAINTENANCE_FUND and matter is MatterKind.ORDINARY:
        problems.append(f"matter: what the maintenance fund pays is {MatterKind.USE_FUND.value!r}")
    if problems:
        raise Invalid("The proposal was not made.", problems)
