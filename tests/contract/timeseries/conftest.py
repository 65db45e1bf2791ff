"""Every engine under one suite: the fake, the embedded one, and InfluxDB when a server is configured."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cloud.adapters.timeseries.embedded.reading import EmbeddedReader
from cloud.adapters.timeseries.embedded.settling import Settler
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.timeseries import Expiry, Projection, TelemetryStore, TimeSeriesReader
from tests.fakes.timeseries import InMemoryReadings


@dataclass(frozen=True)
class Engine:
    """`arrive` brings everything recorded to where reads come from, `arrive_again` once more from the beginning.

    `keeps_equal_times`: two readings of one series and time. `projection`: where the engine is one; `lose` then empties it.
    """

    store: TelemetryStore
    reader: TimeSeriesReader
    expiry: Expiry
    arrive: Callable[[], None]
    arrive_again: Callable[[], None] = lambda: None
    estate: str = "estate-1"
    keeps_equal_times: bool = True
    projection: Projection | None = None
    lose: Callable[[], None] = lambda: None


def _fake(path: Path) -> Iterator[Engine]:
    readings = InMemoryReadings()
    yield Engine(
        readings, readings, readings, lambda: None, projection=readings, lose=lambda: readings.expire("estate-1", 2**62)
    )


def _embedded(path: Path) -> Iterator[Engine]:
    store = Journal(path / "readings.db")
    reader, settler = EmbeddedReader(path / "readings.db"), Settler(path / "readings.db")
    yield Engine(store, reader, settler, lambda: None)
    for part in (reader, settler, store):
        part.close()


def _settled(path: Path) -> Iterator[Engine]:
    store = Journal(path / "readings.db")
    reader, settler = EmbeddedReader(path / "readings.db"), Settler(path / "readings.db")
    yield Engine(store, reader, settler, settler.settle_all)
    for part in (reader, settler, store):
        part.close()


def _influxdb(path: Path) -> Iterator[Engine]:
    from cloud.adapters.timeseries.influxdb.engine import InfluxDb, InfluxSettings
    from cloud.adapters.timeseries.journal.projecting import Projector

    url, token = os.environ.get("TOCSIN_TEST_INFLUXDB_URL"), os.environ.get("TOCSIN_TEST_INFLUXDB_TOKEN")
    if not (url and token):
        pytest.skip(
            "INFLUXDB NOT TESTED: set TOCSIN_TEST_INFLUXDB_URL (such as http://127.0.0.1:8086) and "
            "TOCSIN_TEST_INFLUXDB_TOKEN (one that may make buckets), and TOCSIN_TEST_INFLUXDB_ORG unless it is 'tocsin'"
        )
    org = os.environ.get("TOCSIN_TEST_INFLUXDB_ORG", "tocsin")
    engine = InfluxDb(InfluxSettings(url=url, token=token, org=org, bucket=f"tocsin-test-{uuid.uuid4().hex[:12]}"))
    engine.make_bucket()
    store, projector = Journal(path / "readings.db"), Projector(path / "readings.db", engine)

    def arrive() -> None:
        while projector.step(0) == 0:
            pass
        assert projector.lag().readings == 0, projector.lag()

    def arrive_again() -> None:
        projector.reproject(0)
        arrive()

    yield Engine(
        store, engine, engine, arrive, arrive_again, keeps_equal_times=False, projection=engine, lose=engine.drop_bucket
    )
    engine.drop_bucket()
    for part in (projector, store, engine):
        part.close()


_ENGINES: dict[str, Any] = {"fake": _fake, "embedded": _embedded, "embedded-settled": _settled, "influxdb": _influxdb}


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.influxdb if name == "influxdb" else ()) for name in _ENGINES]
)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    yield from _ENGINES[request.param](tmp_path)
