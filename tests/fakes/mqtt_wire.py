"""Just enough of MQTT 3.1.1 on a bare socket, for loads and test nodes: a client library would be slower than what it
is to measure, and kinder than the network.
"""

import select
import socket


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
    """Connect, subscribe, publish at QoS 1, read. PUBACKs are counted, messages kept in `messages`."""

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
        heard = select.poll()
        heard.register(self._socket, select.POLLIN)
        if heard.poll(wait_s * 1000):
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
