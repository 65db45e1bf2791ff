"""What residents reported, as Open311 tells it: what became of it, never who said it nor in which words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cloud.application.asking.depict import Depiction
from cloud.application.asking.feed_marks import register_of
from cloud.application.asking.public_matters import invites
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.community.access import token_hash
from cloud.domain.community.emergency import numbers_of
from cloud.domain.community.names import Names
from cloud.domain.incidents.report import HAZARDS, Concern, Report
from cloud.domain.records.warnings import PRIVATE
from cloud.domain.tasks.task import Task, TaskState
from cloud.errors import Invalid, NotFound
from schemas.hazards import hazard

MOST: Final = 1000
LONGEST: Final = timedelta(days=90)
"""GeoReport v2: a query covers 90 days or 1000 requests, whichever is smaller."""


@dataclass(frozen=True, slots=True)
class ServiceView:
    """What may be reported. `numbers`: whom to call first where life is at stake."""

    concern: Concern
    names: Names
    group: str
    life_safety: bool
    numbers: Sequence[str]


@dataclass(frozen=True, slots=True)
class RequestView:
    """One report. `code`: the service, or of "this is mine too" the hazard it is about. Times are in the estate's zone."""

    id: str
    open: bool
    state: TaskState
    code: str
    names: Names
    responsible: Names
    address: Names
    address_id: str
    requested_at: datetime
    updated_at: datetime
    expected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests; `ids` goes before everything else. None: no such condition."""

    ids: Collection[str] | None = None
    codes: Collection[str] | None = None
    open: bool | None = None
    start: datetime | None = None
    end: datetime | None = None


class PublicRequests:
    """Raises NotFound, Invalid, Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def services(self, estate: str) -> list[ServiceView]:
        with self._units.reading() as uow:
            region = register_of(uow, estate).estate.days.region
        numbers = list(numbers_of(region).by_number())
        return [
            ServiceView(
                one, Names(kind.zh, kind.en), kind.family, kind.life_safety, numbers if kind.life_safety else ()
            )
            for one in Concern
            for kind in (hazard(HAZARDS[one]),)
        ]

    def listed(self, estate: str, wanted: Wanted) -> list[RequestView]:
        """The latest first. A door that stands open is not listed as long as it does."""
        with self._units.reading() as uow:
            depict = Depiction(register_of(uow, estate), self._clock.now())
            if wanted.ids is not None:
                found = [one for id_ in list(wanted.ids)[:MOST] if (one := uow.reports.get(id_)) is not None]
                return [view for view, _ in _views(uow, depict, found)]
            start, end = self._range(wanted)
            views = _views(uow, depict, uow.reports.between(estate, start, end, MOST))
            return [
                view
                for view, told in views
                if told
                and (wanted.codes is None or view.code in wanted.codes)
                and (wanted.open is None or view.open is wanted.open)
            ]

    def parties(self, estate: str, party_ids: Collection[str]) -> list[Names]:
        """What the organisations are called that a report was passed on to."""
        with self._units.reading() as uow:
            register = register_of(uow, estate)
            return [register.party(one).names for one in party_ids]

    def one(self, estate: str, request_id: str) -> RequestView:
        found = self.listed(estate, Wanted(ids=[request_id]))
        if not found:
            raise NotFound("There is no such service request here.", "没有这个请求")
        return found[0]

    def by_token(self, estate: str, token: str) -> str:
        """The id of the request whose reporter holds this token."""
        with self._units.reading() as uow:
            register_of(uow, estate)
            report = uow.reports.by_token(token_hash(token))
            if report is None or report.estate != estate:
                raise NotFound("This token opens nothing here.", "令牌无效")
            return report.id

    def _range(self, wanted: Wanted) -> tuple[datetime, datetime]:
        try:
            if wanted.start is None:
                end = wanted.end or self._clock.now() + timedelta(microseconds=1)
                return end - LONGEST, end
            end = wanted.end or min(wanted.start + LONGEST, self._clock.now() + timedelta(microseconds=1))
        except OverflowError as error:
            raise Invalid("Nothing was looked for.", ["start_date, end_date: lie beyond the calendar"]) from error
        if end - wanted.start > LONGEST:
            raise Invalid("Nothing was looked for.", [f"start_date, end_date: span at most {LONGEST.days} days"])
        return wanted.start, end


def _views(uow: UnitOfWork, depict: Depiction, reports: Sequence[Report]) -> Iterator[tuple[RequestView, bool]]:
    """Each report that may be told of at all, and whether it may stand in a list."""
    estate = depict.register.estate
    for report in reports:
        task = _task(uow, report)
        if task is None or report.estate != estate.id or task.hazard.startswith(PRIVATE):
            continue
        code = report.concern.value if report.concern else task.hazard
        kind = hazard(HAZARDS[report.concern] if report.concern else task.hazard)
        steps = (report.at, task.acknowledged_at, task.started_at, task.resolved_at, task.closed_at)
        view = RequestView(
            id=report.id,
            open=task.open,
            state=task.state,
            code=code,
            names=Names(kind.zh, kind.en),
            responsible=depict.party(task.responsible_id).names,
            address=depict.address(report.equipment_id, report.place_id),
            address_id=report.equipment_id,
            requested_at=estate.local(report.at),
            updated_at=estate.local(max(step for step in steps if step is not None)),
            expected_at=estate.local(task.ttr.due_at) if task.undone else None,
        )
        yield view, not invites(task)


def _task(uow: UnitOfWork, report: Report) -> Task | None:
    """The task in which it goes on, should its own have been merged into that."""
    task = uow.tasks.of_incident(report.incident_id) if report.incident_id else None
    while task is not None and task.merged_into is not None:
        task = uow.tasks.of_incident(task.merged_into)
    return task
