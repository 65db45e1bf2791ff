"""Alarm rules applied to what is observed: which alarms stand, and what is kept of them across restarts."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from edge.application.exercises import Exercises
from edge.application.ports import RuleMemory
from edge.application.timestamps import Timestamps
from edge.domain.signals import Value, earliest
from schemas.alarm_rules import AlarmRule, Cleared, Observed, RuleState, Tick, Transition, begin, resumed, step
from schemas.events import AlarmCleared, AlarmRaised
from schemas.presence import ActiveOccurrence

AlarmEvent = AlarmRaised | AlarmCleared
MOMENTS_ABSENCE_S = 10.0
_UNSEEN = object()
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Watched:
    rule: AlarmRule
    state: RuleState
    every_reading: bool
    active: ActiveOccurrence | None = None


class Alarms:
    """The rules of one node. Each raise is given its occurrence id here, once; state and event are committed together."""

    def __init__(self, rules: Iterable[AlarmRule], timestamps: Timestamps, boot: str) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._timestamps = timestamps
        self._boot = boot
        self._watched: dict[str, _Watched] = {}
        self._readers: dict[tuple[str, str], list[_Watched]] = {}
        self._last: dict[tuple[str, str], object] = {}
        self._dirty: dict[str, _Watched] = {}
        self._removed: list[str] = []
        self._exercises = Exercises()

    @property
    def due(self) -> float | None:
        return earliest(self._exercises.due, *(watched.state.next_due for watched in self._watched.values()))

    @property
    def active(self) -> list[ActiveOccurrence]:
        """The alarms that stand now, as birth and health name them."""
        real = [watched.active for watched in self._watched.values() if watched.active is not None]
        return real + self._exercises.active

    @property
    def standing(self) -> list[tuple[str, str, str]]:
        """(equipment, hazard, rule) of each that reflexes follow: no exercise is among them."""
        return [(one.equipment, one.hazard, one.rule) for one in self.active if one.mode == "real"]

    def restore(self, kept: Iterable[RuleMemory], mono: float, alive_at: float | None) -> list[AlarmEvent]:
        """Take up where the last run stopped: nothing raised is raised again. What a removed rule had raised is cleared.

        `alive_at`: when, in this boot, the last run was last known to watch. After more than a moment's absence nobody
        knows what the points did, so delays begin anew instead of running out unseen.
        """
        events: list[AlarmEvent] = []
        memories = {memory.rule: memory for memory in kept}
        watching = alive_at is not None and mono - alive_at <= MOMENTS_ABSENCE_S
        for rule in self._rules.values():
            watched = self._take_up(rule, memories.pop(rule.id, None), mono, watching)
            self._watched[rule.id] = self._dirty[rule.id] = watched
        self._index()
        for memory in memories.values():
            self._removed.append(memory.rule)
            if memory.active is not None:
                occurrence = ActiveOccurrence.model_validate_json(memory.active)
                events.append(self._cleared(occurrence, mono, None, "rule-removed"))
        return [*events, *self.tick(mono)]

    def change(self, rules: Iterable[AlarmRule], mono: float) -> list[AlarmEvent]:
        """Other rules from now on. One that says the same goes on undisturbed; what a removed or changed rule had raised
        is cleared with that reason; a new or changed one is shown what its points read now, and may raise on it.
        """
        named = {rule.id: rule for rule in rules}
        events: list[AlarmEvent] = []
        for name in sorted(self._watched.keys() - named.keys()):
            gone = self._watched.pop(name)
            self._dirty.pop(name, None)
            self._removed.append(name)
            if gone.active is not None:
                events.append(self._cleared(gone.active, mono, None, "rule-removed"))
        fresh = []
        for rule in named.values():
            watched = self._watched.get(rule.id)
            if watched is not None and watched.state.rule == rule.fingerprint:
                continue
            state = begin(rule, mono) if watched is None else watched.state
            active = None if watched is None else watched.active
            fresh.append(_Watched(rule, state, rule.asks_every_reading, active))
            self._watched[rule.id] = self._dirty[rule.id] = fresh[-1]
        self._removed = [name for name in self._removed if name not in named]
        self._rules = named
        self._index()
        for watched in fresh:
            # The first step finds that the rule was edited, and clears what it had raised.
            events += self._step(watched, Tick(), mono)
            for point in sorted(watched.rule.points):
                value = self._last.get((watched.rule.equipment, point), _UNSEEN)
                if value is not _UNSEEN:
                    events += self._step(watched, Observed(point, cast("Value | None", value)), mono)
        return events

    def forget(self, equipment: str, mono: float) -> list[AlarmEvent]:
        """Nothing is known any more of what the points of this equipment are."""
        known = [point for item, point in self._last if item == equipment]
        events = [event for point in known for event in self.see(equipment, point, None, mono)]
        for point in known:
            del self._last[equipment, point]
        return events

    def exercise(self, occurrence: ActiveOccurrence, mono: float, seconds: float) -> AlarmRaised:
        """A test alarm stands for so many seconds. No reflex follows it, and a restart ends it."""
        self._exercises.begin(occurrence, mono + seconds)
        _log.warning("test alarm: an exercise begins", extra=_story(occurrence) | {"seconds": seconds})
        return AlarmRaised(**occurrence.model_dump(exclude={"since_t", "since_mono"}), t=occurrence.since_t, mono=mono)

    def see(self, equipment: str, point: str, value: Value | None, mono: float) -> list[AlarmEvent]:
        """An observation of a point, or None where it is no longer known."""
        changed = self._last.get((equipment, point), _UNSEEN) != value
        self._last[equipment, point] = value
        events: list[AlarmEvent] = []
        for watched in self._readers.get((equipment, point), ()):
            if changed or watched.every_reading:
                events += self._step(watched, Observed(point, value), mono)
        return events

    def tick(self, mono: float) -> list[AlarmEvent]:
        """What fell due by `mono` although nothing was read."""
        events: list[AlarmEvent] = []
        for occurrence in self._exercises.over(mono):
            self._removed.append(occurrence.rule)
            events.append(self._cleared(occurrence, mono, None, "condition"))
        for watched in self._watched.values():
            if watched.state.next_due is not None and watched.state.next_due <= mono:
                events += self._step(watched, Tick(), mono)
        return events

    def take_changes(self) -> tuple[list[RuleMemory], list[str]]:
        """What has to be kept anew since the last call: rules' memories, and names of rules that are no more."""
        memories = [
            RuleMemory(
                rule=name,
                boot=self._boot,
                state=watched.state.to_json(),
                active=watched.active.model_dump_json() if watched.active else None,
            )
            for name, watched in self._dirty.items()
        ]
        removed, self._removed = self._removed, []
        self._dirty = {}
        return memories + self._exercises.take_unkept(self._boot), removed

    def put_back(self, memories: Iterable[RuleMemory], removed: Iterable[str]) -> None:
        """What was taken could not be kept: it is a change still."""
        for memory in memories:
            if memory.rule in self._watched:
                self._dirty.setdefault(memory.rule, self._watched[memory.rule])
            else:
                self._exercises.put_back(memory.rule)
        self._removed.extend(name for name in removed if name not in self._watched)

    def _index(self) -> None:
        self._readers = {}
        for watched in self._watched.values():
            for point in watched.rule.points:
                self._readers.setdefault((watched.rule.equipment, point), []).append(watched)

    def _take_up(self, rule: AlarmRule, memory: RuleMemory | None, mono: float, watching: bool) -> _Watched:
        every_reading = rule.asks_every_reading
        if memory is None:
            return _Watched(rule, begin(rule, mono), every_reading)
        active = ActiveOccurrence.model_validate_json(memory.active) if memory.active else None
        try:
            state = RuleState.from_json(memory.state)
        except ValueError as error:
            _log.warning(
                "the kept state of a rule cannot be read and begins anew", extra={"rule": rule.id, "why": str(error)}
            )
            state = begin(rule, mono)._replace(raised=active is not None)
        if memory.boot != self._boot or not watching:
            state = resumed(rule, state, mono)
        if memory.boot != self._boot:
            # The moment it was raised counts in a boot that is over.
            active = active.model_copy(update={"since_mono": None}) if active else None
        return _Watched(rule, state, every_reading, active)

    def _step(self, watched: _Watched, seen: Observed | Tick, mono: float) -> list[AlarmEvent]:
        before = watched.state
        watched.state, transitions, _ = step(watched.rule, before, seen, mono)
        if _lasting(watched.state) != _lasting(before):
            self._dirty[watched.rule.id] = watched
        return [event for transition in transitions if (event := self._event(watched, transition)) is not None]

    def _event(self, watched: _Watched, transition: Transition) -> AlarmEvent | None:
        if isinstance(transition, Cleared):
            occurrence, watched.active = watched.active, None
            return (
                self._cleared(occurrence, transition.mono, transition.value, transition.reason) if occurrence else None
            )
        rule, t = watched.rule, self._timestamps.time_of(transition.mono)
        watched.active = ActiveOccurrence(
            occurrence=str(uuid.uuid4()),
            rule=rule.id,
            hazard=rule.hazard,
            severity=rule.effective_severity,
            equipment=rule.equipment,
            since_t=t,
            since_mono=transition.mono,
        )
        _log.warning(
            "alarm raised", extra=_story(watched.active) | {"point": transition.point, "value": transition.value}
        )
        return AlarmRaised(
            **watched.active.model_dump(exclude={"since_t", "since_mono"}),
            t=t,
            mono=transition.mono,
            point=transition.point,
            value=transition.value,
            threshold=transition.threshold,
        )

    def _cleared(self, was: ActiveOccurrence, mono: float, value: Value | None, reason: str) -> AlarmCleared:
        _log.info("alarm cleared", extra=_story(was) | {"reason": reason})
        return AlarmCleared.model_validate(
            was.model_dump(include={"occurrence", "rule", "hazard", "equipment", "mode"})
            | {"t": self._timestamps.time_of(mono), "mono": mono, "value": value, "reason": reason}
        )


def _lasting(state: RuleState) -> tuple[object, ...]:
    """What of a state a restart needs. Present values do not count: they are observed anew, and storing them wears the card."""
    return state.rule, state.when, state.clear, state.raised, state.point, state.pending


def _story(occurrence: ActiveOccurrence) -> dict[str, str]:
    return {
        "occurrence": occurrence.occurrence,
        "hazard": occurrence.hazard,
        "equipment": occurrence.equipment,
        "rule": occurrence.rule,
    }
