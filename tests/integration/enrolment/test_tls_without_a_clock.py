"""TLS on a node that may not know what time it is, against a real mosquitto."""

from __future__ import annotations

import asyncio
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from cloud.adapters.authority import open_authority
from edge.adapters.credentials import CredentialFolder
from edge.adapters.mqtt import MqttBroker
from edge.errors import BrokerError
from edge.settings import BrokerSection
from schemas.enrolment import Enrolled
from schemas.topics import NodeAddress
from tests.fakes.mosquitto import GuardedMosquitto

pytestmark = [pytest.mark.mosquitto]

NODE = NodeAddress("example", "b1-node")
DAY = timedelta(days=1)
NOW = datetime.now(UTC)


class StoppedClock:
    boot = "0197a600-0000-7000-8000-0000000000b0"

    def __init__(self, wall: float, *, synchronised: bool = False):
        self._wall, self._synchronised = wall, synchronised

    def mono(self):
        return 1.0

    def wall(self):
        return self._wall

    def synchronised(self):
        return self._synchronised

    async def sleep(self, seconds):
        await asyncio.sleep(seconds)


class Bench:
    def __init__(self, folder):
        self.folder = folder
        self.authority = open_authority(folder / "authority", now=NOW - 1000 * DAY)
        self.broker = GuardedMosquitto(folder, self.authority)

    def node(self, issued: datetime = NOW) -> BrokerSection:
        """What a node was given at that time."""
        subprocess.run(
            ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x",
             "-keyout", self.folder / "k", "-out", self.folder / "r"], check=True, capture_output=True,
        )  # fmt: skip
        made = self.authority.certify((self.folder / "r").read_text(), "node-0011223344556677", str(NODE), issued)
        enrolled = Enrolled(
            estate=NODE.estate,
            node=NODE.node,
            credential="node-0011223344556677",
            certificate=made.pem,
            authority=self.authority.pem,
            broker_host="127.0.0.1",
            broker_port=self.broker.port,
            issued_at=made.issued_at,
            expires_at=made.expires_at,
        )
        CredentialFolder(self.folder / "credentials").keep(
            enrolled, (self.folder / "k").read_text(), "https://x.example"
        )
        return BrokerSection(host="127.0.0.1", port=self.broker.port, credentials=self.folder / "credentials")


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    bench.broker.start()
    yield bench
    bench.broker.kill()


async def connects(section, clock, last_trusted=None) -> str:
    """What the broker or TLS says to a node; this broker knows no rights of it, which is the furthest one gets here."""
    with pytest.raises(BrokerError) as refused:
        async with MqttBroker(section, NODE, clock, last_trusted=lambda: last_trusted).connect(None):
            pass
    return str(refused.value)


ARRIVED = "neither speak nor listen"


async def test_a_node_that_believes_it_is_1970_connects(bench):
    assert ARRIVED in await connects(bench.node(), StoppedClock(0.0))


async def test_a_clock_years_ahead_that_follows_nothing_does_not_cut_the_node_off(bench):
    assert ARRIVED in await connects(bench.node(), StoppedClock((NOW + 3650 * DAY).timestamp()))


async def test_a_brokers_expired_certificate_is_refused_before_a_word_is_said(bench):
    bench.broker.kill()
    bench.broker.setup.write(bench.authority, NOW - 800 * DAY)
    bench.broker.start()
    said = await connects(bench.node(), StoppedClock(NOW.timestamp(), synchronised=True))
    assert "the broker's certificate does not count: it has expired" in said


async def test_without_a_clock_the_outbox_knows_that_the_brokers_certificate_is_over(bench):
    bench.broker.kill()
    bench.broker.setup.write(bench.authority, NOW - 735 * DAY)
    bench.broker.start()
    said = await connects(bench.node(NOW - 80 * DAY), StoppedClock(0.0), last_trusted=NOW.timestamp())
    assert "it has expired" in said
    assert "this clock follows no reference" in said


async def test_a_certificate_of_the_future_is_refused_by_a_clock_that_is_sure_and_by_no_other(bench):
    bench.broker.kill()
    bench.broker.setup.write(bench.authority, NOW + 30 * DAY)
    bench.broker.start()
    section = bench.node()
    assert "it is not valid yet" in await connects(section, StoppedClock(NOW.timestamp(), synchronised=True))
    assert ARRIVED in await connects(section, StoppedClock(0.0))


async def test_a_node_whose_own_certificate_is_over_says_so(bench):
    said = await connects(bench.node(NOW - 100 * DAY), StoppedClock(NOW.timestamp(), synchronised=True))
    assert "this node's certificate ended on" in said
    assert "claim code" in said


async def test_a_stranger_with_the_right_name_is_not_believed(bench, tmp_path):
    """Everything but the dates is verified as ever."""
    section = bench.node()
    (tmp_path / "elsewhere").mkdir()
    bench.broker.kill()
    bench.broker.setup.write(open_authority(tmp_path / "elsewhere", now=NOW), NOW)
    bench.broker.start()
    said = await connects(section, StoppedClock(0.0))
    assert "certificate verify failed" in said
