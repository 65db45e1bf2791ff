"""What the tests of outboxes put in and ask for."""

import contextlib
import sqlite3

from edge.application.ports import Entries
from schemas.batch import ClockState, Stream
from schemas.delivery import Ack, StreamAck
from schemas.events import AccessDecided, AlarmRaised
from tests.fakes.edge_clock import BOOT, EPOCH

EVENTS, TELEMETRY = Stream.EVENTS, Stream.TELEMETRY
ALARM = "0197a600-0000-4000-8000-00000000000a"


def access(mono: float = 1.0) -> AccessDecided:
    return AccessDecided(kind="access.denied", equipment="b1/gate-1", reason="unknown-card", mono=mono)


def smoke(mono: float = 1.0) -> AlarmRaised:
    return AlarmRaised(
        occurrence=ALARM, rule="b1/s/smoke", hazard="fire.smoke", severity="critical", equipment="b1/s", mono=mono
    )


def pack(size: int = 1, note: str = "") -> list[dict]:
    return [
        {"bn": "b1/s/", "bt": 1_800_000_000, "n": "co", "v": 1.5, "mono_": 1.0} | ({"vs": note} if note else {})
    ] + [{"n": "co", "t": index, "v": index, "mono_": 1.0 + index} for index in range(1, size)]


def entries(**what) -> Entries:
    return Entries(boot=BOOT, mono=what.pop("mono", 50.0), wall=EPOCH, clock=ClockState.SYNCHRONISED, **what)


def acknowledgement(outbox, stream: Stream, *ranges: tuple[int, int]) -> Ack:
    return Ack(outbox=outbox.identity, streams=[StreamAck(stream=stream, stored=list(ranges))])


def stored_in(file) -> int:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT COUNT(*) FROM batch WHERE stream = 'telemetry'").fetchone()[0]


async def seqs(outbox, stream: Stream) -> list[int]:
    return [batch.seq for batch in await outbox.waiting(stream, 0, 1000)]
