"""MCP3008 converters on SPI, through gpiozero's pin factory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from edge.domain.analog import REFERENCE_VOLTS
from edge.errors import BoardError

_FULL_SCALE = 1023
_START, _SINGLE_ENDED = 0b1, 0b1000
"""The question to an MCP3008: a start bit, then single-ended and the channel (data sheet DS21295, 6.1)."""


class Mcp3008Reader:
    """Up to two MCP3008. Blocking: one conversion takes a fraction of a millisecond on a Pi. Use from one thread.

    Not gpiozero's MCP3008 device: its shared bus is shared by host name alone, so that two agents of one process would
    read one board's converter for both.
    """

    def __init__(self, channels: Iterable[tuple[int, int]], pin_factory: Any) -> None:
        """`channels`: (device, channel) of every input that will be read. Raises BoardError."""
        self._buses: dict[int, Any] = {}
        for device in sorted({device for device, _ in channels}):
            try:
                self._buses[device] = pin_factory.spi(port=0, device=device)
            except Exception as error:  # each pin library has errors of its own, without a common root
                self.close()
                raise BoardError(
                    f"SPI device {device} cannot be opened: {error}; switch SPI on (raspi-config, Interface Options)"
                ) from error

    def volts(self, device: int, channel: int) -> float:
        try:
            answer = self._buses[device].transfer([_START, (_SINGLE_ENDED | channel) << 4, 0])
        except Exception as error:  # each pin library has errors of its own, without a common root
            raise BoardError(f"SPI device {device} channel {channel} cannot be read: {error!r}") from error
        return float((answer[1] & 0b11) << 8 | answer[2]) / _FULL_SCALE * REFERENCE_VOLTS

    def close(self) -> None:
        for bus in self._buses.values():
            try:
                bus.close()
            except Exception:  # noqa: BLE001 - as above; the board is gone, and its bus with it
                # Or gpiozero tries again when the bus is collected, and prints a traceback over our clear message.
                bus._handle = None  # noqa: SLF001
        self._buses.clear()
