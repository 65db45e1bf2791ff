"""Whom a person phones about a matter: the numbers of the call sheet, the named officers, and what calls came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cloud.application.asking.part_views import PartyView
from cloud.domain.community.names import Names
from cloud.domain.tasks.dialling import Outcome


@dataclass(frozen=True, slots=True)
class DialledView:
    """A call that somebody made by phone, and recorded: of which party they are, when, and what came of it."""

    by: PartyView
    at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class CallView:
    """A line of the call sheet: the number to dial, whose it is, the words to say, and the last call that was recorded."""

    party: PartyView
    phone: str
    words: Names
    last: DialledView | None = None


@dataclass(frozen=True, slots=True)
class PersonView:
    """Who is on duty there, and the number by which they are phoned."""

    names: Names
    phone: str


@dataclass(frozen=True, slots=True)
class OfficerView:
    """A party to phone after the numbers of the call sheet, and the last call to it that was recorded. `people`: who of it is on
    duty, for duty rooms alone.
    """

    party: PartyView
    phone: str | None
    last: DialledView | None = None
    people: Sequence[PersonView] = ()
