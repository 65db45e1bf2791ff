"""A cloud behind a real broker that stores every batch once and acknowledges it - unless told not to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho

from schemas.topics import Channel, parse


def until(condition: Callable[[], Any], seconds: float = 15.0, what: str = "the condition") -> Any:
    """Poll until it is true; the last value, or AssertionError."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} did not come true within {seconds} s"
        time.sleep(0.01)
    return value


class StoringCloud:
    """Stores every batch once, counts what came twice, and acknowledges - unless told not to."""

    def __init__(self, port: int) -> None:
        self._lock = threading.Lock()
        self.batches: dict[tuple[str, str, int], dict[str, Any]] = {}
        self.conflicts: list[tuple[str, str, int]] = []
        self.repeats = 0
        self.presence: list[dict[str, Any]] = []
        self.health: list[dict[str, Any]] = []
        self.arrivals: list[tuple[float, str, dict[str, Any]]] = []
        self.acknowledges = True
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self._client.on_message = self._message
        self._client.on_connect = lambda client, *_: client.subscribe("tocsin/v1/+/+/#", 1)
        subscribed = threading.Event()
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.reconnect_delay_set(0.05, 0.5)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        # What is said before that, nobody hears.
        assert subscribed.wait(10), "the broker did not take the subscription"

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        with self._lock:
            stored = sorted(((key[2], key[0]), batch) for key, batch in self.batches.items() if key[1] == "events")
        return [event for _, batch in stored for event in batch["events"] if kind in (None, event["kind"])]

    def values(self, point: str) -> list[Any]:
        """Values of a point (`smoke-1/alarm` style full name), in order of sequence."""
        equipment, _, name = point.rpartition("/")
        found = []
        with self._lock:
            stored = sorted(((key[2], key[0]), batch) for key, batch in self.batches.items() if key[1] == "telemetry")
        for _, batch in stored:
            base = ""
            for record in batch["pack"]:
                base = record.get("bn", base)
                if base == f"{equipment}/" and record["n"] == name:
                    found.append(next(record[key] for key in ("v", "vb", "vs") if key in record))
        return found

    def gaps(self) -> list[tuple[str, str, int]]:
        """Sequence numbers below the highest of their stream that never came."""
        with self._lock:
            keys = set(self.batches)
        missing = []
        for outbox, stream in {(key[0], key[1]) for key in keys}:
            seqs = {key[2] for key in keys if key[:2] == (outbox, stream)}
            missing += [(outbox, stream, seq) for seq in range(1, max(seqs) + 1) if seq not in seqs]
        return missing

    def _message(self, client: paho.Client, _: object, message: paho.MQTTMessage) -> None:
        arrived = time.monotonic()
        topic = parse(message.topic)
        channel = getattr(topic, "channel", None)
        if channel is None or not message.payload:
            return
        payload = json.loads(message.payload)
        with self._lock:
            self.arrivals.append((arrived, str(channel), payload))
            if channel is Channel.PRESENCE:
                self.presence.append(payload)
            elif channel is Channel.HEALTH:
                self.health.append(payload)
            elif channel in (Channel.EVENTS, Channel.TELEMETRY):
                self._store(client, message.topic, channel, payload)

    def _store(self, client: paho.Client, topic: str, channel: Channel, payload: dict[str, Any]) -> None:
        key = (payload["outbox"], str(channel), payload["seq"])
        sealed = {name: value for name, value in payload.items() if name not in ("sent_mono", "sent_boot", "backlog")}
        if key in self.batches:
            self.repeats += 1
            if self.batches[key] != sealed:
                self.conflicts.append(key)
        if not self.acknowledges:
            return
        self.batches.setdefault(key, sealed)
        ack = {"outbox": key[0], "streams": [{"stream": key[1], "stored": [[key[2], key[2]]]}]}
        client.publish(topic.rsplit("/", 1)[0] + "/ack", json.dumps(ack), qos=1)
