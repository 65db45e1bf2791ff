"""How the machine is: disk, heat, supply voltage, wear."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from edge.application.ports import Vitals

_THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")
_THROTTLED = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")
_IO = Path("/proc/self/io")
_UNDER_VOLTAGE_NOW = 0x1


class LinuxMachine:
    """Reads what the kernel shows of a Raspberry Pi; what a machine does not show stays None."""

    def __init__(self, storage: Path) -> None:
        self._storage = storage

    def vitals(self) -> Vitals:
        return Vitals(
            disk_free_bytes=_free(self._storage),
            temperature_c=_temperature(),
            under_voltage=_under_voltage(),
            bytes_written=_written(),
        )


def _free(folder: Path) -> int:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return 0
    return disk.f_bavail * disk.f_frsize


def _temperature() -> float | None:
    with contextlib.suppress(OSError, ValueError):
        return int(_THERMAL.read_text(encoding="ascii")) / 1000
    return None


def _under_voltage() -> bool | None:
    with contextlib.suppress(OSError, ValueError):
        return bool(int(_THROTTLED.read_text(encoding="ascii"), 16) & _UNDER_VOLTAGE_NOW)
    return None


def _written() -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = _IO.read_text(encoding="ascii").splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("write_bytes:")), None)
    return None
