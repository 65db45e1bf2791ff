"""A board that remembers every verb, with the simulated time at which the world used it."""

# ruff: noqa: ARG002 - it keeps the signatures of `Board`


class TraceBoard:
    def __init__(self, clock):
        self._clock = clock
        self.trace = []
        self.levels = {}
        self.volts = {}

    def _note(self, *what):
        self.trace.append((round(self._clock(), 3), *what))

    def drive_low(self, pin):
        self.levels[pin] = False
        self._note("low", pin)

    def drive_high(self, pin):
        self.levels[pin] = True
        self._note("high", pin)

    def let_go(self, pin):
        self.levels.pop(pin, None)
        self._note("let go", pin)

    def level(self, pin):
        return self.levels.get(pin, True)

    def output(self, pin):
        return None

    def set_voltage(self, channel, volts, *, device=0):
        self.volts[device, channel] = volts
        self._note("volts", device, channel, volts)

    def pulse_wiegand(self, d0, d1, bits):
        self._note("card", d0, d1, tuple(bits))

    def bounce(self, pin, to_level, milliseconds, rng):
        self._note("bounce", pin, to_level, milliseconds)

    def on_output(self, pin, callback):
        return lambda: None

    def short(self, pin):
        self._note("short", pin)

    def break_wire(self, pin):
        self._note("break", pin)

    def mend(self, pin):
        self._note("mend", pin)
