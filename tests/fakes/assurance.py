"""Reports, photos, exercises and maintenance windows in memory; pictures that are only bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, TypeVar

from cloud.adapters.sql.assurance import picture_record
from cloud.application.assurance_ports import Laundered
from cloud.application.positions import Position
from cloud.domain.incidents.exercise import Exercise
from cloud.domain.incidents.maintenance import Window
from cloud.domain.incidents.report import Report
from cloud.domain.records.photo import PhotoRecord
from tests.fakes.ledger_side import LedgerSide


@dataclass
class Assurance:
    reports: dict[str, Report] = field(default_factory=dict)
    photos: dict[str, PhotoRecord] = field(default_factory=dict)
    exercises: dict[str, Exercise] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)


T = TypeVar("T", Exercise, Window)


class FakeReports:
    def __init__(self, kept: Assurance) -> None:
        self._kept = kept.reports

    def get(self, report_id: str) -> Report | None:
        return self._kept.get(report_id)

    def by_token(self, token_hash: str) -> Report | None:
        return next((one for one in self._kept.values() if one.token_hash == token_hash), None)

    def of_incidents(self, incident_ids: Collection[str]) -> Sequence[Report]:
        found = [one for one in self._kept.values() if one.incident_id in incident_ids]
        return sorted(found, key=lambda one: (one.at, one.id))

    def between(self, estate: str, start: datetime, end: datetime, limit: int) -> Sequence[Report]:
        found = [one for one in self._kept.values() if one.estate == estate and start <= one.at < end]
        return sorted(found, key=lambda one: (one.at, one.id), reverse=True)[:limit]

    def of_member(
        self, estate: str, member_id: str, limit: int, before: tuple[datetime, str] | None = None
    ) -> Sequence[Report]:
        found = [one for one in self._kept.values() if (one.estate, one.member_id) == (estate, member_id)]
        found = [one for one in found if before is None or (one.at, one.id) < before]
        return sorted(found, key=lambda one: (one.at, one.id), reverse=True)[:limit]

    def save(self, report: Report) -> None:
        self._kept[report.id] = report


class FakePhotos:
    def __init__(self, kept: Assurance, side: LedgerSide) -> None:
        self._kept, self._side = kept.photos, side

    def put(self, photo: PhotoRecord) -> None:
        self._kept[photo.id] = replace(photo, digest=None, salt="")
        self._side.personal[photo.id] = picture_record(photo)

    def get(self, photo_id: str) -> PhotoRecord | None:
        photo = self._kept.get(photo_id)
        return None if photo is None else self._with_digest(photo)

    def of_incidents(self, incident_ids: Collection[str]) -> Sequence[PhotoRecord]:
        found = [one for one in self._kept.values() if one.incident_id in incident_ids]
        return [self._with_digest(one) for one in sorted(found, key=lambda one: (one.at, one.id))]

    def living(self) -> frozenset[str]:
        return frozenset(d for one in self._kept.values() if (d := self._with_digest(one).digest) is not None)

    def _with_digest(self, photo: PhotoRecord) -> PhotoRecord:
        words = self._side.personal[photo.id]
        return replace(photo, digest=None if words.erased_at else words.text, erased_at=words.erased_at)


class FakePlanned(Generic[T]):
    def __init__(self, kept: dict[str, T]) -> None:
        self._kept = kept

    def get(self, its_id: str) -> T | None:
        return self._kept.get(its_id)

    def of(self, estate: str, limit: int = 100, before: Position | None = None) -> Sequence[T]:
        found = [one for one in self._kept.values() if one.estate == estate]
        older = [one for one in found if before is None or (one.starts_at, one.id) < before]
        return sorted(older, key=lambda one: (one.starts_at, one.id), reverse=True)[:limit]

    def around(self, estate: str, start: datetime, end: datetime) -> Sequence[T]:
        return self.around_over([estate], start, end)

    def around_over(self, estates: Collection[str], start: datetime, end: datetime) -> Sequence[T]:
        found = [one for one in self._kept.values() if one.estate in estates]
        found = [one for one in found if one.starts_at < end and one.ends_at > start]
        return sorted(found, key=lambda one: (one.starts_at, one.id), reverse=True)

    def running(self, estate: str, now: datetime) -> Sequence[T]:
        open_ones = [one for one in self._kept.values() if one.estate == estate and one.ended_at is None]
        return [one for one in sorted(open_ones, key=lambda one: one.id) if one.starts_at <= now < one.ends_at]

    def due(self, now: datetime, limit: int = 1) -> Sequence[T]:
        found = [one for one in self._kept.values() if one.ended_at is None and one.ends_at <= now]
        return sorted(found, key=lambda one: (one.ends_at, one.id))[:limit]

    def save(self, one: T) -> None:
        self._kept[one.id] = one


class FakePhotoFiles:
    """Takes any bytes for a picture of one pixel."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def launder(self, raw: bytes) -> Laundered:
        return Laundered(raw, hashlib.sha256(raw).hexdigest(), 1, 1)

    def keep(self, picture: Laundered) -> None:
        self.kept[picture.digest] = picture.data

    def read(self, digest: str) -> bytes | None:
        return self.kept.get(digest)

    def settled(self, _now: datetime) -> Iterable[str]:
        return list(self.kept)

    def remove(self, digest: str) -> None:
        self.kept.pop(digest, None)
