"""The MCP3008 analogue-to-digital converter, bit by bit as its data sheet draws the transfer."""

from __future__ import annotations

from typing import Final

BITS: Final = 10
CHANNELS: Final = 8
REFERENCE_VOLTS: Final = 3.3
_CODES: Final = 1 << BITS
_COMMAND_BITS: Final = 4
"""SGL/DIFF, D2, D1, D0 follow the start bit (MCP3004/3008 data sheet DS21295, figure 5-1)."""


class Mcp3008:
    """Ten bits, eight single-ended channels, 0 to `REFERENCE_VOLTS`.

    Voltages may be set at any time and from any thread; a conversion samples them when the channel has been named,
    as the chip does.
    """

    def __init__(self) -> None:
        self._volts = [0.0] * CHANNELS
        self._command: list[int] = []
        self._started = False
        self._output: list[int] = []

    def set_voltage(self, channel: int, volts: float) -> None:
        """Put `volts` on a channel; the chip's clamping diodes keep what is outside its supply at the rail."""
        if not 0 <= channel < CHANNELS:
            raise ValueError(f"an MCP3008 has channels 0 to {CHANNELS - 1}, not {channel}")
        self._volts[channel] = min(max(volts, 0.0), REFERENCE_VOLTS)

    def voltage(self, channel: int) -> float:
        return self._volts[channel]

    def code(self, channel: int, *, single_ended: bool = True) -> int:
        """0 to 1023. Differential reads a channel against its neighbour and is 0 where that one is higher."""
        volts = self._volts[channel]
        if not single_ended:
            volts -= self._volts[channel ^ 1]
        return min(max(int(volts / REFERENCE_VOLTS * _CODES), 0), _CODES - 1)

    def select(self) -> None:
        """Chip select falls: whatever was under way is forgotten."""
        self._command.clear()
        self._output.clear()
        self._started = False

    @property
    def output(self) -> int:
        """The bit that stands on DOUT for the next clock; a line nobody drives reads 0."""
        return self._output[0] if self._output else 0

    def clock(self, mosi: int) -> None:
        """One rising edge of the clock with `mosi` on DIN."""
        if self._output:
            self._output.pop(0)
        if not self._started:
            self._started = bool(mosi)
        elif len(self._command) < _COMMAND_BITS:
            self._command.append(mosi & 1)
            if len(self._command) == _COMMAND_BITS:
                self._convert()

    def transfer(self, sent: bytes) -> bytes:
        """A whole exchange under one chip select, most significant bit first."""
        self.select()
        received = bytearray()
        for byte in sent:
            word = 0
            for position in range(7, -1, -1):
                word = (word << 1) | self.output
                self.clock((byte >> position) & 1)
            received.append(word)
        return bytes(received)

    def _convert(self) -> None:
        single_ended, *address = self._command
        channel = address[0] << 2 | address[1] << 1 | address[2]
        code = self.code(channel, single_ended=bool(single_ended))
        result = [(code >> position) & 1 for position in range(BITS - 1, -1, -1)]
        # One clock to sample, one null bit, the result, and the result again with the least significant bit first.
        self._output = [0, 0, *result, *reversed(result[:-1])]
