"""Many nodes fall silent at once: one power cut or one dead uplink is one matter, at the place that explains it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from cloud.domain.community.place import ancestry, is_within
from cloud.domain.duties.register import EquipmentKind, Register
from cloud.domain.fleet.node import Node
from cloud.domain.incidents.inhibition import DEAD_NODE
from schemas.hazards import Severity, hazard

FOLD_WINDOW: Final = timedelta(minutes=10)
"""Nodes that fall silent within it of each other may share a cause; later ones are another matter, which somebody has
to hear of anew."""

MISSED_AFTER: Final = timedelta(seconds=90)
"""Health comes at least once a minute; who missed one is counted as missing before its own patience is over, so that the
first of fifty nodes to be judged already opens the incident at the place that all of them lie in."""

_SHARE: Final = 2
"""From every second node of a place on, it is the place that is silent."""

_LIVES: Final = frozenset({EquipmentKind.LIFT, EquipmentKind.SMOKE_DETECTOR})
"""What life safety is watched by: where it falls out, it is back within the hour (governance.md, the default matrix)."""


def missing(nodes: Iterable[Node], now: datetime) -> frozenset[str]:
    """Nodes of which nothing is heard: silent already, disconnected, or behind with their health. Those that never spoke
    (an enrolled board still in its box) are not missed.
    """
    return frozenset(node.id for node in nodes if _is_missing(node, now))


def _is_missing(node: Node, now: datetime) -> bool:
    if node.silent_occurrence is not None:
        return True
    if node.heard_at is None or (node.silent_due_at is None and node.online):
        return False
    return not node.online or now - node.heard_at >= MISSED_AFTER


def silent_place(register: Register, node_id: str, gone: frozenset[str], spoken: frozenset[str]) -> str:
    """The largest place, up to the estate, of whose nodes at least every second is missing; the node's own place where it
    is missing alone. `spoken`: nodes that have ever been heard.
    """
    own = register.whereabouts("", node_id)
    places = _places(register, spoken)
    found = own
    for outer in ancestry(own):
        within = [node for node, place in places.items() if is_within(place, outer)]
        lost = [node for node in within if node in gone]
        if len(lost) > 1 and len(lost) * _SHARE >= len(within):
            found = outer
        if outer == register.estate.place_id:
            break
    return found


def shared_place(one: str, other: str) -> str:
    """The smallest place that both lie in; empty where there is none."""
    return next((outer for outer in ancestry(one) if is_within(other, outer)), "")


def severity_of_silence(register: Register, node_id: str) -> Severity:
    """Critical where the node watches what people's lives hang on, a lift or a detector: nobody hears of it any more."""
    watched = (item.kind for item in register.equipment.values() if item.node_id == node_id)
    return Severity.CRITICAL if _LIVES.intersection(watched) else hazard(DEAD_NODE).severity


def _places(register: Register, nodes: Iterable[str]) -> Mapping[str, str]:
    return {node: register.whereabouts("", node) for node in nodes}
