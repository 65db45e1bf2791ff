"""A load of simulated nodes in one process: sealed batches over a bare MQTT connection, a window per node, our own acks.

Written on a socket because a client library would be slower than what it is to measure.
"""

import json
import select
import socket
import time
import uuid
from collections import deque

ESTATE = "bench"


def _length(n: int) -> bytes:
    out = bytearray()
    while True:
        n, digit = n >> 7, n & 127
        out.append(digit | 128 if n else digit)
        if not n:
            return bytes(out)


def _packet(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _length(len(body)) + body


def _text(value: str) -> bytes:
    return len(value).to_bytes(2, "big") + value.encode()


class Wire:
    """Just enough of MQTT 3.1.1: connect, subscribe, publish at QoS 1, read."""

    def __init__(self, port: int, client_id: str):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unread = b""
        self._mid = 0
        self.pubacks = 0
        self._socket.sendall(_packet(0x10, _text("MQTT") + bytes([4, 2, 0, 0]) + _text(client_id)))
        self.messages: list[tuple[str, bytes]] = []
        while not self._take(0x20):
            self._more()

    def subscribe(self, topic: str):
        self._socket.sendall(_packet(0x82, b"\0\1" + _text(topic) + b"\1"))
        while not self._take(0x90):
            self._more()

    def publish(self, packets: list[bytes]):
        self._socket.sendall(b"".join(packets))

    def packet(self, topic: str, payload: bytes) -> bytes:
        self._mid = self._mid % 65535 + 1
        return _packet(0x32, _text(topic) + self._mid.to_bytes(2, "big") + payload)

    def read(self, wait_s: float) -> None:
        if select.select((self._socket,), (), (), wait_s)[0]:
            self._more()
        self._take(None)

    def close(self):
        self._socket.close()

    def _more(self):
        data = self._socket.recv(262144)
        if not data:
            raise ConnectionError("the broker closed the connection")
        self._unread += data

    def _take(self, wanted):
        """Parse what is there; True once a packet of the wanted kind was among it."""
        data, at, found, acks = self._unread, 0, False, []
        while at + 2 <= len(data):
            length, shift, head = 0, 0, at + 1
            while head < len(data) and data[head] & 128:
                length |= (data[head] & 127) << shift
                shift, head = shift + 7, head + 1
            if head >= len(data):
                break
            length |= data[head] << shift
            end = head + 1 + length
            if end > len(data):
                break
            kind = data[at] & 0xF0
            if kind == 0x40:
                self.pubacks += 1
            elif kind == 0x30:
                size = int.from_bytes(data[head + 1 : head + 3], "big")
                start = head + 3 + size
                topic = data[head + 3 : start].decode()
                if data[at] & 0x06:
                    acks.append(b"\x40\x02" + data[start : start + 2])
                    start += 2
                self.messages.append((topic, data[start:end]))
            found = found or kind == wanted
            at = end
        self._unread = data[at:]
        if acks:
            self._socket.sendall(b"".join(acks))
        return found


class Node:
    """A node that has `count` batches of `readings` readings to send, at most `window` of them unacknowledged."""

    def __init__(self, name: str, count: int, readings: int, window: int):
        self.topic = f"tocsin/v1/{ESTATE}/{name}/telemetry"
        self.outbox, self.boot = str(uuid.uuid4()), str(uuid.uuid4())
        self.window, self.in_flight = window, 0
        self.waiting = deque(self._payload(name, seq, readings) for seq in range(1, count + 1))

    def _payload(self, name: str, seq: int, readings: int) -> bytes:
        start = time.time() - 3600 + seq
        points = ("speed", "load", "floor", "door-open")
        pack = [
            {"n": points[i % 4], "t": round(i * 0.05, 3), "v": round(1.5 + seq % 97 * 0.01 + i, 3), "mono_": seq + i * 0.05}
            for i in range(readings)
        ]
        pack[0] |= {"bn": f"{name}/lift-1/", "bt": start}
        sealed = {"outbox": self.outbox, "boot": self.boot, "seq": seq, "sealed_mono": seq + 1.0, "clock": "synchronised"}
        stamp = {"sent_mono": seq + 1.1, "sent_boot": self.boot, "backlog": False}
        return json.dumps(sealed | {"pack": pack} | stamp, separators=(",", ":")).encode()


def run(port: int, *, nodes: int, messages: int, readings: int, window: int = 32, until_acked: bool = True) -> dict:
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
            for _ in range(free):
                packets.append(wire.packet(node.topic, node.waiting.popleft()))
                node.in_flight += 1
        sent += len(packets)
        if packets:
            wire.publish(packets)
        wire.read(0.5)
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
    return {"sent": sent, "acknowledged": acked, "refused": refused, "seconds": elapsed, "rate": acked / elapsed, "began_at": began_at}


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--nodes", type=int, default=50)
    parser.add_argument("--messages", type=int, default=40_000)
    parser.add_argument("--readings", type=int, default=4)
    parser.add_argument("--window", type=int, default=32)
    parser.add_argument("--broker-only", action="store_true")
    a = parser.parse_args()
    result = run(
        a.port,
        nodes=a.nodes,
        messages=a.messages,
        readings=a.readings,
        window=a.window,
        until_acked=not a.broker_only,
    )
    print(json.dumps(result))
