"""A load of simulated nodes in one process: sealed batches over a bare MQTT connection, a window per node, our own acks."""

import json
import time
import uuid
from collections import deque

from tests.fakes.mqtt_wire import Wire

ESTATE = "bench"


class Node:
    """A node that has `count` batches of `readings` readings to send, at most `window` of them unacknowledged."""

    def __init__(self, name: str, count: int, readings: int, window: int):
        self.topic = f"tocsin/v1/{ESTATE}/{name}/telemetry"
        self.outbox, self.boot = str(uuid.uuid4()), str(uuid.uuid4())
        self.window, self.in_flight = window, 0
        self.waiting = deque(self._payload(name, seq, readings) for seq in range(1, count + 1))

    def _payload(self, name: str, seq: int, readings: int) -> bytes:
        """As `edge.application.packing` writes it: a whole second as base time, a base name for each piece of equipment."""
        points = (("speed", "m/s"), ("load", "kg"), ("floor", None), ("door-open", None))
        pack: list[dict] = []
        for i in range(readings):
            point, unit = points[i % 4]
            record: dict = {} if i % 4 else {"bn": f"{name}/lift-{i // 4}/"}
            if i == 0:
                record["bt"] = int(time.time()) - 3600 + seq
            record["n"] = point
            if unit is not None:
                record["u"] = unit
            value = {"vb": seq % 7 == 0} if point == "door-open" else {"v": round(1.5 + seq % 97 * 0.01 + i, 3)}
            pack.append(record | value | {"t": round(i * 0.05, 3), "mono_": seq + i * 0.05})
        sealed = {
            "outbox": self.outbox,
            "boot": self.boot,
            "seq": seq,
            "sealed_mono": seq + 1.0,
            "clock": "synchronised",
        }
        stamp = {"sent_mono": seq + 1.1, "sent_boot": self.boot, "backlog": False}
        return json.dumps(sealed | {"pack": pack} | stamp, separators=(",", ":")).encode()


def run(  # noqa: C901 - one loop of a load generator, read in one place
    port: int,
    *,
    nodes: int,
    messages: int,
    readings: int,
    window: int = 32,
    until_acked: bool = True,
    rate: float = 0.0,
) -> dict:
    """Send all; wait for our acknowledgements, or only for the broker's. Seconds from the first sending to the last answer."""
    wire = Wire(port, f"load-{uuid.uuid4().hex[:8]}")
    if until_acked:
        wire.subscribe(f"tocsin/v1/{ESTATE}/+/ack")
    fleet = [Node(f"n{i}", messages // nodes, readings, window) for i in range(nodes)]
    by_outbox = {node.outbox: node for node in fleet}
    total = sum(len(node.waiting) for node in fleet)
    sent = acked = 0
    refused = 0
    begun, began_at = time.perf_counter(), time.time()
    deadline = begun + 120
    while acked < total:
        packets = []
        for node in fleet:
            free = min(node.window - node.in_flight, len(node.waiting))
            if rate:
                free = min(free, int((time.perf_counter() - begun) * rate) - sent - len(packets))
            for _ in range(free):
                packets.append(wire.packet(node.topic, node.waiting.popleft()))
                node.in_flight += 1
        sent += len(packets)
        if packets:
            wire.publish(packets)
        wire.read(0.005 if rate else 0.5)
        if until_acked:
            for _topic, payload in wire.messages:
                ack = json.loads(payload)
                done = sum(last - first + 1 for stream in ack["streams"] for first, last in stream["stored"])
                refused += sum(len(stream["refused"]) for stream in ack["streams"])
                by_outbox[ack["outbox"]].in_flight -= done
                acked += done
        else:
            acked = wire.pubacks
            for node in fleet:
                node.in_flight = max(0, (sent - acked) // nodes)
        wire.messages.clear()
        if time.perf_counter() > deadline:
            break
    elapsed = time.perf_counter() - begun
    wire.close()
    return {
        "sent": sent,
        "acknowledged": acked,
        "refused": refused,
        "seconds": elapsed,
        "rate": acked / elapsed,
        "began_at": began_at,
    }


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--nodes", type=int, default=50)
    parser.add_argument("--messages", type=int, default=40_000)
    parser.add_argument("--readings", type=int, default=4)
    parser.add_argument("--window", type=int, default=32)
    parser.add_argument("--broker-only", action="store_true")
    parser.add_argument("--rate", type=float, default=0.0, help="messages a second; 0: as fast as the window lets")
    a = parser.parse_args()
    result = run(
        a.port,
        nodes=a.nodes,
        messages=a.messages,
        readings=a.readings,
        window=a.window,
        until_acked=not a.broker_only,
        rate=a.rate,
    )
    print(json.dumps(result))
