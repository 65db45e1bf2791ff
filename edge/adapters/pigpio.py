"""pigpio's protocol to a daemon or a virtual board that may go away: its end is noticed, and no command waits for ever.

The client library waits without bound for an answer, and its thread for edges reads the end of its connection over and
over, which takes a whole core. So both its sockets are wrapped.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Any, Final

ANSWER_S: Final = 3.0
"""A daemon answers within a millisecond; a board over Wi-Fi within a tenth of a second."""
_ASK_VERSION: Final = 26
"""PIGPV: the one command that every pigpiod knows and that changes nothing."""
_HEADER: Final = struct.Struct("IIII")


class BoardGone(ConnectionError):  # noqa: N818 - named for what happened
    """The board ended the connection, or did not answer in time. Every later command fails at once."""


class _Wire:
    """What the library does with a socket, and no more: send, sendall, recv, close."""

    def __init__(self, wrapped: socket.socket, where: str, gone: Callable[[], None]) -> None:
        self._socket = wrapped
        self._where = where
        self._gone = gone
        self._lost = False

    def send(self, data: bytes) -> int:
        self.sendall(data)
        return len(data)

    def sendall(self, data: bytes) -> None:
        if self._lost:
            raise self._error()
        try:
            self._socket.sendall(data)
        except OSError as error:
            self.lose()
            raise self._error() from error

    def recv(self, most: int) -> bytes:
        if self._lost:
            raise self._error()
        try:
            received = self._socket.recv(most)
        except OSError as error:
            self.lose()
            raise self._error() from error
        if not received:
            self.lose()
            raise self._error()
        return received

    def close(self) -> None:
        self._socket.close()

    def lose(self) -> None:
        """From now on everything fails at once; whoever waits for an answer on it gives up."""
        if not self._lost:
            self._lost = True
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._gone()

    def _error(self) -> BoardGone:
        return BoardGone(f"the board at {self._where} no longer answers; check that it runs and can be reached")


class _EdgesWire(_Wire):
    """The socket of the thread for edges, which ends with its connection instead of reading its end for ever."""

    def __init__(self, notify: Any, where: str, gone: Callable[[], None]) -> None:
        super().__init__(notify.sl.s, where, gone)
        self._notify = notify

    def recv(self, most: int) -> bytes:
        try:
            return super().recv(most)
        except BoardGone:
            self._notify.go = False
            return b""


def require_board(host: str, port: int) -> None:
    """Raise OSError unless somebody is there who answers as pigpiod does: the library itself would wait for ever."""
    with socket.create_connection((host, port), ANSWER_S) as asking:
        asking.sendall(_HEADER.pack(_ASK_VERSION, 0, 0, 0))
        if len(asking.recv(_HEADER.size)) != _HEADER.size:
            raise ConnectionError("it does not speak pigpio's protocol")


def guard(connection: Any, where: str) -> None:
    """Wrap both sockets of a connection just made (`pigpio.pi`), so that its end is noticed."""
    connection.sl.s.settimeout(ANSWER_S)
    notify = connection._notify  # noqa: SLF001 - no public way to the thread for edges
    commands = _Wire(connection.sl.s, where, lambda: None)
    connection.sl.s, notify.sl.s = commands, _EdgesWire(notify, where, commands.lose)
