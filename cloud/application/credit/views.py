"""What is shown of credit: a table, an account, an estate's sums, rates with what they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from cloud.domain.community.names import Names
from cloud.domain.credit.account import CreditEntry
from cloud.domain.credit.rates import Measure
from cloud.domain.credit.table import ActKind, CreditTable


@dataclass(frozen=True, slots=True)
class TableView:
    """The published table, and in words how an act is divided and what is never paid."""

    estate: str
    table: CreditTable
    rules: tuple[Names, ...]


@dataclass(frozen=True, slots=True)
class AccountView:
    """A member's own account in one estate."""

    estate: str
    member_id: str
    balance: int


@dataclass(frozen=True, slots=True)
class CapView:
    """What a member was paid in a day, of what may be paid; `act` None: with everything together."""

    act: ActKind | None
    names: Names | None
    paid: int
    cap: int


@dataclass(frozen=True, slots=True)
class DayView:
    """A day of the estate as it fills a member's caps."""

    day: date
    together: CapView
    by_act: list[CapView]


@dataclass(frozen=True, slots=True)
class StatementPage:
    entries: list[CreditEntry]
    more: bool


@dataclass(frozen=True, slots=True)
class GrantView:
    """What was paid and can be taken back, without whose account it lies in."""

    id: str
    act: ActKind
    points: int
    day: date
    at: datetime
    incident_id: str | None


@dataclass(frozen=True, slots=True)
class SumView:
    """What one kind of act came to. `reversed` is 0 or less."""

    act: ActKind
    granted: int
    reversed: int
    acts_paid: int


@dataclass(frozen=True, slots=True)
class SumsView:
    """An estate's sums, without anybody's account. `balance` is granted and reversed together, over all accounts."""

    estate: str
    accounts: int
    granted: int
    reversed: int
    balance: int
    by_act: list[SumView]


@dataclass(frozen=True, slots=True)
class RateView:
    """One figure with its definition. A share has numerator, denominator and (where that is not 0) a rate of 0 to 1; a
    median has `seconds` and in `denominator` of how many.
    """

    measure: Measure
    definition: Names
    numerator: int | None
    denominator: int
    rate: float | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class PartyRatesView:
    party_id: str
    names: Names
    rates: list[RateView]


@dataclass(frozen=True, slots=True)
class RatesView:
    """The rates of an estate's organisations from the first day to the last, both included, in its time zone."""

    estate: str
    first: date
    last: date
    computed_at: datetime
    parties: list[PartyRatesView]
