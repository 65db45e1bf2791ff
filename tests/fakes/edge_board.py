"""A board, a converter, a controller and a supervisor that do what a test tells them."""

from __future__ import annotations

from edge.errors import BoardError, ControllerError


class FakeBoard:
    """Contacts by line, outputs by name. `move` tells the agent; `slip` changes a level and tells nobody."""

    def __init__(self) -> None:
        self.contacts = {}
        self.outputs = {}
        self.history = []
        self.is_gone = False
        self.is_closed = False
        self._on_edge = None
        self._on_pulse = None
        self._clock = None

    def watched_by(self, clock):
        self._clock = clock
        return self

    def open_inputs(self, inputs, on_edge):
        self._on_edge = on_edge
        return self.contacts | {line: self.contacts.setdefault(line, False) for line in inputs}

    def open_readers(self, readers, on_pulse):
        del readers
        self._on_pulse = on_pulse

    def open_outputs(self, outputs, states):
        self.outputs = {name: states[name] for name in outputs}

    def drive(self, output, on):
        self.outputs[output] = on
        self.history.append((output, on))

    def levels(self):
        if self.is_gone:
            raise BoardError("GPIO 4 cannot be read: the board is gone")
        return dict(self.contacts)

    def close(self):
        self.is_closed = True

    def move(self, line, active=True):
        self.contacts[line] = active
        self._on_edge(line, active, self._clock.mono(), self._clock.mono())

    def slip(self, line, active=True):
        self.contacts[line] = active

    def pulse(self, gate, bits):
        for index, bit in enumerate(bits):
            self._on_pulse(gate, bit, index * 0.002, self._clock.mono())


class FakeConverter:
    def __init__(self) -> None:
        self.dial = {}
        self.is_closed = False

    def volts(self, device, channel):
        return self.dial.get((device, channel), 0.5)

    def close(self):
        self.is_closed = True


class FakeController:
    def __init__(self, registers) -> None:
        self.registers = registers
        self.is_silent = False
        self.asked = 0
        self.is_closed = False

    async def read(self):
        self.asked += 1
        if self.is_silent:
            raise ControllerError("controller 192.0.2.7:502 unit 1 does not answer")
        return dict(self.registers)

    def close(self):
        self.is_closed = True


class FakeSupervisor:
    watchdog_s = 5.0

    def __init__(self) -> None:
        self.said = []

    def ready(self):
        self.said.append("ready")

    def alive(self):
        self.said.append("alive")

    def stopping(self):
        self.said.append("stopping")
