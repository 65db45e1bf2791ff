"""A signal becomes points, alarms, reflexes and facts - in one go, on the event loop, before anything waits."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Mapping

from edge.application.alarms import AlarmEvent, Alarms
from edge.application.board_ports import Line
from edge.application.changing import Change, change_to, lock_name, locks_of, releases_of
from edge.application.facts import acted, fact
from edge.application.keep import Keeper
from edge.application.ports import Clock
from edge.application.reporting import Reporting
from edge.application.timestamps import Timestamps
from edge.domain.debounce import Debounce
from edge.domain.interpreters import interpreter_of, memories_of
from edge.domain.reflexes import Action, OutputSwitched, Reflexes
from edge.domain.signals import (
    AccessDecision,
    CodeReported,
    ContactChanged,
    Finding,
    Interpreter,
    LockDriven,
    PointAssumed,
    PointAwaited,
    PointLost,
    PointValue,
    RegistersRead,
    ReleaseCommanded,
    Signal,
    Value,
    VoltageRead,
    earliest,
)
from schemas.equipment import DigitalInput, Equipment
from schemas.events import AlarmRaised
from schemas.node_config import NodeConfig
from schemas.points import POINTS

Drive = Callable[[str, bool], None]
"""(output or lock, on)."""
_log = logging.getLogger(__name__)


class Observer:
    """All equipment of one node. `take` and `tick` are called on the loop, with monotonic times that never run back."""

    def __init__(
        self,
        config: NodeConfig,
        interpreters: Mapping[str, Interpreter],
        inputs: Mapping[Line, DigitalInput],
        *,
        alarms: Alarms,
        reflexes: Reflexes,
        keeper: Keeper,
        clock: Clock,
        timestamps: Timestamps,
        drive: Drive,
    ) -> None:
        self._equipment: dict[str, Equipment] = {item.id: item for item in config.equipment}
        self._interpreters = dict(interpreters)
        self._debounces = {line: Debounce(wired.debounce_ms / 1000) for line, wired in inputs.items()}
        self._told: dict[Line, float] = {}
        self._releases = releases_of(config)
        self._reporting = Reporting(keeper, timestamps)
        self._alarms = alarms
        self._reflexes = reflexes
        self._keeper = keeper
        self._clock = clock
        self._timestamps = timestamps
        self._drive = drive
        self._armed = False
        self._steady: dict[str, set[str]] = {}
        self._latest: dict[tuple[str, str], Value] = {}
        self._now = 0.0
        self.outputs = dict(reflexes.states) | dict.fromkeys(locks_of(config), False)
        """Output, or lock of a gate → what it should be."""

    @property
    def due(self) -> float | None:
        """When `tick` must come even if no signal does."""
        return earliest(
            *(debounce.due for debounce in self._debounces.values()),
            *(interpreter.due for interpreter in self._interpreters.values()),
            self._alarms.due,
            self._reflexes.due,
        )

    def start(self, mono: float) -> None:
        """What is known without a signal; alarms that stand since before a restart hold their reflexes."""
        self._now = mono
        for equipment, interpreter in self._interpreters.items():
            self._found(equipment, interpreter.start(mono), mono)
        for equipment, hazard, rule in self._alarms.standing:
            self._act(self._reflexes.alarm(equipment, hazard, rule, raised=True, mono=mono))

    @property
    def interpreters(self) -> Mapping[str, Interpreter]:
        return self._interpreters

    def prepare(self, config: NodeConfig) -> Change:
        """Work out what another configuration changes. Everything that is due by now still happens under the present one."""
        mono = self._catch_up(self._clock.mono())
        points = [(item, point, value) for (item, point), value in self._latest.items()]
        heirs = self._reflexes.succeeded_by(
            config.effective_reflexes(), config.outputs, points, self._alarms.standing, mono
        )
        return change_to(config, self._equipment, heirs, self.outputs)

    def change(self, change: Change, inputs: Mapping[Line, DigitalInput], levels: Mapping[Line, bool]) -> None:
        """Go over to the configuration that was prepared. `levels`: what its contacts have now. The lines are laid already."""
        mono, config = self._now, change.config
        fresh, learned = {item.id for item in change.fresh}, memories_of(self._interpreters)
        for equipment in sorted(change.gone | (fresh & self._equipment.keys())):
            self._forget(equipment, mono)
        before, self._equipment = self._equipment, {item.id: item for item in config.equipment}
        as_before = {name for name, item in self._equipment.items() if before.get(name) == item}
        self._reporting.keep_only(as_before)
        self._debounces = {
            line: self._debounces.get(line) or Debounce(wired.debounce_ms / 1000) for line, wired in inputs.items()
        }
        released_before, self._releases = self._releases, releases_of(config)
        self._reflexes, self.outputs = change.reflexes, dict(change.outputs)
        self._act(change.actions)
        self._alarmed(self._alarms.change(config.effective_rules(), mono))
        for item in change.fresh:
            self._interpreters[item.id] = interpreter_of(item, learned.get(item.id, {}))
            self._begin(item, {line: level for line, level in levels.items() if line[0] == item.id}, mono)
        if self._releases | released_before:
            self._release_gates()

    def _begin(self, item: Equipment, levels: Mapping[Line, bool], mono: float) -> None:
        """Watch a piece of equipment from now on. A lock that stood open closes unless its gate, as it is now, opens it."""
        lock = lock_name(item.id)
        stood_open = self.outputs.get(lock, False)
        if lock in self.outputs:
            self.outputs[lock] = False
        interpreter = self._interpreters[item.id]
        self._found(item.id, interpreter.start(mono), mono)
        for line, active in levels.items():
            self.edge(line, active, mono)
        if item.kind == "access_gate" and any(self.outputs[output] for output in self._releases):
            self._found(item.id, interpreter.observe(ReleaseCommanded(True), mono), mono)
        if stood_open and not self.outputs[lock]:
            self._switch(lock, False)

    def _forget(self, equipment: str, mono: float) -> None:
        """What its points were is known no more."""
        del self._interpreters[equipment]
        self._steady.pop(equipment, None)
        for key in [key for key in self._latest if key[0] == equipment]:
            del self._latest[key]
        for line in [line for line in self._debounces if line[0] == equipment]:
            del self._debounces[line]
            self._told.pop(line, None)
        self._alarmed(self._alarms.forget(equipment, mono))

    def arm(self) -> None:
        """From here on outputs are driven; until now only `outputs` said what they should be."""
        self._armed = True

    def edge(self, line: Line, active: bool, mono: float, at: float | None = None) -> None:
        """A contact moved, or is looked at. `at`: the edge's own time, in seconds on the pin factory's clock."""
        if at is not None:
            self._told[line] = mono
        mono = self._catch_up(mono)
        debounce = self._debounces.get(line)
        if debounce is None:
            return  # The configuration no longer has that line; its last edge was still under way.
        first = debounce.accepted is None
        if (accepted := debounce.observe(active, mono, at)) is not None:
            self._contact(line, accepted, mono, first=first)

    def levels(self, levels: Mapping[Line, bool], mono: float) -> None:
        """All contacts read anew: an edge that was missed is made good, and what stands as it stood is alive."""
        for line, active in levels.items():
            # An edge told since then is newer than what was read: the old level must not undo it.
            if self._told.get(line, -math.inf) < mono:
                self.edge(line, active, mono)
        for equipment in {equipment for equipment, _ in levels}:
            for point in list(self._steady.get(equipment, ())):
                self._observed(equipment, point, self._latest[equipment, point], self._now)

    def take(self, equipment: str, signal: Signal, mono: float) -> None:
        """A signal that needs no debouncing."""
        mono = self._catch_up(mono)
        if equipment not in self._interpreters:
            return
        found = self._interpreters[equipment].observe(signal, mono)
        self._found(equipment, found, mono, steady=not isinstance(signal, VoltageRead | RegistersRead))

    def tick(self, mono: float) -> None:
        """Everything that fell due by `mono`, each at its own moment and in order."""
        while (due := self.due) is not None and due <= mono:
            self._now = max(self._now, due)
            self._tick(self._now)
        self._now = max(self._now, mono)

    def cloud_silent(self, *, silent: bool, mono: float) -> None:
        """Whether the cloud is not heard now."""
        self._act(self._reflexes.cloud(silent=silent, mono=self._catch_up(mono)))

    def sounders(self, change: Callable[[Reflexes, float], Iterable[Action]]) -> None:
        """Sirens and beacons are muted, or sound again: what changes with it is driven at once."""
        self._act(change(self._reflexes, self._catch_up(self._clock.mono())))

    def stale_points(self, mono: float) -> dict[str, float]:
        """Full point name → seconds since it was last observed, for those silent for longer than they may be."""
        return self._reporting.stale(mono)

    def _catch_up(self, mono: float) -> float:
        # Stamps are taken on gpiozero's thread and may be overtaken by a timer; time does not run back for that.
        self.tick(max(mono, self._now))
        return self._now

    def _tick(self, mono: float) -> None:
        for line, debounce in self._debounces.items():
            if (accepted := debounce.tick(mono)) is not None:
                self._contact(line, accepted, mono, first=False)
        for equipment, interpreter in self._interpreters.items():
            if interpreter.due is not None and interpreter.due <= mono:
                self._found(equipment, interpreter.tick(mono), mono)
        self._act(self._reflexes.tick(mono))
        self._alarmed(self._alarms.tick(mono))

    def _contact(self, line: Line, active: bool, mono: float, *, first: bool) -> None:
        equipment, name = line
        found = self._interpreters[equipment].observe(ContactChanged(name, active, first=first), mono)
        self._found(equipment, found, mono)

    def _found(self, equipment: str, found: Iterable[Finding], mono: float, *, steady: bool = True) -> None:
        for finding in found:
            match finding:
                case LockDriven():
                    self._switch(lock_name(equipment), finding.unlocked)
                case PointValue():
                    self._mark(equipment, finding.point, steady=steady)
                    self._observed(equipment, finding.point, finding.value, mono)
                case PointAssumed():
                    self._judged(equipment, finding.point, finding.value, mono)
                case PointAwaited():
                    self._reporting.awaited(self._equipment[equipment], finding.point, mono)
                case PointLost():
                    self._judged(equipment, finding.point, None, mono)
                case AccessDecision() | CodeReported():
                    self._keeper.events([fact(equipment, finding, mono, self._timestamps.time_of(mono))])

    def _mark(self, equipment: str, point: str, *, steady: bool) -> None:
        """Remember whether a point stands until its contact moves, or lives from sample to sample."""
        points = self._steady.setdefault(equipment, set())
        if steady and not POINTS[self._equipment[equipment].kind][point].pulse:
            points.add(point)
        else:
            points.discard(point)

    def _observed(self, equipment: str, point: str, value: Value, mono: float) -> None:
        # Judged first: a reflex waits for nothing, and least of all for its own telemetry.
        self._judged(equipment, point, value, mono)
        self._latest[equipment, point] = value
        self._reporting.observed(self._equipment[equipment], point, value, mono)

    def _judged(self, equipment: str, point: str, value: Value | None, mono: float) -> None:
        if value is not None:
            self._act(self._reflexes.see(equipment, {point: value}, mono))
        self._alarmed(self._alarms.see(equipment, point, value, mono))

    def _alarmed(self, events: list[AlarmEvent]) -> None:
        # Noted first, so that cause stands before effect; noting is an append, and delays no reflex.
        self._keeper.events(events)
        for event in (one for one in events if one.mode == "real"):
            raised = isinstance(event, AlarmRaised)
            self._act(self._reflexes.alarm(event.equipment, event.hazard, event.rule, raised=raised, mono=self._now))

    def _act(self, actions: Iterable[Action]) -> None:
        for action in actions:
            if isinstance(action, OutputSwitched):
                self._switch(action.output, action.on)
                if action.output in self._releases:
                    self._release_gates()
            else:
                _log.warning(
                    action.kind, extra={"reflex": action.reflex, "outputs": action.outputs, "cause": action.cause}
                )
                self._keeper.events([acted(action, self._now, self._timestamps.time_of(self._now))])

    def _switch(self, output: str, on: bool) -> None:
        self.outputs[output] = on
        if self._armed:
            self._drive(output, on)

    def _release_gates(self) -> None:
        commanded = ReleaseCommanded(any(self.outputs[output] for output in self._releases))
        for equipment, item in self._equipment.items():
            if item.kind == "access_gate":
                self._found(equipment, self._interpreters[equipment].observe(commanded, self._now), self._now)
