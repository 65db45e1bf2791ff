"""One message of each kind, as the documentation shows it and a test validates it."""

from __future__ import annotations

from typing import Final

from schemas.base import DocumentModel, WireModel
from schemas.batch import ClockState, Stream
from schemas.commands import Command, ConfigurationReceipt, Receipt
from schemas.delivery import Ack, StreamAck
from schemas.events import AlarmRaised, EventBatch
from schemas.hazards import Severity
from schemas.node_config import NodeConfig
from schemas.presence import ActiveOccurrence, Born, Died, Health, StreamDepth, WorkerHint
from schemas.telemetry import MONO_LABEL, TelemetryBatch
from schemas.topics import Channel

_OUTBOX: Final = "0197a6b0-3c1e-7d52-9a41-5d0c8f6e2b17"
_BOOT: Final = "0197a6b0-41aa-7c08-8f4e-1b7de9a3c650"
_OCCURRENCE: Final = "0197a6b1-0f3d-7e91-b2c6-74e8d1f05a39"
_COMMAND: Final = "0197a6b2-88c4-7a1b-9d35-e6f2074b1c8d"
_TIME: Final = 1795420800.0

_ENTRAPMENT: Final = ActiveOccurrence(
    occurrence=_OCCURRENCE,
    rule="b3/lift-7/entrapment",
    hazard="lift.entrapment",
    severity=Severity.CRITICAL,
    equipment="b3/lift-7",
    since_t=_TIME,
    since_mono=88122.1,
)

WORKER_HINT: Final = WorkerHint(t=_TIME)

MESSAGES: Final[dict[Channel, tuple[WireModel | DocumentModel, ...]]] = {
    Channel.TELEMETRY: (
        TelemetryBatch(
            outbox=_OUTBOX,
            boot=_BOOT,
            seq=1842,
            sealed_mono=88123.512,
            clock=ClockState.SYNCHRONISED,
            pack=[
                {"bn": "b3/lift-7/", "bt": _TIME, "n": "speed", "u": "m/s", "v": 1.52, MONO_LABEL: 88122.1},
                {"n": "floor", "t": 0.5, "v": 12, MONO_LABEL: 88122.6},
                {"n": "door-open", "t": 0.5, "vb": False, MONO_LABEL: 88122.6},
            ],
            sent_mono=88123.63,
            sent_boot=_BOOT,
        ),
    ),
    Channel.EVENTS: (
        EventBatch(
            outbox=_OUTBOX,
            boot=_BOOT,
            seq=97,
            sealed_mono=88122.102,
            clock=ClockState.SYNCHRONISED,
            events=[
                AlarmRaised(
                    t=_TIME,
                    mono=88122.1,
                    occurrence=_OCCURRENCE,
                    rule="b3/lift-7/entrapment",
                    hazard="lift.entrapment",
                    severity=Severity.CRITICAL,
                    equipment="b3/lift-7",
                    point="alarm-button",
                    value=True,
                )
            ],
            sent_mono=88122.11,
            sent_boot=_BOOT,
        ),
    ),
    Channel.PRESENCE: (
        Born(
            outbox=_OUTBOX,
            boot=_BOOT,
            connection=3,
            agent_version="0.1.0",
            config_version=12,
            config_hash="5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
            clock=ClockState.SYNCHRONISED,
            t=_TIME,
            mono=88121.0,
            equipment=["b3/lift-7"],
            active=[_ENTRAPMENT],
        ),
        Died(boot=_BOOT, connection=3),
    ),
    Channel.HEALTH: (
        Health(
            boot=_BOOT,
            t=_TIME,
            mono=88180.0,
            events=StreamDepth(batches=0, records=0),
            telemetry=StreamDepth(batches=2, records=61, oldest_age_s=1.4),
            outage_hours_left=27.5,
            outbox_bytes=1_474_560,
            outbox_quota_bytes=200_000_000,
            disk_free_bytes=9_800_000_000,
            clock=ClockState.SYNCHRONISED,
            clock_offset_s=0.002,
            stale_points={"b3/lift-7/load": 214.0},
            active=[_ENTRAPMENT],
        ),
    ),
    Channel.RECEIPT: (
        Receipt(command=_COMMAND, outcome="done", detail="output beacon blinks for 10 s", t=_TIME),
        ConfigurationReceipt(
            configuration_version=11,
            configuration_hash="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            outcome="refused",
            detail="version 12 is in force here, and versions only grow: issue this content under 13 or higher",
            t=_TIME,
        ),
    ),
    Channel.ACK: (
        Ack(
            outbox=_OUTBOX,
            streams=[
                StreamAck(stream=Stream.EVENTS, stored=[(97, 97)]),
                StreamAck(stream=Stream.TELEMETRY, stored=[(1830, 1842)], refused=[1836]),
            ],
        ),
    ),
    Channel.CONFIG: (
        NodeConfig.model_validate(
            {
                "version": 12,
                "equipment": [{"id": "b3/lift-7", "kind": "lift", "controller": {"host": "192.0.2.7"}}],
                "rules": [
                    {
                        "id": "b3/lift-7/door-fault",
                        "equipment": "b3/lift-7",
                        "hazard": "lift.door-fault",
                        "when": {"kind": "all", "of": [{"kind": "state", "point": "door-open"}], "for_s": 90},
                        "off_delay_s": 5,
                    }
                ],
            }
        ),
    ),
    Channel.COMMAND: (
        Command(
            id=_COMMAND,
            boot=_BOOT,
            action="identify",
            expires_in_s=60.0,
            expires_at=_TIME + 60,
            arguments={"seconds": 10.0},
        ),
    ),
}
