"""A board, a converter, a controller and a supervisor that do what a test tells them."""

from __future__ import annotations

from edge.errors import BoardError, ControllerError, OutboxError


class FakeBoard:
    """Contacts by line, outputs by name. `move` tells the agent; `slip` changes a level and tells nobody.

    `busy`: GPIO lines that somebody else holds. `given_back`: outputs and lines that were let go, in order.
    """

    def __init__(self) -> None:
        self.busy = set()
        self.given_back = []
        self.watched = {}
        self.wired_outputs = {}
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
        self.watched = dict(inputs)
        return self.contacts | {line: self.contacts.setdefault(line, False) for line in inputs}

    def open_readers(self, readers, on_pulse):
        del readers
        self._on_pulse = on_pulse

    def open_outputs(self, outputs, states):
        self.outputs = {name: states[name] for name in outputs}
        self.wired_outputs = dict(outputs)

    def rewire(self, inputs, readers, outputs, states):
        self.readers = dict(readers)
        for laid, wanted in ((self.watched, inputs), (self.wired_outputs, outputs)):
            for name, wired in list(laid.items()):
                if wanted.get(name) != wired:
                    self.given_back.append(name)
                    self.outputs.pop(name, None)
                    del laid[name]
        for laid, wanted in ((self.wired_outputs, outputs), (self.watched, inputs)):
            for name, wired in wanted.items():
                if name in laid:
                    continue
                if wired.pin in self.busy:
                    raise BoardError(f"GPIO {wired.pin} cannot be opened for {name}: it is busy")
                laid[name] = wired
                if laid is self.wired_outputs:
                    self.outputs[name] = states[name]
        for line in inputs:
            self.contacts.setdefault(line, False)

    def drive(self, output, on):
        self.outputs[output] = on
        self.history.append((output, on))

    def levels(self):
        if self.is_gone:
            raise BoardError("GPIO 4 cannot be read: the board is gone")
        return {line: self.contacts[line] for line in self.watched}

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


class FakeInstruments:
    """Gives out the converter and the controller it was given; remembers what was asked for."""

    def __init__(self, converter, controller) -> None:
        self.converter, self._controller = converter, controller
        self.asked = []

    def converters(self, channels):
        self.asked.append(list(channels))
        return self.converter if channels else None

    def controller(self, wired):
        self.asked.append(wired)
        return self._controller


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


class FakeStore:
    """A last good configuration in memory; `disk_is_full` refuses the next one."""

    def __init__(self, document=None, candidate=None) -> None:
        self.document, self.candidate = document, candidate
        self.disk_is_full = False

    def kept(self):
        return self.document

    def prepare(self, document):
        if self.disk_is_full:
            raise OutboxError("outbox.db.configuration.json.new cannot be written: No space left on device")
        self.candidate = document

    def discard(self):
        self.candidate = None

    def interrupted(self):
        return self.candidate

    def promote(self):
        self.document, self.candidate = self.candidate, None
