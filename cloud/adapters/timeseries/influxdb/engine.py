"""InfluxDB 2 through its own client: written as line protocol, read by Flux."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import structlog
from influxdb_client.client.flux_table import FluxRecord
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.bucket_retention_rules import BucketRetentionRules
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from cloud.adapters.timeseries.influxdb import flux
from cloud.adapters.timeseries.influxdb.line_protocol import lines
from cloud.adapters.timeseries.influxdb.records import KINDS, samples_of, steps_of
from cloud.application.timeseries import Grid, Mark, RawSample, Sample, Step, from_micros, to_micros
from cloud.errors import ReadingsRefused, ReadingsUnavailable

_NAMES_A_QUERY: Final = 100
_NOT_THERE: Final = 404
_NEVER: Final = {400, 413, 422}
"""Answers to a write that will be the same next time: malformed, too large, unprocessable. All others may pass."""


@dataclass(frozen=True, slots=True)
class InfluxSettings:
    """Where the engine is; `timeout` in seconds; `retention_s`: how long the bucket keeps a reading, 0 for ever."""

    url: str
    token: str = field(repr=False)
    org: str
    bucket: str
    timeout: float = 10.0
    retention_s: int = 0


class _NoBucket(ReadingsUnavailable):
    """The bucket is not there: deleted, or the engine was replaced by an empty one."""


class InfluxDb:
    """A Projection, a TimeSeriesReader and an Expiry; one reading for each series and time, the last written.

    From any thread.
    """

    def __init__(self, settings: InfluxSettings) -> None:
        self._bucket, self._retention_s = settings.bucket, settings.retention_s
        self._prepared = False
        self._log = structlog.get_logger("cloud.influxdb")
        self._url = settings.url
        self._client: Any = InfluxDBClient(
            url=settings.url,
            token=settings.token,
            org=settings.org,
            timeout=int(settings.timeout * 1000),
            enable_gzip=True,
        )
        self._writing: Any = self._client.write_api(write_options=SYNCHRONOUS)
        self._asking = self._client.query_api()

    def make_bucket(self) -> None:
        """Makes the bucket, to keep readings as long as is set, unless it is there. One that is there is not changed, as it
        may hold what is not ours: our readings that are past are deleted from it (`forget`).
        """
        rule: Any = BucketRetentionRules
        rules = [rule(type="expire", every_seconds=self._retention_s)]
        with self._trouble():
            buckets = self._client.buckets_api()
            bucket = buckets.find_bucket_by_name(self._bucket)
            if bucket is None:
                buckets.create_bucket(bucket_name=self._bucket, org=self._client.org, retention_rules=rules)
                self._log.warning("made the bucket that readings go to: there was none", bucket=self._bucket)
                return
            keeps = sum(rule.every_seconds for rule in bucket.retention_rules or ())
            if 0 < keeps < self._retention_s or 0 == self._retention_s < keeps:
                self._log.warning(
                    "the bucket forgets readings earlier than the settings say; let it keep them, or set readings_days",
                    bucket=self._bucket,
                    keeps_days=keeps / 86400,
                )

    def drop_bucket(self) -> None:
        with self._trouble():
            buckets = self._client.buckets_api()
            if bucket := buckets.find_bucket_by_name(self._bucket):
                buckets.delete_bucket(bucket)

    def write(self, readings: Sequence[tuple[str, RawSample]]) -> None:
        record = lines(readings)
        if not self._prepared:
            self._prepare()
        try:
            self._give(record)
        except _NoBucket:
            self.make_bucket()
            self._give(record)

    def count(self, start: int, end: int) -> int:
        try:
            return sum(int(record.values["_value"]) for record in self._ask(flux.count(self._bucket, (start, end))))
        except _NoBucket:
            return 0

    def held(self, start: int, end: int) -> set[Mark]:
        try:
            found = [record.values for record in self._ask(flux.held(self._bucket, (start, end)))]
        except _NoBucket:
            return set()
        return {(at["estate"], at["point"], to_micros(at["_time"]), KINDS[at["_field"]]) for at in found}

    def points(self, estate: str) -> list[str]:
        return sorted(str(record.values["_value"]) for record in self._ask(flux.points(self._bucket, estate)))

    def latest(self, estate: str, points: Iterable[str]) -> dict[str, Sample]:
        found: dict[str, Sample] = {}
        names = iter(set(points))
        while portion := list(islice(names, _NAMES_A_QUERY)):
            by_point: dict[str, list[FluxRecord]] = {}
            for record in self._ask(flux.latest(self._bucket, estate, portion)):
                by_point.setdefault(record.values["point"], []).append(record)
            found |= {point: samples_of(point, records)[-1] for point, records in by_point.items()}
        return found

    def read(self, estate: str, point: str, start: int, end: int, limit: int = 10_000) -> list[Sample]:
        if end <= start:
            return []
        return samples_of(point, self._ask(flux.read(self._bucket, estate, point, (start, end), limit)))[:limit]

    def steps(self, estate: str, point: str, start: int, end: int, n: int) -> list[Step]:
        grid = Grid.over(start, end, n)
        return steps_of(grid, self._ask(flux.steps(self._bucket, estate, point, grid)))

    def expire(self, estate: str, before: int, points: Collection[str] | None = None) -> None:
        for point in [None] if points is None else points:
            self._delete(before, flux.predicate(estate, point))

    def forget(self, before: int) -> None:
        """Removes the readings of all estates with time < `before`, whoever made the bucket."""
        with suppress(_NoBucket):
            self._delete(before, flux.predicate())

    def close(self) -> None:
        self._writing.close()
        self._client.close()

    def _delete(self, before: int, wanted: str) -> None:
        # The end of a deletion is included: the last nanosecond before.
        stop = from_micros(before - 1).strftime("%Y-%m-%dT%H:%M:%S.%f") + "999Z"
        with self._trouble():
            self._client.delete_api().delete(flux.ALWAYS[0], stop, wanted, bucket=self._bucket, org=self._client.org)

    def _prepare(self) -> None:
        """Once. A token that may only write and read is enough to go on: who gave it looks after the bucket."""
        try:
            self.make_bucket()
        except ReadingsUnavailable as error:
            if not isinstance(error.__cause__, ApiException):
                raise
            self._log.warning(
                "the bucket was not looked after: how long it keeps readings is not known", why=str(error)
            )
        self._prepared = True

    def _give(self, record: bytes) -> None:
        with self._trouble(refusals=_NEVER):
            self._writing.write(bucket=self._bucket, record=record, write_precision=WritePrecision.US)

    def _ask(self, question: str) -> list[FluxRecord]:
        with self._trouble():
            return list(self._asking.query_stream(question))

    @contextmanager
    def _trouble(self, refusals: Collection[int] = ()) -> Iterator[None]:
        try:
            yield
        except ApiException as error:
            if error.status in refusals:
                raise ReadingsRefused(f"InfluxDB at {self._url} refused readings: {_reason(error)}") from error
            missing = error.status == _NOT_THERE and "bucket" in _reason(error)
            raise (_NoBucket if missing else ReadingsUnavailable)(
                f"InfluxDB at {self._url} answered {error.status}: {_reason(error)}. See its log, and that the bucket "
                f"{self._bucket!r} exists and the token may use it; it is tried again."
            ) from error
        except (HTTPError, OSError) as error:
            raise ReadingsUnavailable(
                f"InfluxDB at {self._url} cannot be reached: {error}. Start it or correct the address; it is tried again."
            ) from error


def _reason(error: ApiException) -> str:
    return str(error.body or error.reason)[:500]
