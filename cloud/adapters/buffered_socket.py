"""A socket read and written in large pieces. paho asks for single bytes and sends single acknowledgements, each a system
call that gives the interpreter lock away and has to win it back from whoever stores meanwhile.
"""

from __future__ import annotations

import socket
import ssl
from typing import Final

PIECE: Final = 256 * 1024


class BufferedSocket:
    """Looks like the non-blocking socket it wraps. Used from the connection's thread."""

    def __init__(self, sock: socket.socket | ssl.SSLSocket) -> None:
        self._sock = sock
        self._read = b""
        self._at = 0
        self._unsent = bytearray()

    def recv(self, size: int) -> bytes:
        """At most `size` bytes; b"" at the end. Raises BlockingIOError (TLS: ssl.SSLWantReadError) when there are none."""
        end = self._at + size
        if self._at >= len(self._read):
            self._read, self._at, end = self._sock.recv(PIECE), 0, size
        piece = self._read[self._at : end]
        self._at += len(piece)
        return piece

    def send(self, data: bytes | bytearray) -> int:
        """Takes it all; `flush` sends it."""
        self._unsent += data
        return len(data)

    def flush(self) -> None:
        """Sends what the network takes now. Raises OSError when the connection is gone."""
        try:
            while self._unsent:
                del self._unsent[: self._sock.send(self._unsent)]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return

    @property
    def unsent(self) -> int:
        return len(self._unsent)

    def pending(self) -> int:
        """Bytes that can be read although the network has nothing new."""
        own = len(self._read) - self._at
        return own + (self._sock.pending() if isinstance(self._sock, ssl.SSLSocket) else 0)

    def fileno(self) -> int:
        return self._sock.fileno()

    def setblocking(self, flag: bool) -> None:
        self._sock.setblocking(flag)

    def setsockopt(self, level: int, option: int, value: int) -> None:
        self._sock.setsockopt(level, option, value)

    def close(self) -> None:
        """What is still unsent goes if the network takes it at once: the last word of a farewell."""
        try:
            self.flush()
        except OSError:
            pass
        finally:
            self._sock.close()
