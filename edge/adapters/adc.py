"""MCP3008 converters on SPI, through gpiozero."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from edge.domain.analog import REFERENCE_VOLTS
from edge.errors import BoardError

_FULL_SCALE = 1023


class Mcp3008Reader:
    """Up to two MCP3008. Blocking: one conversion takes a fraction of a millisecond on a Pi. Use from one thread."""

    def __init__(self, channels: Iterable[tuple[int, int]], pin_factory: Any) -> None:
        """`channels`: (device, channel) of every input that will be read. Raises BoardError."""
        from gpiozero import MCP3008
        from gpiozero.exc import GPIOZeroError

        self._inputs: dict[tuple[int, int], Any] = {}
        for device, channel in channels:
            try:
                self._inputs[device, channel] = MCP3008(channel=channel, device=device, pin_factory=pin_factory)
            except (GPIOZeroError, OSError, ValueError) as error:
                self.close()
                raise BoardError(
                    f"SPI device {device} cannot be opened: {error}; switch SPI on (raspi-config, Interface Options)"
                ) from error

    def volts(self, device: int, channel: int) -> float:
        try:
            code = self._inputs[device, channel].raw_value
        except Exception as error:  # each pin library has errors of its own, without a common root
            raise BoardError(f"SPI device {device} channel {channel} cannot be read: {error!r}") from error
        return float(code) / _FULL_SCALE * REFERENCE_VOLTS

    def close(self) -> None:
        for analog in self._inputs.values():
            analog.close()
        self._inputs.clear()
