"""Which alarm rules are in force, node by node, and what one that is tuned would have done on the readings of the past."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from heapq import merge
from typing import Any, Final

from pydantic import ValidationError

from cloud.application.asking.queries import Viewer
from cloud.application.fleet.configure_node import faults_named, known_node
from cloud.application.fleet.node_questions import admit
from cloud.application.ports import Clock, UnitsOfWork
from cloud.application.timeseries import TimeSeriesReader, to_micros
from cloud.domain.community.faults import fault
from cloud.domain.duties.register import Equipment
from cloud.domain.fleet.configuration import Configuration, Standing, standing
from cloud.domain.fleet.rule_figures import Figure, UnfitFigure, figures_of, retuned
from cloud.domain.fleet.rule_trial import Seen, Trial, TriedAlarm, try_rule
from cloud.errors import Invalid, NotFound
from schemas.alarm_rules import AlarmRule

MOST_READINGS: Final = 40_000
"""So many are run over in a trial: about two seconds of a small machine for both rules. Of more the newest count."""

RUN_IN: Final = timedelta(hours=1)
"""How far before a trial readings tell what held when it began; points speak at least every quarter of an hour."""

_PAGE: Final = 10_000
_COUNTED: Final = 200
"""Steps in which readings are counted, to find since when there are not too many."""


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule of a node, in force or switched off. `default`: it is as equipment.md has it, nobody changed it here."""

    rule: AlarmRule
    default: bool
    figures: Sequence[Figure]


@dataclass(frozen=True, slots=True)
class NodeRules:
    """The rules of one node by equipment. `version` is the document's that they stand in; `standing`: whether the node runs
    it; `readable` False: an earlier release wrote it, and it has to be issued anew.
    """

    node_id: str
    version: int
    running: int
    standing: Standing
    detail: str
    by_equipment: Sequence[tuple[str, Equipment | None, Sequence[RuleView]]]
    readable: bool = True


@dataclass(frozen=True, slots=True)
class ComparedTrials:
    """A rule as it is in force and as it is proposed, over the same readings. `start` and `end` in microseconds since 1970;
    `asked_from`, where more readings were asked for than are run over at once.
    """

    rule: AlarmRule
    proposed: AlarmRule
    changes: Mapping[str, Any]
    start: int
    end: int
    asked_from: int
    now: Trial
    then: Trial

    @property
    def shortened(self) -> bool:
        return self.start > self.asked_from

    @property
    def missed(self) -> int:
        """Alarms of the rule in force during which the proposed one would have been silent throughout."""
        return sum(not any(_overlap(one, other) for other in self.then.alarms) for one in self.now.alarms)


class RuleQuestions:
    """An estate the viewer has nothing to do with does not exist for them: NotFound."""

    def __init__(self, units: UnitsOfWork, readings: TimeSeriesReader, clock: Clock) -> None:
        self._units, self._readings, self._clock = units, readings, clock

    def nodes(self, estate: str, viewer: Viewer) -> list[str]:
        """Those that are registered or have spoken."""
        admit(estate, viewer)
        with self._units.reading() as uow:
            register = uow.registers.find(estate)
            if register is None:
                raise NotFound(f"There is no estate {estate!r} here.", "没有这个小区")
            return sorted({node.id for node in uow.nodes.of(estate)} | register.nodes.keys())

    def rules(self, estate: str, node_id: str, viewer: Viewer) -> NodeRules:
        admit(estate, viewer)
        with self._units.reading() as uow:
            register, node = known_node(uow, estate, node_id)
            latest = uow.configurations.latest(estate, node_id)
        running = node.config_version if node else 0
        if latest is None:
            return NodeRules(node_id, 0, running, standing(node, None), "", ())
        try:
            views = _views(latest)
        except ValidationError:
            return NodeRules(
                node_id, latest.version, running, standing(node, latest), latest.detail, (), readable=False
            )
        by_equipment = [(name, register.equipment.get(name), views[name]) for name in sorted(views)]
        return NodeRules(node_id, latest.version, running, standing(node, latest), latest.detail, by_equipment)

    def rule(self, estate: str, node_id: str, rule_id: str, viewer: Viewer) -> tuple[NodeRules, RuleView]:
        """One rule, and what it stands in."""
        found = self.rules(estate, node_id, viewer)
        for _, _, rules in found.by_equipment:
            for view in rules:
                if view.rule.id == rule_id:
                    return found, view
        raise NotFound(f"Node {node_id} has no rule {rule_id!r}.", "该节点没有这条规则")

    def trial(self, estate: str, rule: AlarmRule, changes: Mapping[str, Any], days: int) -> ComparedTrials:
        """The rule as it is and with these changes, over the readings of the last days. Raises Invalid where a rule so
        changed does not hold together, ReadingsUnavailable.
        """
        proposed = proposal(rule, changes)
        end = to_micros(self._clock.now())
        asked = end - timedelta(days=days) // timedelta(microseconds=1)
        points = sorted(rule.points | proposed.points)
        names = {point: f"{rule.equipment}/{point}" for point in points}
        start = max(self._first(estate, list(names.values()), asked, end), asked)
        run_in = start - RUN_IN // timedelta(microseconds=1)
        streams = [self._seen(estate, name, point, run_in, end) for point, name in names.items()]
        readings = list(merge(*streams, key=lambda seen: seen.time))
        now, then = (try_rule(one, readings, start, end) for one in (rule, proposed))
        return ComparedTrials(rule, proposed, changes, start, end, asked, now, then)

    def _first(self, estate: str, names: Sequence[str], start: int, end: int) -> int:
        """Since when there are not too many readings."""
        counted: dict[int, int] = {}
        for name in names:
            for step in self._readings.steps(estate, name, start, end, _COUNTED):
                counted[step.time] = counted.get(step.time, 0) + step.count
        left, first = MOST_READINGS, start
        for time in sorted(counted, reverse=True):
            left -= counted[time]
            if left < 0:
                return first
            first = time
        return start

    def _seen(self, estate: str, name: str, point: str, start: int, end: int) -> Iterator[Seen]:
        while True:
            found = self._readings.read(estate, name, start, end, _PAGE)
            yield from (Seen(sample.time, point, sample.value) for sample in found)
            if len(found) < _PAGE:
                return
            # A node never gives one point two records with one time.
            start = found[-1].time + 1


def proposal(rule: AlarmRule, changes: Mapping[str, Any]) -> AlarmRule:
    """The rule with these fields changed. Raises Invalid with every fault named."""
    document = rule.model_dump(mode="json", exclude_none=True)
    kept = {key: value for key, value in {**document, **changes}.items() if value is not None}
    try:
        return AlarmRule.model_validate(kept)
    except ValidationError as error:
        raise Invalid("The rule does not hold together.", faults_named(error)) from None


def tuned(rule: AlarmRule, figures: Mapping[str, float]) -> dict[str, Any]:
    """What other figures change of it. Raises Invalid."""
    try:
        return retuned(rule, figures)
    except UnfitFigure as error:
        raise Invalid("The rule cannot be tuned so.", [fault(error.code, None, **error.values)]) from None


def _views(latest: Configuration) -> dict[str, list[RuleView]]:
    config = latest.document
    own = {rule.id for rule in config.rules}
    found: dict[str, list[RuleView]] = {}
    for rule in config.all_rules():
        view = RuleView(rule, rule.id not in own, figures_of(rule))
        found.setdefault(rule.equipment, []).append(view)
    return found


def _overlap(one: TriedAlarm, other: TriedAlarm) -> bool:
    begins, ends = max(one.raised_at, other.raised_at), (one.cleared_at, other.cleared_at)
    return all(end is None or begins <= end for end in ends)
