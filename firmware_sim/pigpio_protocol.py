"""The words of the pigpio socket protocol: commands, replies, notification reports and error numbers."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final, NamedTuple

HEADER: Final = struct.Struct("<IIII")
REPORT: Final = struct.Struct("<HHII")
WORD: Final = struct.Struct("<I")
MAX_EXTENSION: Final = 65_535
"""pigpiod takes at most this many bytes behind a header and hangs up on a client that announces more."""
TICK_MASK: Final = 0xFFFF_FFFF
VERSION: Final = 79


class Command(IntEnum):
    """The part of pigpio's commands that a node's equipment needs; any other is answered `Error.UNKNOWN_COMMAND`."""

    MODES = 0
    MODEG = 1
    PUD = 2
    READ = 3
    WRITE = 4
    PWM = 5
    PRS = 6
    PFS = 7
    BR1 = 10
    BR2 = 11
    BC1 = 12
    BS1 = 14
    TICK = 16
    HWVER = 17
    NB = 19
    NP = 20
    NC = 21
    PRG = 22
    PFG = 23
    PRRG = 24
    PIGPV = 26
    SPIO = 71
    SPIC = 72
    SPIR = 73
    SPIW = 74
    SPIX = 75
    GDC = 83
    FG = 97
    FN = 98
    NOIB = 99
    BSPIC = 111
    BSPIO = 112
    BSPIX = 113


class Error(IntEnum):
    """pigpio's own numbers; a negative result is one of these."""

    BAD_USER_GPIO = -2
    BAD_GPIO = -3
    BAD_MODE = -4
    BAD_LEVEL = -5
    BAD_PUD = -6
    BAD_DUTYCYCLE = -8
    BAD_DUTYRANGE = -21
    NO_HANDLE = -24
    BAD_HANDLE = -25
    GPIO_IN_USE = -50
    BAD_SPI_CHANNEL = -76
    BAD_SPI_SPEED = -78
    BAD_PARAM = -81
    BAD_SPI_COUNT = -84
    UNKNOWN_COMMAND = -88
    NOT_PWM_GPIO = -92
    BAD_FILTER = -125
    NOT_SPI_GPIO = -142


class Refused(Exception):  # noqa: N818 - a refusal is an answer to the client, not a fault of the program
    """Raised inside a command and answered as its error number."""

    def __init__(self, error: Error) -> None:
        super().__init__(error.name)
        self.error = error


class Request(NamedTuple):
    """One command as it came: `p3` is the length of `extension` where the command has one."""

    command: int
    p1: int
    p2: int
    p3: int = 0
    extension: bytes = b""

    def words(self, count: int) -> tuple[int, ...]:
        """The extension as `count` unsigned words."""
        if len(self.extension) != count * WORD.size:
            raise Refused(Error.BAD_PARAM)
        return struct.unpack(f"<{count}I", self.extension)


class Reply(NamedTuple):
    """A result (an error if negative) and the bytes that follow it."""

    result: int
    data: bytes = b""


def extension_length(header: bytes) -> int:
    """How many bytes follow this header, whatever the command."""
    length: int = HEADER.unpack(header)[3]
    return length


def decode(header: bytes, extension: bytes = b"") -> Request:
    command, p1, p2, p3 = HEADER.unpack(header)
    return Request(command, p1, p2, p3, extension)


def encode(request: Request, reply: Reply) -> bytes:
    """The header is sent back with the result in its last word, then any data."""
    return HEADER.pack(request.command, request.p1, request.p2, reply.result & 0xFFFF_FFFF) + reply.data


def report(sequence: int, tick: int, levels: int, *, flags: int = 0) -> bytes:
    """Twelve bytes of notification: what bank 1 looks like since `tick` (µs, wraps every 71.6 minutes)."""
    return REPORT.pack(sequence & 0xFFFF, flags, tick & TICK_MASK, levels & 0xFFFF_FFFF)
