"""What we write is read as we mean it by a real server of the line protocol: VictoriaMetrics.

It is no InfluxDB 2: it keeps milliseconds, turns truth values into 1 and 0, leaves texts out, and stores a repeated line
twice unless -dedup.minScrapeInterval says otherwise. The repeated line is asserted, so that a change of it is noticed.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from cloud.adapters.timeseries.influxdb.engine import InfluxDb, InfluxSettings
from cloud.adapters.timeseries.journal.projecting import Projector
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.timeseries import SECOND, Origin, Outcome, StoredBatch
from cloud.errors import ReadingsUnavailable
from tests.fakes.ports import own_port

pytestmark = pytest.mark.victoriametrics

T0 = 1_795_420_800 * SECOND
BOX = Origin("estate-1", "node-1", "box")


def _ask(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode()


@pytest.fixture
def server(tmp_path_factory):
    """Starts servers on loopback; takes further arguments; gives the address."""
    binary = shutil.which("victoria-metrics")
    if binary is None:
        pytest.skip("VICTORIAMETRICS NOT TESTED: install Debian's package victoria-metrics")
    with contextlib.ExitStack() as running:

        def start(*arguments):
            port, folder = own_port(), tmp_path_factory.mktemp("victoria")
            command = [
                binary,
                f"-httpListenAddr=127.0.0.1:{port}",
                f"-storageDataPath={folder}",
                "-retentionPeriod=100y",
            ]
            log = running.enter_context((folder.parent / f"{folder.name}.log").open("wb"))
            process = running.enter_context(subprocess.Popen([*command, *arguments], stdout=log, stderr=log))
            running.callback(process.kill)
            url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 20
            while True:
                try:
                    _ask(f"{url}/health")
                except OSError:
                    assert process.poll() is None, (folder.parent / f"{folder.name}.log").read_text()
                    assert time.monotonic() < deadline, "the server does not answer"
                    time.sleep(0.05)
                else:
                    return url

        yield start


@pytest.fixture
def house(tmp_path):
    with contextlib.ExitStack() as parts:

        def build(url):
            journal = parts.enter_context(contextlib.closing(Journal(tmp_path / "readings.db")))
            settings = InfluxSettings(url=url, token="none", org="none", bucket="tocsin", timeout=5)
            engine = parts.enter_context(contextlib.closing(InfluxDb(settings)))
            projector = parts.enter_context(
                contextlib.closing(Projector(tmp_path / "readings.db", engine, chance=lambda: 0.0))
            )
            return journal, projector

        yield build


def record(journal, *samples):
    seq = journal.counts(BOX.estate, BOX.node).stored + 1
    assert journal.record([StoredBatch(BOX, seq, str(seq).encode(), samples)], T0) == [Outcome.STORED]


def drain(projector):
    while (wait := projector.step(T0)) == 0:
        pass
    assert projector.lag().trouble is None, projector.lag()
    return wait


def exported(url, count):
    """Series by (metric, estate, point) -> [(ms, value)], once `count` values can be seen."""
    deadline = time.monotonic() + 20
    while True:
        _ask(f"{url}/internal/force_flush")
        lines = _ask(f"{url}/api/v1/export?match[]=%7B__name__!=%22%22%7D&start=0&end=4102444800").splitlines()
        series = {}
        for line in map(json.loads, lines):
            metric = line["metric"]
            key = metric["__name__"], metric["estate"], metric["point"]
            series[key] = sorted(zip(line["timestamps"], line["values"], strict=True))
        seen = sum(map(len, series.values()))
        if seen >= count:
            return series
        assert time.monotonic() < deadline, f"expected {count} values, there are {seen}"
        time.sleep(0.05)


def test_numbers_truths_names_and_times_arrive(server, house):
    url = server()
    journal, projector = house(url)
    odd = 'b3/a, b=c "d"'
    record(
        journal,
        ("b3/lift-7/speed", T0 + 123_000, 1.52, 0),
        ("b3/lift-7/speed", T0 + SECOND, -2.5e-9, 0),
        ("b3/lift-7/door-open", T0, True, 0),
        ("b3/lift-7/door-open", T0 + SECOND, False, 1),
        ("b3/lift-7/state", T0, 'stopped, "between" 3 = 4 \\ 楼', 0),
        (odd, T0, 123456.789, 0),
    )
    drain(projector)
    ms = T0 // 1000
    found = exported(url, 6)
    found.pop(("reading_vs", "estate-1", "b3/lift-7/state"), None)
    assert found == {
        ("reading_v", "estate-1", "b3/lift-7/speed"): [(ms + 123, 1.52), (ms + 1000, -2.5e-9)],
        ("reading_vb", "estate-1", "b3/lift-7/door-open"): [(ms, 1), (ms + 1000, 0)],
        ("reading_q", "estate-1", "b3/lift-7/door-open"): [(ms + 1000, 1)],
        ("reading_v", "estate-1", odd): [(ms, 123456.789)],
    }


def test_projecting_again_writes_the_same_lines(server, house):
    """Twice in VictoriaMetrics as it comes; once where it is told to deduplicate, and in InfluxDB always."""
    url = server()
    journal, projector = house(url)
    record(journal, *(("p", T0 + n * SECOND, n / 4, 0) for n in range(100)))
    drain(projector)
    projector.reproject(0)
    drain(projector)
    (values,) = exported(url, 200).values()
    assert values == sorted([(T0 // 1000 + n * 1000, n / 4) for n in range(100)] * 2)


def test_projecting_again_overwrites_where_the_server_deduplicates(server, house):
    url = server("-dedup.minScrapeInterval=1ms")
    journal, projector = house(url)
    record(journal, *(("p", T0 + n * SECOND, n / 4, 0) for n in range(100)))
    for _ in range(2):
        drain(projector)
        exported(url, 100)
        projector.reproject(0)
    (values,) = exported(url, 100).values()
    assert values == [(T0 // 1000 + n * 1000, n / 4) for n in range(100)]


def test_fifty_thousand_readings_in_portions(server, house):
    url = server()
    journal, projector = house(url)
    for first in range(0, 50_000, 1_000):
        record(journal, *((f"p{n % 7}", T0 + (first + n) * 1000, float(first + n), 0) for n in range(1_000)))
    drain(projector)
    found = exported(url, 50_000)
    numbers = sorted(value for values in found.values() for _, value in values)
    assert len(numbers) == 50_000
    assert all(number == n for n, number in enumerate(numbers))


def test_a_server_that_is_not_there_is_waited_for(house):
    journal, projector = house(f"http://127.0.0.1:{own_port()}")
    record(journal, ("p", T0, 1.0, 0))
    assert projector.step(T0) == 0.25
    assert "cannot be reached" in projector.lag().trouble
    assert projector.lag().readings == 1


def test_reads_from_a_server_that_is_not_there_say_so():
    settings = InfluxSettings(url=f"http://127.0.0.1:{own_port()}", token="none", org="none", bucket="b", timeout=2)
    with (
        contextlib.closing(InfluxDb(settings)) as engine,
        pytest.raises(ReadingsUnavailable, match="Start it or correct"),
    ):
        engine.latest("estate-1", ["p"])
