"""What anybody may read of threats to life: each message that was sent, and the estate it is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cloud.application.asking.feed_marks import FeedMark, mark_of, register_of
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.community.emergency import rescue_number
from cloud.domain.community.names import Language, Names
from cloud.domain.community.place import PlaceKind, ancestry
from cloud.domain.duties.register import Estate, Register
from cloud.domain.records.warnings import PublicWarning, last_renewal, warnings_of
from cloud.domain.tasks.task import Task
from cloud.errors import NotFound
from schemas.hazards import hazard

SHOWN_FOR: Final = timedelta(days=2)
"""How long the messages about what is over stay in the index; whoever asks less often than that misses some."""
_STRETCH: Final = 200

CHINESE_READ: Final = frozenset({"CN", "HK", "MO", "SG", "TW"})
"""Countries (ISO 3166) where warnings are in Chinese first."""


@dataclass(frozen=True, slots=True)
class WarningView:
    """A message with all that is written into it; `sent` is in the estate's own zone, `region` its country. Nothing of it is about a person."""

    warning: PublicWarning
    estate: str
    sent: datetime
    since: datetime
    expires: datetime | None
    references: Sequence[tuple[str, datetime]]
    hazard_names: Names
    area: Names
    sender_names: Names
    number: str
    region: str
    languages: Sequence[Language]


@dataclass(frozen=True, slots=True)
class WarningsView:
    """An estate's index, the newest first."""

    estate: str
    names: Names
    mark: FeedMark
    languages: Sequence[Language]
    warnings: Sequence[WarningView] = ()


class PublicWarnings:
    """Raises NotFound, Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def mark(self, estate: str) -> FeedMark:
        """What `index` would be marked with: most who ask have seen it."""
        with self._units.reading() as uow:
            return self._mark(uow, register_of(uow, estate))

    def index(self, estate: str) -> WarningsView:
        """All messages about what is not over, and about what was for as long as `SHOWN_FOR`."""
        with self._units.reading() as uow:
            register = register_of(uow, estate)
            found = [
                message
                for task in self._tasks(uow, estate)
                for message in warnings_of(uow.ledger.of_incident(task.incident_id), self._clock.now())
            ]
            found.sort(key=lambda one: (one.sent, one.identifier), reverse=True)
            shown = [_view(one, register) for one in found]
            languages = _languages(register.estate)
            return WarningsView(estate, register.estate.names, self._mark(uow, register), languages, shown)

    def message(self, estate: str, identifier: str) -> WarningView:
        """One message by its identifier, however old."""
        with self._units.reading() as uow:
            register = register_of(uow, estate)
            incident_id = identifier.removeprefix(f"{estate}.").partition(".")[0]
            entries = [entry for entry in uow.ledger.of_incident(incident_id) if entry.estate == estate]
            for one in warnings_of(entries, self._clock.now()):
                if one.identifier == identifier:
                    return _view(one, register)
        raise NotFound("There is no such message here.", "没有这条消息")

    def _mark(self, uow: UnitOfWork, register: Register) -> FeedMark:
        """What stands is said again as time goes by, without an entry in the ledger."""
        known, renewed = mark_of(uow, register), last_renewal(self._clock.now())
        return FeedMark(f"{known.tag}-{renewed:%Y%m%dT%H}", max(known.changed_at, renewed))

    def _tasks(self, uow: UnitOfWork, estate: str) -> Iterator[Task]:
        yield from (task for task in uow.tasks.open(estate) if task.life_safety)
        since, before = self._clock.now() - SHOWN_FOR, None
        while stretch := uow.tasks.closed(estate, limit=_STRETCH, before=before):
            for task in stretch:
                assert task.closed_at is not None, f"task {task.id} is over and has no end"
                if task.closed_at < since:
                    return
                before = task.closed_at, task.id
                if task.life_safety:
                    yield task


def _view(warning: PublicWarning, register: Register) -> WarningView:
    estate, known = register.estate, hazard(warning.hazard)
    return WarningView(
        warning=warning,
        estate=estate.id,
        sent=estate.local(warning.sent),
        since=estate.local(warning.since),
        expires=estate.local(warning.expires) if warning.expires else None,
        references=[(one.identifier, estate.local(one.at)) for one in warning.references],
        hazard_names=Names(known.zh, known.en),
        area=_area(register, warning.place_id),
        sender_names=estate.names,
        number=rescue_number(estate.days.region),
        region=estate.days.region,
        languages=_languages(estate),
    )


def _languages(estate: Estate) -> Sequence[Language]:
    """What is read there, the first for most: Chinese only where the estate is called something in it."""
    if estate.days.region in CHINESE_READ:
        return ("zh", "en")
    return ("en", "zh") if estate.names.in_chinese else ("en",)


def _area(register: Register, place_id: str) -> Names:
    """The address from the street down to the place; of a place that is gone, of the nearest one that is left."""
    known = (one for one in ancestry(place_id) if one in register.places)
    return register.places.address(next(known, register.estate.place_id), PlaceKind.STREET)
