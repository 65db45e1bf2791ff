"""Drives alarm rules through time as a node does: a reading when one comes, a tick when one is due."""

from __future__ import annotations

from schemas.alarm_rules import AlarmRule, Cleared, Observed, Raised, RuleState, Tick, begin, step
from schemas.default_rules import default_rules

EQUIPMENT = "b1/thing"


def rule(when, **fields):
    """A rule about one piece of equipment, of which only the condition and the delays matter."""
    return AlarmRule(id="b1/thing/rule", equipment=EQUIPMENT, hazard="fire.smoke", when=when, **fields)


class Timeline:
    """One rule, watched from `start` on. Points are given as keywords: `door_open=True` is the point door-open."""

    def __init__(self, watched: AlarmRule, start: float = 0.0, state: RuleState | None = None) -> None:
        self.rule = watched
        self.state = begin(watched, start) if state is None else state
        self.transitions: list[Raised | Cleared] = []

    def wait(self, until: float) -> Timeline:
        """Nothing is read; the node ticks whenever the rule asks for it, `until` included."""
        while self.state.next_due is not None and self.state.next_due <= until:
            self._step(Tick(), self.state.next_due)
        return self

    def read(self, at: float, **points: object) -> Timeline:
        while self.state.next_due is not None and self.state.next_due < at:
            self._step(Tick(), self.state.next_due)
        for name, value in points.items():
            self._step(Observed(name.replace("_", "-"), value), at)
        return self

    def _step(self, seen, at):
        self.state, transitions, due = step(self.rule, self.state, seen, at)
        assert due == self.state.next_due
        assert due is None or due > at, "a rule that asks for a tick at once would never let its caller rest"
        self.transitions += transitions

    @property
    def raised(self) -> list[float]:
        return [transition.mono for transition in self.transitions if isinstance(transition, Raised)]

    @property
    def cleared(self) -> list[float]:
        return [transition.mono for transition in self.transitions if isinstance(transition, Cleared)]

    @property
    def on(self) -> bool:
        return self.state.raised


class Watch:
    """A piece of equipment under its default rules."""

    def __init__(self, item, **at_first: object) -> None:
        self.rules = {rule.id.removeprefix(f"{item.id}/"): Timeline(rule) for rule in default_rules(item)}
        self.read(0.0, **at_first)

    def read(self, at: float, **points: object) -> Watch:
        for timeline in self.rules.values():
            timeline.read(at, **points)
        return self

    def pulse(self, at: float, point: str) -> Watch:
        return self.read(at, **{point: True}).read(at, **{point: False})

    def wait(self, until: float) -> Watch:
        for timeline in self.rules.values():
            timeline.wait(until)
        return self

    @property
    def on(self) -> set[str]:
        """The names of the rules that are raised now."""
        return {name for name, timeline in self.rules.items() if timeline.on}

    @property
    def raised(self) -> dict[str, list[float]]:
        """When each rule was raised, for those that ever were."""
        return {name: timeline.raised for name, timeline in self.rules.items() if timeline.raised}
