"""Real engines, really killed, emptied, replaced and put back to an older copy: what was lost is there again by itself."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

from cloud.adapters.timeseries.influxdb.engine import InfluxDb
from cloud.adapters.timeseries.journal.projecting import Projector
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.timeseries import SECOND, Origin, Outcome, StoredBatch
from tests.integration.cloud.timeseries.servers import InfluxServer, VictoriaServer

T0 = 1_795_420_800 * SECOND
BOX = Origin("estate-1", "node-1", "box")


class House:
    """A journal that is fed, a projector, the engine's server, and the time."""

    def __init__(self, server, journal, projector):
        self.server, self.journal, self.projector = server, journal, projector
        self.now, self.sent = T0, Counter()

    def live(self, batches):
        """A batch of 200 readings of 20 points every 10 seconds."""
        for _ in range(batches):
            seq = self.journal.counts(BOX.estate, BOX.node).stored + 1
            samples = [
                (f"b3/point-{n % 20}", self.now + n * 50_000, bool(n % 3) if n % 20 == 7 else seq + n / 8, 0)
                for n in range(200)
            ]
            batch = StoredBatch(BOX, seq, str(seq).encode(), samples)
            assert self.journal.record([batch], self.now) == [Outcome.STORED]
            kinds = ((sample[0], sample[1], type(sample[2])) for sample in samples)
            self.sent.update(("estate-1", point, time, kind) for point, time, kind in kinds)
            self.wait(10)

    def wait(self, seconds):
        until = self.now + seconds * SECOND
        while self.now < until:
            while self.projector.step(self.now) == 0:
                pass
            self.now += 5 * SECOND

    def balance(self):
        stored = Counter(self.server.marks())
        lost = self.sent - stored
        twice = stored - self.sent
        print(
            f"sent {self.sent.total()} stored {(self.sent & stored).total()} lost {lost.total()} "
            f"duplicate {twice.total()} rewritten {self.projector.audit().rewritten}"
        )
        assert not lost
        assert not twice


@pytest.fixture(
    params=[
        pytest.param(VictoriaServer, id="victoriametrics", marks=pytest.mark.victoriametrics),
        pytest.param(InfluxServer, id="influxdb", marks=pytest.mark.influxdb),
    ]
)
def house(request, tmp_path):
    with ExitStack() as parts:
        server = request.param(tmp_path / "engine")
        server.start()
        parts.callback(server.kill)
        journal = parts.enter_context(closing(Journal(tmp_path / "readings.db")))
        engine = parts.enter_context(closing(server.projection()))
        projector = parts.enter_context(closing(Projector(tmp_path / "readings.db", engine, chance=lambda: 0.0)))
        yield House(server, journal, projector)


def test_killed_with_its_last_seconds(house):
    house.live(20)
    house.server.stop()
    house.server.start()
    house.live(10)
    house.server.kill()
    house.server.start()
    before = len(house.server.marks())
    house.live(2)
    house.wait(400)
    house.balance()
    if isinstance(house.server, VictoriaServer):
        assert before < 30 * 200, "this engine answers before it has anything on disk; else nothing was shown here"
        assert house.projector.audit().rewritten == 30 * 200 - before


def test_replaced_by_an_empty_one(house):
    house.live(40)
    house.server.empty()
    house.wait(200)
    house.balance()
    assert house.projector.audit().rewritten == 40 * 200


def test_put_back_to_an_older_copy(house):
    house.live(35)
    copy = house.server.copy()
    house.live(40)
    house.server.restore(copy)
    house.wait(300)
    house.balance()
    assert house.projector.audit().rewritten == 40 * 200


def test_its_bucket_deleted(house):
    if isinstance(house.server, VictoriaServer):
        pytest.skip("it has no buckets")
    house.live(40)
    with closing(house.server.projection()) as engine:
        engine.drop_bucket()
    house.wait(200)
    house.live(1)
    house.balance()
    assert house.projector.audit().rewritten == 40 * 200


@pytest.mark.influxdb
def test_a_bucket_we_make_keeps_readings_as_long_as_is_set_and_one_we_find_is_left_alone(tmp_path):
    server = InfluxServer(tmp_path / "engine")
    with ExitStack() as parts:
        server.start()
        parts.callback(server.kill)

        def engine(days):
            settings = replace(server.settings(), retention_s=days * 86_400)
            return parts.enter_context(closing(InfluxDb(settings)))

        def keeps():
            bucket = engine(0)._client.buckets_api().find_bucket_by_name("readings")
            return [rule.every_seconds for rule in bucket.retention_rules]

        reading = ("estate-1", ("p", T0, 1.0, 0))
        engine(180).write([reading])
        assert keeps() == [180 * 86_400]
        engine(30).write([reading])
        assert keeps() == [180 * 86_400]
