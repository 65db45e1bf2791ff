"""Whom a step of a ladder names: a party or, of one, those with a role, those on duty by a roster, or one member."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from cloud.domain.community.party import PartyRef


@dataclass(frozen=True, slots=True)
class Only:
    """Of a party not everybody: those with a role, those on duty by one of its rosters, or one member, by id."""

    by: Literal["role", "roster", "member"]
    value: str

    def __str__(self) -> str:
        return f"{self.by}:{self.value}"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A party narrowed to some of its people. `party` None: the one whose roster it is, or for which the member acts."""

    only: Only
    party: PartyRef | None = None

    def __str__(self) -> str:
        return str(self.only) if self.party is None else f"{self.party}/{self.only.value}"


Target = PartyRef | Narrowed


def party_refs(targets: Iterable[Target]) -> list[PartyRef]:
    """The parties that are named as parties, whole or narrowed to a role."""
    named = (one if isinstance(one, PartyRef) else one.party for one in targets)
    return [ref for ref in named if ref is not None]
