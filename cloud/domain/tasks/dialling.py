"""A person calls a number of the call sheet and records what came of it. Recording silences nothing (governance.md, Vertical)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cloud.domain.community.party import Party

SAID_AGAIN: Final = timedelta(seconds=30)
"""Whoever heard no answer says the same again within it; a second call to the same number takes longer."""


class Outcome(StrEnum):
    REACHED = "reached"
    NOBODY = "nobody_answered"


@dataclass(frozen=True, slots=True)
class Dialled:
    """One call that a person made by phone to a party."""

    to_id: str
    outcome: Outcome
    at: datetime
    member_id: str
    party_id: str

    def repeats(self, other: Dialled) -> bool:
        same = (self.to_id, self.outcome, self.member_id) == (other.to_id, other.outcome, other.member_id)
        return same and self.at - other.at <= SAID_AGAIN


def with_call(known: Sequence[Dialled], made: Dialled) -> tuple[Dialled, ...]:
    """The last call to each party, in the order in which they were made; all of them stand in the ledger."""
    return (*(one for one in known if one.to_id != made.to_id), made)


def whose(sheet: Sequence[Party], others: Sequence[Party], number: str | None, party_id: str | None) -> Party | None:
    """Whom somebody means who dialled: of the call sheet first, then any party with that number here."""
    digits = _digits(number or "")
    if party_id is not None:
        return next((one for one in (*sheet, *others) if one.id == party_id and _has(one, digits)), None)
    return next((one for one in (*sheet, *others) if digits and _digits(one.phone or "") == digits), None)


def _has(party: Party, digits: str) -> bool:
    return not digits or _digits(party.phone or "") == digits


def _digits(number: str) -> str:
    return "".join(sign for sign in number if sign.isdigit())
