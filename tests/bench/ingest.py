"""Ingest with acknowledgement end to end, beside mosquitto_sub and a bare counting client of paho in the same run.

Each round starts a broker and lets mosquitto_sub (C, discards), then paho (Python, counts) take the load; then a real
cloud process, which validates, stores durably and acknowledges. Load, broker and program share the machine. For the
peers the load waits for the broker alone; for the cloud it waits for our own acknowledgements, at most 32 a node.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

import paho.mqtt.client as paho

from tests.bench.figures import Bar, Bench
from tests.bench.mqtt_load import ESTATE
from tests.bench.processes import CloudProcess, brokered

TOPIC = f"tocsin/v1/{ESTATE}/+/telemetry"


def start_load(port: int, readings: int, messages: int, *extra: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.bench.mqtt_load", "--port", str(port), "--readings", str(readings)]
    return subprocess.Popen([*command, "--messages", str(messages), *extra], stdout=subprocess.PIPE, text=True)


def load(port: int, readings: int, messages: int) -> dict:
    """Until the cloud has acknowledged all."""
    running = start_load(port, readings, messages)
    said, _ = running.communicate()
    assert running.returncode == 0, "the load failed"
    return json.loads(said)


def peer_rate(subscriber: subprocess.Popen, port: int, readings: int, messages: int) -> float:
    """Messages a second from the first sending to the subscriber's end, which is when it has got them all. The load ends
    later, and that is not the subscriber's time.
    """
    running = start_load(port, readings, messages, "--broker-only")
    assert subscriber.wait(120) == 0, "the subscriber did not get all"
    ended = time.time()
    said, _ = running.communicate()
    return messages / (ended - json.loads(said)["began_at"])


def mosquitto_sub(port: int, readings: int, messages: int) -> float:
    """Messages a second through mosquitto_sub."""
    sub = subprocess.Popen(
        ["mosquitto_sub", "-p", str(port), "-t", TOPIC, "-q", "1", "-C", str(messages)], stdout=subprocess.DEVNULL
    )
    time.sleep(0.3)  # it has no way of saying that it has subscribed
    return peer_rate(sub, port, readings, messages)


def counting(port: int, messages: int) -> None:
    """Subscribe, say so, and end once so many messages have come. In a process of its own."""
    count, all_here = 0, threading.Event()

    def on_message(_client, _userdata, _message):
        nonlocal count
        count += 1
        if count == messages:
            all_here.set()

    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.on_message = on_message
    client.on_connect = lambda client, *_: client.subscribe(TOPIC, 1)
    client.on_subscribe = lambda *_: print("listening", flush=True)
    client.connect("127.0.0.1", port)
    client.loop_start()
    assert all_here.wait(60), f"{count} of {messages} came"
    os._exit(0)  # it ends when it has counted, and not when an interpreter has been taken down


def paho_counting(port: int, readings: int, messages: int) -> float:
    """Messages a second through a client that only counts."""
    count = [sys.executable, "-m", "tests.bench.ingest", str(port), str(messages)]
    with subprocess.Popen(count, stdout=subprocess.PIPE, text=True) as counter:
        assert counter.stdout is not None
        counter.stdout.readline()
        return peer_rate(counter, port, readings, messages)


def measure(short: bool, *, readings: int) -> dict[str, float]:
    messages = (20_000 if short else 80_000) // (1 if readings < 10 else 2)
    with tempfile.TemporaryDirectory() as name, brokered(Path(name)) as broker:
        peer = mosquitto_sub(broker.port, readings, messages)
        counted = paho_counting(broker.port, readings, messages)
        cloud = CloudProcess(Path(name) / "data", broker.port)
        idle = cloud.usage.cpu_s
        result = load(broker.port, readings, messages)
        busy, memory = cloud.usage.cpu_s - idle, cloud.usage.highest_rss_mib
        cloud.stop()
    assert result["acknowledged"] == messages, result
    return {
        "messages_per_s": result["rate"],
        "readings_per_s": result["rate"] * readings,
        "mosquitto_sub_per_s": peer,
        "paho_counting_per_s": counted,
        "ratio_to_mosquitto_sub": result["rate"] / peer,
        "cpu_us_per_message": busy / messages * 1e6,
        "highest_rss_mib": memory,
    }


FOUR = Bench(
    "ingest-4",
    "ingest, 4 readings a message, acknowledged",
    partial(measure, readings=4),
    {"ratio_to_mosquitto_sub": Bar(0.333, least=True)},
)
TWENTY = Bench(
    "ingest-20",
    "ingest, 20 readings a message, acknowledged",
    partial(measure, readings=20),
    {"readings_per_s": Bar(100_000, least=True)},
)

if __name__ == "__main__":
    counting(*map(int, sys.argv[1:]))
