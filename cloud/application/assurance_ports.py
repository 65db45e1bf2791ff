"""What reports, photos, exercises and maintenance need from outside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cloud.application.positions import Position
from cloud.domain.incidents.exercise import Exercise
from cloud.domain.incidents.maintenance import Window
from cloud.domain.incidents.report import Report
from cloud.domain.records.photo import PhotoRecord


class Reports(Protocol):
    def get(self, report_id: str) -> Report | None: ...

    def by_token(self, token_hash: str) -> Report | None: ...

    def of_incidents(self, incident_ids: Collection[str]) -> Sequence[Report]:
        """Oldest first."""
        ...

    def between(self, estate: str, start: datetime, end: datetime, limit: int) -> Sequence[Report]:
        """Those made from `start` until before `end`, the latest first."""
        ...

    def of_member(
        self, estate: str, member_id: str, limit: int, before: tuple[datetime, str] | None = None
    ) -> Sequence[Report]:
        """What a member reported there, signed in, the latest first; `before`: when the last one shown was made, and its id."""
        ...

    def save(self, report: Report) -> None: ...


class Photos(Protocol):
    """Which there are; the pictures are files (`PhotoFiles`)."""

    def put(self, photo: PhotoRecord) -> None:
        """With its picture's digest among the personal data."""
        ...

    def get(self, photo_id: str) -> PhotoRecord | None: ...

    def of_incidents(self, incident_ids: Collection[str]) -> Sequence[PhotoRecord]:
        """Oldest first, erased ones among them."""
        ...

    def living(self) -> frozenset[str]:
        """Digests of the pictures that are not erased."""
        ...


class Exercises(Protocol):
    def get(self, exercise_id: str) -> Exercise | None: ...

    def of(self, estate: str, limit: int = 100, before: Position | None = None) -> Sequence[Exercise]:
        """The latest first, from the one on that follows `before`: a beginning and an id."""
        ...

    def around(self, estate: str, start: datetime, end: datetime) -> Sequence[Exercise]:
        """Those planned for any time between these, the latest first."""
        ...

    def around_over(self, estates: Collection[str], start: datetime, end: datetime) -> Sequence[Exercise]:
        """The same of several estates."""
        ...

    def running(self, estate: str, now: datetime) -> Sequence[Exercise]: ...

    def due(self, now: datetime, limit: int = 1) -> Sequence[Exercise]:
        """Those whose time is up and that have not ended, claimed for this unit of work."""
        ...

    def save(self, exercise: Exercise) -> None: ...


class Windows(Protocol):
    def get(self, window_id: str) -> Window | None: ...

    def of(self, estate: str, limit: int = 100, before: Position | None = None) -> Sequence[Window]:
        """The latest first, from the one on that follows `before`: a beginning and an id."""
        ...

    def around(self, estate: str, start: datetime, end: datetime) -> Sequence[Window]:
        """Those opened for any time between these, the latest first."""
        ...

    def running(self, estate: str, now: datetime) -> Sequence[Window]: ...

    def due(self, now: datetime, limit: int = 1) -> Sequence[Window]:
        """Those whose time is up and that have not ended, claimed for this unit of work."""
        ...

    def save(self, window: Window) -> None: ...


@dataclass(frozen=True, slots=True)
class Laundered:
    """A picture made anew from what was sent: pixels and nothing else, as JPEG."""

    data: bytes
    digest: str
    width: int
    height: int


class PhotoFiles(Protocol):
    """Pictures by the digest of their bytes."""

    def launder(self, raw: bytes) -> Laundered:
        """Raises Invalid for what is no picture, or one too large."""
        ...

    def keep(self, picture: Laundered) -> None:
        """Durable when it returns. Keeping what is there changes nothing. Raises Unavailable."""
        ...

    def read(self, digest: str) -> bytes | None: ...

    def settled(self, now: datetime) -> Iterable[str]:
        """Digests of what has been there long enough that its record must be committed by now."""
        ...

    def remove(self, digest: str) -> None: ...
