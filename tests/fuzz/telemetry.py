"""A batch of telemetry, from the broker's bytes to what is stored; the short way says what the long way says."""

from __future__ import annotations

from datetime import UTC, datetime

from cloud.application.intake.plain_packs import NotPlain, PlainPacks
from cloud.application.intake.reading_time import AHEAD_US, samples
from cloud.application.intake.record_telemetry import BatchArrived, RecordTelemetry
from cloud.application.timeseries import to_micros
from cloud.domain.fleet.boot_time import BootTime
from cloud.entrypoints.ingest.decoding import Arrival, Decoded, Unusable, decode
from schemas.batch import ClockState, digest
from schemas.examples import MESSAGES
from schemas.senml import SenmlError
from schemas.telemetry import readings
from schemas.topics import Channel
from tests.fakes.timeseries import InMemoryReadings
from tests.fuzz.target import Target, said

TOPIC = "tocsin/v1/example/b3-gateway/telemetry"
AT = datetime(2026, 11, 23, 0, 0, 30, tzinfo=UTC)
ARRIVED = to_micros(AT)
OFFSET = ARRIVED - 95_000_000
PLAIN = PlainPacks()
"""One for all, so that what it remembers of one pack is tried on the next."""


def one(data: bytes) -> bool:
    found = decode(Arrival(TOPIC, data, AT))
    if isinstance(found, Unusable):
        said(found.refused.reason)
        return False
    _both_ways(found)
    letters: list[str] = []
    record = RecordTelemetry(
        InMemoryReadings(),
        lambda refused: letters.append(refused.reason),
        lambda *_: None,
        lambda *_: BootTime.known(found.message.boot, OFFSET),
    )
    item = BatchArrived(found.address, found.message, digest(data), TOPIC, data, AT)
    (recorded,) = record([item], AT)
    # A record may carry nothing but what holds for those after it.
    assert 0 < recorded.readings + recorded.refused <= len(found.message.pack)
    assert bool(letters) == bool(recorded.refused)
    for letter in letters:
        said(letter)
    return not recorded.refused


def _both_ways(found: Decoded) -> None:
    batch = found.message
    believed = batch.clock is ClockState.SYNCHRONISED
    try:
        short = PLAIN.samples(batch.pack, offset=None if believed else OFFSET, horizon=ARRIVED + AHEAD_US)
    except NotPlain:
        return
    try:
        assert short == samples(readings(batch, ARRIVED / 1e6), ARRIVED, believed=believed, offset=OFFSET)
    except SenmlError as error:
        raise AssertionError(f"the short way takes what the long way refuses: {error}") from error


TARGET = Target(
    [one.model_dump_json(exclude_none=True).encode() for one in MESSAGES[Channel.TELEMETRY]], one, structured=True
)
