"""The fleet's rows: what a node reports of itself, read with care, for it is the node that says it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from cloud.application.fleet.enrolling import CredentialView
from cloud.domain.fleet.credential import CredentialState
from cloud.entrypoints.api.estates import NodeReport
from cloud.entrypoints.web.node_health import NodeHealth, node_health


class Condition(StrEnum):
    """How a node is, in the order in which somebody goes there. `unobserved`: it misses points of its equipment; `filling`: its
    storage; `ailing`: its power or its card will not last; `adrift`: its clock.
    """

    SILENT = "silent"
    LOSING = "losing"
    OFFLINE = "offline"
    UNOBSERVED = "unobserved"
    FILLING = "filling"
    AILING = "ailing"
    ADRIFT = "adrift"
    WELL = "well"


@dataclass(frozen=True, slots=True)
class Share:
    """How many nodes are in a condition, and the address that shows these; of the one that is looked at, all of them again."""

    condition: Condition
    count: int
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class FleetView:
    """The nodes asked for, the worst first, and how many there are of each kind. `named`: what is looked for."""

    rows: Sequence[FleetRow]
    total: int
    shares: Sequence[Share]
    state: Condition | None
    named: str


def arranged(rows: Sequence[FleetRow], state: Condition | None, named: str, estate: str | None) -> FleetView:
    """`estate`: what keeps a visitor of several estates in the one they look at."""
    counts = Counter(condition for row in rows for condition in row.conditions)
    kept = {"estate": estate, "named": named}
    shares = []
    for condition in Condition:
        asked = {"state": None if condition is state else condition, **kept}
        query = urlencode({key: value for key, value in asked.items() if value})
        if counts[condition] or condition is state:
            shares.append(
                Share(condition, counts[condition], f"/fleet?{query}" if query else "/fleet", condition is state)
            )
    order = list(Condition)
    shown = [row for row in rows if (state is None or state in row.conditions) and row.is_named(named)]
    shown.sort(key=lambda row: order.index(row.conditions[0]))
    return FleetView(shown, len(rows), shares, state, named)


@dataclass(frozen=True, slots=True)
class FleetRow:
    """A node on the fleet page. `said`: its last health report. `credential`: what it speaks with, for who may see that;
    `draining`: boards before it that may still deliver.
    """

    report: NodeReport
    said: NodeHealth
    credential: CredentialView | None = None
    draining: int = 0

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What is to be looked after, the worst first; `well` where nothing is."""
        node, telemetry = self.report.node, self.report.telemetry
        known = {
            Condition.SILENT: node.silent,
            Condition.LOSING: node.lost > 0 or (telemetry is not None and telemetry.lost > 0),
            Condition.OFFLINE: not node.online and not node.silent,
            Condition.UNOBSERVED: bool(self.said.stale),
            Condition.FILLING: self.said.fills,
            Condition.AILING: self.said.ails,
            Condition.ADRIFT: self.said.drifts,
        }
        return tuple(condition for condition, holds in known.items() if holds) or (Condition.WELL,)

    @property
    def missing(self) -> int:
        """Batches that neither came nor are explained, nor known to be lost."""
        telemetry = self.report.telemetry
        return self.report.node.missing + (telemetry.missing if telemetry else 0)

    def is_named(self, words: str) -> bool:
        """Whether its name, id or place holds what is looked for."""
        node = self.report.node
        known = f"{node.id} {node.names.zh} {node.names.en} {node.address.zh} {node.address.en}".casefold()
        return words.strip().casefold() in known

    @property
    def looks(self) -> str:
        """What of its machine is shown, for the page to notice a change by."""
        return f"{self.said} {self.report.node.farewell}"


def speaking(credentials: Iterable[CredentialView]) -> dict[str, CredentialView]:
    """By node, the credential of the board that is in its place now."""
    return {one.node_id: one for one in credentials if one.state is CredentialState.ACTIVE}


def draining(credentials: Iterable[CredentialView]) -> Counter[str]:
    """By node, how many boards that were replaced may still deliver their backlog."""
    return Counter(one.node_id for one in credentials if one.state is CredentialState.DRAINING)


def fleet_row(report: NodeReport, credential: CredentialView | None = None, *, draining: int = 0) -> FleetRow:
    return FleetRow(report, node_health(report.node.health), credential, draining)
