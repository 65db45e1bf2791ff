"""The electoral roll from a table, as committees have it: checked line by line, tried first where one wants to, then taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from cloud.application.consultation.keep_roll import KeepRoll
from cloud.application.estates.sign_in import Identity
from cloud.domain.consultation.roll import Unit, whole


@dataclass(frozen=True, slots=True)
class RollRead:
    """What a table says. `members`: owner → member; `at`: the line (from 1) that names a member first."""

    file: str
    units: Sequence[Unit]
    members: Mapping[str, str]
    at: Mapping[str, int]


class RollTables(Protocol):
    def read(self, file: str, content: bytes) -> RollRead:
        """Raises Invalid, naming file, line, column and remedy of everything that is wrong."""
        ...

    def template(self) -> bytes:
        """The table without rows, with remarks on its columns."""
        ...


@dataclass(frozen=True, slots=True)
class RollTaken:
    """What the roll is, or would be: owners, units, area in m², owners that sign in."""

    owners: int
    units: int
    area: Decimal
    signing_in: int
    tried: bool


class TakeRoll:
    """For who convenes. Raises NotFound, NotAllowed, Invalid with every fault and its remedy; then nothing has changed."""

    def __init__(self, keep: KeepRoll, tables: Callable[[], RollTables]) -> None:
        self._keep, self._tables = keep, tables

    def template(self) -> bytes:
        return self._tables().template()

    def __call__(self, estate: str, file: str, content: bytes, viewer: Identity, *, dry_run: bool = False) -> RollTaken:
        self._keep.convening(estate, viewer)  # nobody else has tables read
        read = self._tables().read(file, content)
        self._keep.known(estate, viewer, read.members.values(), lambda name: (read.file, read.at[name]))
        owners = self._keep.replace(estate, read.units, read.members, viewer, dry_run=dry_run)
        total = whole(owners)
        named = sum(one.member_id is not None for one in owners)
        return RollTaken(total.heads, len(read.units), total.area, named, dry_run)
