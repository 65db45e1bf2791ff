"""A node as the network sees it: says what it is told to, well-formed or not, and hears its acknowledgements."""

import time
import uuid

from schemas.batch import Batch, ClockState, seal, stamp
from schemas.delivery import Ack
from schemas.events import AlarmRaised, EventBatch, SequenceVoided
from schemas.telemetry import TelemetryBatch
from schemas.topics import Channel, NodeAddress
from tests.fakes.mqtt_wire import Wire


class NodeVoice:
    """What a node says, sealed and stamped; no network needed."""

    def __init__(self, name: str, estate: str = "example"):
        self.address = NodeAddress(estate, name)
        self.outbox, self.boot = str(uuid.uuid4()), str(uuid.uuid4())

    def envelope(self, seq: int) -> dict:
        return {
            "outbox": self.outbox,
            "boot": self.boot,
            "seq": seq,
            "sealed_mono": 100.0 + seq,
            "clock": ClockState.SYNCHRONISED,
        }

    def telemetry(self, seq: int, value: float = 1.5, records: int = 2) -> bytes:
        pack = [
            {
                "bn": "b1/lift-1/",
                "bt": round(time.time() - 60, 3),
                "n": "speed",
                "u": "m/s",
                "v": value,
                "mono_": 100.0 + seq,
            }
        ]
        pack += [{"n": "floor", "t": i / 10, "v": float(i), "mono_": 100.0 + seq + i / 10} for i in range(1, records)]
        return self.stamped(TelemetryBatch(**self.envelope(seq), pack=pack))

    def void(self, seq: int, first: int, last: int) -> bytes:
        fact = SequenceVoided(mono=100.0 + seq, stream="telemetry", first=first, last=last, reason="quota")
        return self.stamped(EventBatch(**self.envelope(seq), events=[fact]))

    def alarm(self, seq: int, hazard: str = "fire.smoke", equipment: str = "b1/smoke-1") -> bytes:
        raised = AlarmRaised(
            t=time.time(),
            mono=100.0 + seq,
            occurrence=str(uuid.uuid4()),
            rule=f"{equipment}/{hazard}",
            hazard=hazard,
            severity="critical",
            equipment=equipment,
        )
        return self.stamped(EventBatch(**self.envelope(seq), events=[raised]))

    def stamped(self, batch: Batch) -> bytes:
        return stamp(seal(batch), sent_mono=101.0 + batch.seq, sent_boot=self.boot, backlog=False)


class WireNode(NodeVoice):
    def __init__(self, port: int, name: str, estate: str = "example"):
        super().__init__(name, estate)
        self.acks: list[Ack] = []
        self._wire = Wire(port, f"{name}-{self.outbox[:8]}")
        self._wire.subscribe(self.address.topic(Channel.ACK))

    def close(self):
        self._wire.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def say(self, payload: bytes, channel: str = "telemetry"):
        self._wire.publish([self._wire.packet(f"tocsin/v1/{self.address}/{channel}", payload)])

    def say_in_a_breath(self, *said: tuple[bytes, str]):
        """Each with its channel, in this order and with nothing between: the first do not arrive long before the last."""
        self._wire.publish(
            [self._wire.packet(f"tocsin/v1/{self.address}/{channel}", payload) for payload, channel in said]
        )

    def say_on(self, topic: str, payload: bytes):
        self._wire.publish([self._wire.packet(topic, payload)])

    def listen(self, wait_s: float = 0.1):
        self._wire.read(wait_s)
        self.acks += [Ack.model_validate_json(payload) for _topic, payload in self._wire.messages]
        self._wire.messages.clear()

    def acknowledged_before(self, seq: int, stream: str, of: str = "telemetry") -> set[int]:
        """What of the one stream was acknowledged before that number of the other, by the order in which it was told."""
        told = range(len(self.acks))
        first = next(n for n in told if seq in self._among(self.acks[: n + 1], stream))
        return self._among(self.acks[:first], of)

    def acknowledged(self, stream: str = "telemetry") -> set[int]:
        return self._among(self.acks, stream)

    @staticmethod
    def _among(acks: list[Ack], stream: str) -> set[int]:
        return {
            seq
            for ack in acks
            for answer in ack.streams
            if answer.stream == stream
            for first, last in answer.stored
            for seq in range(first, last + 1)
        }

    def refused(self, stream: str = "telemetry") -> set[int]:
        return {seq for ack in self.acks for answer in ack.streams if answer.stream == stream for seq in answer.refused}

    def hear(self, *seqs: int, stream: str = "telemetry", within_s: float = 10.0):
        """Wait until these are acknowledged."""
        deadline = time.monotonic() + within_s
        while not set(seqs) <= self.acknowledged(stream):
            assert time.monotonic() < deadline, f"{sorted(set(seqs) - self.acknowledged(stream))} not acknowledged"
            self.listen()
