"""The YAML of an estate, key by key; a key that nobody knows is an error."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from cloud.adapters.estate_file.references import Ref, Refs, Targets, Words, listed
from cloud.domain.community.faults import fault
from cloud.domain.community.party import PartyKind, Role
from cloud.domain.community.place import PlaceKind
from cloud.domain.community.public_days import DEFAULT_REGION, DayRule
from cloud.domain.community.work_calendar import Running
from cloud.domain.credit.table import ActKind
from cloud.domain.duties.duty import Need
from cloud.domain.duties.escalation import Importance
from cloud.domain.duties.register import EquipmentKind
from schemas.base import DocumentModel, EquipmentId, Name
from schemas.hazards import Severity

_SPAN: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|min|h|d)\s*\Z")
_UNITS: Final = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}
_HOUR: Final = re.compile(r"\d\d:\d\d(:\d\d)?\Z")
_ID: Final = r"^[a-z0-9][a-z0-9-]{0,62}$"
_PATTERN: Final = r"^(\*|[a-z][a-z0-9-]*\.(\*|[a-z0-9-]+\*?))$"


def _span(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    match = _SPAN.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(fault("no-duration", value=value))
    return timedelta(**{_UNITS[match[2]]: float(match[1])})


def _wall_time(value: Any) -> Any:
    """YAML takes an unquoted 20:00 for the number 1200, sixties counted: the minutes since midnight."""
    minutes = value % (24 * 60) if type(value) is int and 0 <= value <= 24 * 60 else None
    if minutes is not None:
        return time(*divmod(minutes, 60))
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if not isinstance(value, str) or not _HOUR.match(value):
        raise ValueError(fault("no-wall-time", value=value))
    return value


Span = Annotated[timedelta, BeforeValidator(_span)]
WallTime = Annotated[time, BeforeValidator(_wall_time)]
Pattern = Annotated[str, Field(pattern=_PATTERN)]
Id = Annotated[str, Field(pattern=_ID)]


class Named(DocumentModel):
    """Whatever has a name has it in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class HoursDocument(DocumentModel):
    days: list[Annotated[int, Field(ge=1, le=7)]] = [1, 2, 3, 4, 5, 6, 7]
    start: WallTime = time(0)
    end: WallTime = time(0)


class CalendarDocument(DocumentModel):
    """Public days: those of a country, and what the estate says of its own days. The hours are those of `working-hours`."""

    region: str = Field(default=DEFAULT_REGION, pattern=r"^[A-Z]{2}$")
    holidays: list[date] = []
    workdays: list[date] = []
    working_from: WallTime = time(9)
    working_until: WallTime = time(18)


class EstateDocument(Named):
    """`arbiter` left out: the street office or township that serves the estate, else the fallback party."""

    id: Name
    place: str
    fallback: Id
    time_zone: str = "Asia/Shanghai"
    reopen_window: Span = timedelta(minutes=30)
    calendar: CalendarDocument = CalendarDocument()
    arbiter: Id | None = None
    arbitrate_within: Span = timedelta(minutes=30)


class PlaceDocument(Named):
    id: str
    kind: PlaceKind


class PartyDocument(Named):
    id: Id
    kind: PartyKind
    serves: Words = []
    phone: str | None = None
    capabilities: list[str] = []
    hours: HoursDocument = HoursDocument()


class MembershipDocument(DocumentModel):
    party: Id
    role: Role = Role.RESPONDER


class ContactDocument(DocumentModel):
    """A channel; it is tried at once, and relied upon once the member has verified it."""

    channel: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
    address: str


class MemberDocument(Named):
    """`also`: further parties that the same login acts for."""

    id: Id
    party: Id
    role: Role = Role.RESPONDER
    language: Literal["zh", "en"] = "zh"
    also: list[MembershipDocument] = []
    contacts: list[ContactDocument] = []


class RotationDocument(DocumentModel):
    """Members in turn, each for `every_days` days (1 daily, 7 weekly), handed over at `handoff`."""

    participants: Annotated[list[Id], Field(min_length=1, max_length=64)]
    starts_on: date
    handoff: WallTime = time(8)
    every_days: Annotated[int, Field(ge=1, le=366)] = 1
    only: DayRule = DayRule.EVERY_DAY


class ShiftDocument(HoursDocument):
    """Weekly hours of the same members, on working days or holidays `only` where it says so."""

    members: Annotated[list[Id], BeforeValidator(listed), Field(min_length=1, max_length=64)]
    only: DayRule = DayRule.EVERY_DAY
    since: date | None = None
    until: date | None = None


class RosterDocument(Named):
    id: Id
    party: Id
    rotations: list[RotationDocument] = []
    shifts: list[ShiftDocument] = []


class NodeDocument(Named):
    id: Name
    place: str


class EquipmentDocument(Named):
    """Of a lift: the day of the last maintenance visit and the last day on which its inspection holds."""

    id: EquipmentId
    kind: EquipmentKind
    place: str
    node: Name | None = None
    maintained_on: date | None = None
    inspected_until: date | None = None


class StepDocument(DocumentModel):
    """`every` repeats the step while its condition holds, `times` so often (without it: without bound)."""

    after: Span
    unless: Literal["acknowledged", "arrived", "lead-arrived", "closed"]
    call: Targets
    importance: Importance = Importance.HIGH
    multi_ack: bool = False
    call_sheet: bool = False
    every: Span | None = None
    times: Annotated[int, Field(ge=1)] | None = None


class LimitsDocument(DocumentModel):
    """Of one support, in place of the row's `tto`, `arrive` and `ttr`."""

    accept: Span | None = None
    arrive: Span | None = None
    finish: Span | None = None


def _parties(value: Any) -> Any:
    return list(value) if isinstance(value, dict) else listed(value)


def _limits(value: Any) -> Any:
    if not isinstance(value, dict):
        return {}
    return {str(ref): {} if limits is None else limits for ref, limits in value.items()}


class BasisDocument(Named):
    """`seen`: whether what is cited was compared with the law's own text."""

    seen: bool | None = None


class DutyDocument(DocumentModel):
    """`severity`: from which the row holds; of two rows alike the one for graver alarms wins. `supports`: a list, or each with
    its own limits (`{property_manager: {accept: 1 min}}`).
    """

    id: Id
    hazards: Annotated[list[Pattern], BeforeValidator(listed), Field(min_length=1)]
    place: str = ""
    hours: HoursDocument = HoursDocument()
    severity: Severity = Severity.NOTICE
    lead: Refs
    supports: Annotated[list[Ref], BeforeValidator(_parties)] = []
    limits: Annotated[dict[str, LimitsDocument], BeforeValidator(_limits)] = Field(
        default={}, validation_alias=AliasChoices("supports")
    )
    observers: Refs = []
    tto: Span
    ttr: Span
    arrive: Span | None = None
    arrive_outside_towns: Span | None = None
    needs: list[Need] = [Need.SENSOR]
    resolve_delay: Span = timedelta(minutes=5)
    pause_reasons: list[str] = []
    call_sheet: Refs = []
    ladder: list[StepDocument] = []
    basis: BasisDocument
    calendar: Running = Running.ALWAYS


class StepWorthDocument(Named):
    step: str
    points: Annotated[int, Field(ge=0, le=1000)]


class CreditRowDocument(Named):
    act: ActKind
    daily_cap: Annotated[int, Field(ge=1, le=10_000)]
    steps: list[StepWorthDocument]


class TogetherDocument(Named):
    capabilities: list[str]
    points: Annotated[int, Field(ge=1, le=1000)]


class CreditDocument(DocumentModel):
    """A kind of act that is left out earns nothing. `together`: what several who bring different capabilities earn more."""

    daily_cap: Annotated[int, Field(ge=1, le=10_000)]
    acts: list[CreditRowDocument]
    together: list[TogetherDocument] = []


class EstateFile(DocumentModel):
    """`duties` left out: the default matrix; given: these rows instead. `more_duties` are added to either. `credit` left
    out: the default table.
    """

    estate: EstateDocument
    places: list[PlaceDocument]
    parties: list[PartyDocument]
    members: list[MemberDocument] = []
    rosters: list[RosterDocument] = []
    nodes: list[NodeDocument] = []
    equipment: list[EquipmentDocument] = []
    duties: list[DutyDocument] | None = None
    more_duties: list[DutyDocument] = []
    credit: CreditDocument | None = None
