"""What each pigpio command does to a virtual board."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from firmware_sim.board import VirtualBoard
from firmware_sim.filters import GlitchFilter, LevelFilter, NoiseFilter
from firmware_sim.lines import LINES, USER_LINES, Line, Mode, Pull, Pwm
from firmware_sim.mcp3008 import Mcp3008
from firmware_sim.pigpio_protocol import TICK_MASK, VERSION, Command, Error, Refused, Reply, Request

_MAX_FILTER: Final = 300_000
_MAX_NOISE_ACTIVE: Final = 1_000_000
_SPI_BAUD: Final = range(32_000, 125_000_001)
_SPI_HANDLES: Final = 32
_AUXILIARY: Final = 1 << 8
_CHIP_ENABLES: Final = {8: 0, 7: 1}
"""The GPIO of each chip enable of the main bus, for clients that bit-bang it."""
_DUTY_RANGES: Final = range(25, 40_001)


@dataclass(slots=True)
class BoardCommands:
    """The daemon's state behind its sockets: open SPI handles belong to the board, as in pigpiod."""

    board: VirtualBoard
    _spi: dict[int, Mcp3008 | None] = field(default_factory=dict)
    _bit_banged: dict[int, Mcp3008 | None] = field(default_factory=dict)

    def execute(self, request: Request) -> Reply:
        """Never raises: what cannot be done is answered with pigpio's number for it."""
        handler = _HANDLERS.get(request.command)
        if handler is None:
            return Reply(Error.UNKNOWN_COMMAND)
        try:
            result = handler(self, request)
        except Refused as refused:
            return Reply(refused.error)
        except struct.error:
            return Reply(Error.BAD_PARAM)
        return result if isinstance(result, Reply) else Reply(result)

    # -- lines -------------------------------------------------------------------------------------------------------

    def set_mode(self, request: Request) -> int:
        gpio = _gpio(request)
        if request.p2 not in set(Mode):
            raise Refused(Error.BAD_MODE)
        with self.board.changing(gpio) as line:
            line.mode = Mode(request.p2)
            line.pwm.duty = None
        return 0

    def get_mode(self, request: Request) -> int:
        return self.board.lines[_gpio(request)].mode

    def set_pull(self, request: Request) -> int:
        gpio = _gpio(request)
        if request.p2 not in set(Pull):
            raise Refused(Error.BAD_PUD)
        with self.board.changing(gpio) as line:
            line.pull = Pull(request.p2)
        return 0

    def read(self, request: Request) -> int:
        return int(self.board.level(_gpio(request)))

    def write(self, request: Request) -> int:
        gpio = _gpio(request)
        if request.p2 > 1:
            raise Refused(Error.BAD_LEVEL)
        self._put(gpio, bool(request.p2))
        return 0

    def read_bank(self, request: Request) -> int:
        return self.board.bank() if request.command == Command.BR1 else 0

    def write_bank(self, request: Request) -> int:
        for gpio in range(USER_LINES):
            if request.p1 >> gpio & 1:
                self._put(gpio, request.command == Command.BS1)
        return 0

    def _put(self, gpio: int, level: bool) -> None:
        """A write makes an output of the line and ends its PWM, as pigpio's does."""
        with self.board.changing(gpio) as line:
            line.mode = Mode.OUTPUT
            line.pwm.duty = None
            line.latch = level

    # -- PWM ---------------------------------------------------------------------------------------------------------

    def set_duty(self, request: Request) -> int:
        gpio = _user_gpio(request)
        if request.p2 > self.board.lines[gpio].pwm.range:
            raise Refused(Error.BAD_DUTYCYCLE)
        with self.board.changing(gpio) as line:
            line.mode = Mode.OUTPUT
            line.pwm.duty = request.p2
        return 0

    def get_duty(self, request: Request) -> int:
        duty = self._user_line(request).pwm.duty
        if duty is None:
            raise Refused(Error.NOT_PWM_GPIO)
        return duty

    def set_range(self, request: Request) -> int:
        line = self._user_line(request)
        if request.p2 not in _DUTY_RANGES:
            raise Refused(Error.BAD_DUTYRANGE)
        if line.pwm.duty is not None:
            line.pwm.duty = line.pwm.duty * request.p2 // line.pwm.range
        line.pwm.range = request.p2
        return request.p2

    def get_range(self, request: Request) -> int:
        return self._user_line(request).pwm.range

    def set_frequency(self, request: Request) -> int:
        pwm = self._user_line(request).pwm
        pwm.frequency = Pwm.nearest(request.p2)
        return pwm.frequency

    def get_frequency(self, request: Request) -> int:
        return self._user_line(request).pwm.frequency

    def _user_line(self, request: Request) -> Line:
        return self.board.lines[_user_gpio(request)]

    # -- the board ---------------------------------------------------------------------------------------------------

    def tick(self, request: Request) -> int:
        del request
        return self.board.now() & TICK_MASK

    def hardware_revision(self, request: Request) -> int:
        del request
        return self.board.revision

    def version(self, request: Request) -> int:
        del request
        return VERSION

    def glitch_filter(self, request: Request) -> int:
        gpio = _user_gpio(request)
        if request.p2 > _MAX_FILTER:
            raise Refused(Error.BAD_FILTER)
        level_filter = GlitchFilter(request.p2, self.board.level(gpio)) if request.p2 else None
        self.board.set_filter(gpio, level_filter)
        return 0

    def noise_filter(self, request: Request) -> int:
        gpio = _user_gpio(request)
        (active,) = request.words(1)
        if request.p2 > _MAX_FILTER or active > _MAX_NOISE_ACTIVE:
            raise Refused(Error.BAD_FILTER)
        level_filter: LevelFilter | None = None
        if request.p2:
            level_filter = NoiseFilter(request.p2, active, tick=self.board.now())
        self.board.set_filter(gpio, level_filter)
        return 0

    # -- SPI ---------------------------------------------------------------------------------------------------------

    def spi_open(self, request: Request) -> int:
        (flags,) = request.words(1)
        auxiliary = bool(flags & _AUXILIARY)
        if request.p1 > (2 if auxiliary else 1):
            raise Refused(Error.BAD_SPI_CHANNEL)
        if request.p2 not in _SPI_BAUD:
            raise Refused(Error.BAD_SPI_SPEED)
        handle = next((free for free in range(_SPI_HANDLES) if free not in self._spi), None)
        if handle is None:
            raise Refused(Error.NO_HANDLE)
        self._spi[handle] = None if auxiliary else self.board.adcs[request.p1]
        return handle

    def spi_close(self, request: Request) -> int:
        if request.p1 not in self._spi:
            raise Refused(Error.BAD_HANDLE)
        del self._spi[request.p1]
        return 0

    def spi_transfer(self, request: Request) -> Reply:
        if request.p1 not in self._spi:
            raise Refused(Error.BAD_HANDLE)
        sent = request.extension
        if request.command == Command.SPIR:
            sent = bytes(min(request.p2, 0xFFFF))
        if not sent:
            raise Refused(Error.BAD_SPI_COUNT)
        received = self._exchange(self._spi[request.p1], sent)
        return Reply(len(received), b"" if request.command == Command.SPIW else received)

    def bit_bang_open(self, request: Request) -> int:
        request.words(5)
        select = _user_gpio(request)
        if select in self._bit_banged:
            raise Refused(Error.GPIO_IN_USE)
        channel = _CHIP_ENABLES.get(select)
        self._bit_banged[select] = None if channel is None else self.board.adcs[channel]
        return 0

    def bit_bang_close(self, request: Request) -> int:
        if request.p1 not in self._bit_banged:
            raise Refused(Error.NOT_SPI_GPIO)
        del self._bit_banged[request.p1]
        return 0

    def bit_bang_transfer(self, request: Request) -> Reply:
        if request.p1 not in self._bit_banged:
            raise Refused(Error.NOT_SPI_GPIO)
        received = self._exchange(self._bit_banged[request.p1], request.extension)
        return Reply(len(received), received)

    def _exchange(self, chip: Mcp3008 | None, sent: bytes) -> bytes:
        """A bus with nothing on it reads zeros."""
        if chip is None:
            return bytes(len(sent))
        with self.board.lock:
            return chip.transfer(sent)


def _gpio(request: Request) -> int:
    if request.p1 >= LINES:
        raise Refused(Error.BAD_GPIO)
    return request.p1


def _user_gpio(request: Request) -> int:
    if request.p1 >= USER_LINES:
        raise Refused(Error.BAD_USER_GPIO)
    return request.p1


_Handler = Callable[[BoardCommands, Request], int | Reply]
_HANDLERS: Final[dict[int, _Handler]] = {
    Command.MODES: BoardCommands.set_mode,
    Command.MODEG: BoardCommands.get_mode,
    Command.PUD: BoardCommands.set_pull,
    Command.READ: BoardCommands.read,
    Command.WRITE: BoardCommands.write,
    Command.PWM: BoardCommands.set_duty,
    Command.PRS: BoardCommands.set_range,
    Command.PFS: BoardCommands.set_frequency,
    Command.BR1: BoardCommands.read_bank,
    Command.BR2: BoardCommands.read_bank,
    Command.BC1: BoardCommands.write_bank,
    Command.BS1: BoardCommands.write_bank,
    Command.TICK: BoardCommands.tick,
    Command.HWVER: BoardCommands.hardware_revision,
    Command.PRG: BoardCommands.get_range,
    Command.PFG: BoardCommands.get_frequency,
    Command.PRRG: BoardCommands.get_range,
    Command.PIGPV: BoardCommands.version,
    Command.SPIO: BoardCommands.spi_open,
    Command.SPIC: BoardCommands.spi_close,
    Command.SPIR: BoardCommands.spi_transfer,
    Command.SPIW: BoardCommands.spi_transfer,
    Command.SPIX: BoardCommands.spi_transfer,
    Command.GDC: BoardCommands.get_duty,
    Command.FG: BoardCommands.glitch_filter,
    Command.FN: BoardCommands.noise_filter,
    Command.BSPIC: BoardCommands.bit_bang_close,
    Command.BSPIO: BoardCommands.bit_bang_open,
    Command.BSPIX: BoardCommands.bit_bang_transfer,
}
