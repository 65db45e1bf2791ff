"""What a node does by itself, at once and without any network: siren, beacon, gate release."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from edge.domain.signals import Value, earliest
from schemas.hazards import hazard as known_hazard
from schemas.node_config import Output, Reflex

SOUNDERS: Final = frozenset({"siren", "beacon", "duty_beacon"})
"""Purposes of outputs that call for attention, and may be muted; what releases gates never is."""


@dataclass(frozen=True, slots=True)
class OutputSwitched:
    """An output is to be driven on or off."""

    output: str
    on: bool


@dataclass(frozen=True, slots=True)
class ReflexChanged:
    """A reflex fired or was released, and why."""

    kind: Literal["reflex.fired", "reflex.released"]
    reflex: str
    outputs: tuple[str, ...]
    cause: str


Action = OutputSwitched | ReflexChanged


@dataclass(slots=True)
class _Running:
    reflex: Reflex
    causes: dict[str, str] = field(default_factory=dict)
    """Trigger → what holds it, for each that holds now."""
    on: bool = False
    off_at: float | None = None
    muted_until: float | None = None
    """Until then its sounders keep quiet, though it is on."""

    def sounds_for(self, equipment: Collection[str]) -> bool:
        """Whether nothing but alarms of these holds it now."""
        triggers = (self.reflex.when[int(key.partition(":")[0])] for key in self.causes)
        return all(trigger.hazard is not None and trigger.equipment in equipment for trigger in triggers)


class Reflexes:
    """All reflexes of one node. An output is on while any reflex that drives it is."""

    def __init__(self, reflexes: Sequence[Reflex], outputs: Sequence[Output]) -> None:
        self._running = [_Running(reflex) for reflex in reflexes]
        self._sounders = frozenset(output.id for output in outputs if output.purpose in SOUNDERS)
        self._duty_room = frozenset(output.id for output in outputs if output.purpose == "duty_beacon")
        self._called: dict[str, float] = {}
        """Call sheet → until when it sounds in the duty room, without any reflex."""
        self.states = dict.fromkeys((output.id for output in outputs), False)

    @property
    def due(self) -> float | None:
        held = (moment for running in self._running for moment in (running.off_at, running.muted_until))
        return earliest(*held, *self._called.values())

    def succeeded_by(
        self,
        reflexes: Sequence[Reflex],
        outputs: Sequence[Output],
        points: Iterable[tuple[str, str, Value]],
        standing: Iterable[tuple[str, str, str]],
        mono: float,
    ) -> tuple[Reflexes, list[Action]]:
        """The reflexes of a changed configuration, and what changes with them; these here stay as they are.

        A reflex that says the same goes on as it was. Any other begins with what is known: `points` as (equipment,
        point, value), alarms `standing` as (equipment, hazard, rule). So an output whose cause still holds never lets go.
        """
        before = {running.reflex.id: running for running in self._running}
        heirs = Reflexes(reflexes, outputs)
        heirs._called = dict(self._called)
        for running in heirs._running:
            kept = before.get(running.reflex.id)
            if kept is not None and kept.reflex == running.reflex:
                running.causes, running.on, running.off_at = dict(kept.causes), kept.on, kept.off_at
        heirs._switched()
        known, alarms = list(points), list(standing)
        found = [action for item, point, value in known for action in heirs.see(item, {point: value}, mono)]
        for item, hazard, rule in alarms:
            found += heirs.alarm(item, hazard, rule, raised=True, mono=mono)
        for running in heirs._running:
            kept = before.get(running.reflex.id)
            if kept is not None and kept.reflex == running.reflex and kept.causes == running.causes:
                running.muted_until = kept.muted_until
        heirs._switched()
        return heirs, self._differences(heirs, found)

    def mute(self, equipment: Collection[str], until: float) -> tuple[list[Action], tuple[str, ...], tuple[str, ...]]:
        """Sounders of reflexes that are on for alarms of this equipment alone keep quiet until then.

        The actions; the sounders that keep quiet; and those that go on sounding, because something else holds them.
        """
        sounding = [
            running for running in self._running if running.on and self._sounders.intersection(running.reflex.outputs)
        ]
        muted = [running for running in sounding if running.sounds_for(equipment)]
        for running in muted:
            running.muted_until = until
        actions = self._switched()
        concerned = {output for running in sounding for output in running.reflex.outputs} & self._sounders
        quiet = tuple(sorted(output for output in concerned if not self.states[output]))
        for running in muted if not quiet else ():
            # What was refused must not come true by itself once whatever else sounds has ended.
            running.muted_until = None
        return actions, quiet, tuple(sorted(concerned.difference(quiet)))

    def unmute(self) -> list[Action]:
        """Whatever is muted sounds again, as far as anything holds it."""
        for running in self._running:
            running.muted_until = None
        return self._switched()

    def sound(self, sheet: str, until: float) -> tuple[list[Action], tuple[str, ...]]:
        """A call sheet is due: beacons in the duty room sound until then, muted or not. The actions, and which they are."""
        if self._duty_room:
            self._called[sheet] = until
        return self._switched(), tuple(sorted(self._duty_room))

    def hush(self, sheet: str) -> list[Action]:
        """Somebody has accepted; what else holds a beacon, another call sheet among it, holds it still."""
        self._called.pop(sheet, None)
        return self._switched()

    def _differences(self, heirs: Reflexes, found: Iterable[Action]) -> list[Action]:
        was_on = {running.reflex.id for running in self._running if running.on}
        is_on = {running.reflex.id for running in heirs._running if running.on}
        changes: list[Action] = [
            OutputSwitched(output, on)
            for output, on in heirs.states.items()
            if output in self.states and self.states[output] != on
        ]
        changes += [
            action
            for action in found
            if isinstance(action, ReflexChanged) and action.kind == "reflex.fired" and action.reflex not in was_on
        ]
        changes += [
            ReflexChanged("reflex.released", running.reflex.id, tuple(running.reflex.outputs), "it was reconfigured")
            for running in self._running
            if running.reflex.id in was_on - is_on
        ]
        return changes

    def see(self, equipment: str, values: Mapping[str, Value], mono: float) -> list[Action]:
        """Points of one piece of equipment have these values now."""
        actions: list[Action] = []
        for running in self._running:
            for index, trigger in enumerate(running.reflex.when):
                if trigger.equipment == equipment and trigger.point is not None and trigger.point in values:
                    holds = values[trigger.point] == trigger.equals
                    actions += self._hold(running, f"{index}", holds, f"{equipment}/{trigger.point}", mono)
        return actions

    def alarm(self, equipment: str, hazard: str, rule: str, raised: bool, mono: float) -> list[Action]:
        """An alarm of a hazard was raised at this node, stands there since before a restart, or was cleared."""
        actions: list[Action] = self.unmute() if raised and known_hazard(hazard).life_safety else []
        for running in self._running:
            for index, trigger in enumerate(running.reflex.when):
                if trigger.equipment == equipment and trigger.hazard == hazard:
                    actions += self._hold(running, f"{index}:{rule}", raised, f"{hazard} at {equipment}", mono)
        return actions

    def cloud(self, *, silent: bool, mono: float) -> list[Action]:
        """The cloud is not heard, or is again. May be said as often as one likes."""
        actions: list[Action] = []
        for running in self._running:
            for index, trigger in enumerate(running.reflex.when):
                if trigger.cloud is not None:
                    actions += self._hold(running, f"{index}", silent, "the cloud is not heard", mono)
        return actions

    def tick(self, mono: float) -> list[Action]:
        over = [sheet for sheet, until in self._called.items() if mono >= until]
        actions: list[Action] = [action for sheet in over for action in self.hush(sheet)]
        for running in self._running:
            if running.off_at is not None and mono >= running.off_at:
                actions += self._release(running)
            if running.muted_until is not None and mono >= running.muted_until:
                running.muted_until = None
                actions += self._switched()
        return actions

    def _hold(self, running: _Running, key: str, holds: bool, cause: str, mono: float) -> list[Action]:
        if holds:
            if key not in running.causes:
                running.muted_until = None
            running.causes[key] = cause
            running.off_at = None
            return self._switched() if running.on else self._fire(running, cause)
        if running.causes.pop(key, None) is None or running.causes:
            return []
        running.off_at = mono + running.reflex.hold_s
        return self.tick(mono)

    def _fire(self, running: _Running, cause: str) -> list[Action]:
        running.on = True
        reflex = running.reflex
        return [*self._switched(), ReflexChanged("reflex.fired", reflex.id, tuple(reflex.outputs), cause)]

    def _release(self, running: _Running) -> list[Action]:
        running.on, running.off_at, running.muted_until = False, None, None
        reflex = running.reflex
        return [
            *self._switched(),
            ReflexChanged("reflex.released", reflex.id, tuple(reflex.outputs), "nothing holds it"),
        ]

    def _switched(self) -> list[Action]:
        wanted = {
            output
            for running in self._running
            if running.on
            for output in running.reflex.outputs
            if running.muted_until is None or output not in self._sounders
        }
        wanted |= self._duty_room if self._called else frozenset()
        switched: list[Action] = []
        for output, was_on in self.states.items():
            if was_on != (output in wanted):
                self.states[output] = not was_on
                switched.append(OutputSwitched(output, not was_on))
        return switched
