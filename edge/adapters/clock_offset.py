"""How far the wall clock is from its reference, as whoever steers it last measured it."""

from __future__ import annotations

import asyncio
import ctypes
import math
import shutil
import subprocess
from typing import Final

STA_PLL: Final = 0x0001
"""The kernel's own loop steers the clock: systemd-timesyncd and ntpd leave the offset to it. chronyd does not."""
STA_UNSYNC: Final = 0x0040
STA_NANO: Final = 0x2000
_PATIENCE_S: Final = 2.0
_SYSTEM_TIME: Final = 4
"""Of what `chronyc -c tracking` prints: reference, its name, stratum, time of the reference, and this."""
_NOT_SYNCHRONISED: Final = "Not synchronised"
_FIELDS: Final = 14


class Timex(ctypes.Structure):
    """struct timex (adjtimex(2)) as far as it is read here. It is 208 bytes on 64 bit Linux; more is harmless."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 512),
    )


def kernel_offset(said: Timex) -> float | None:
    """Seconds that the kernel has yet to take away, positive where the clock is behind; None where it steers nothing.

    It was given the offset that was measured, and has slewed a part of it away since.
    """
    if not said.status & STA_PLL or said.status & STA_UNSYNC:
        return None
    return float(said.offset) / (1e9 if said.status & STA_NANO else 1e6)


async def offset_by_chrony() -> float | None:
    """What chronyd says, asked by `chronyc`, which every user of the machine may; None where it does not answer."""
    program = shutil.which("chronyc")
    if program is None:
        return None
    return offset_in(await asyncio.to_thread(_tracking, program))


def offset_in(tracking: str) -> float | None:
    """Seconds from the system's clock to chronyd's (chronyc(1), tracking), positive where the system's is behind."""
    fields = tracking.strip().split(",")
    if len(fields) != _FIELDS or fields[-1] == _NOT_SYNCHRONISED:
        return None
    try:
        offset = float(fields[_SYSTEM_TIME])
    except ValueError:
        return None
    return offset if math.isfinite(offset) else None


def _tracking(program: str) -> str:
    try:
        asked = subprocess.run(  # noqa: S603 - the machine's own chronyc, without a shell
            (program, "-c", "-n", "tracking"), capture_output=True, text=True, timeout=_PATIENCE_S, check=True
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return asked.stdout
