"""The fleet's rows: what a node reports of itself, read with care, for it is the node that says it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode

from cloud.application.fleet.enrolling import CredentialView
from cloud.domain.fleet.credential import CredentialState
from cloud.entrypoints.api.estates import NodeReport

CARD_SOON: Final = 1.0
"""Years: of so short a life a card is replaced at the next visit."""


class Condition(StrEnum):
    """How a node is; `ailing`: its power or its card will not last. In the order in which somebody goes there."""

    SILENT = "silent"
    LOSING = "losing"
    OFFLINE = "offline"
    AILING = "ailing"
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
    """A node on the fleet page. `waiting`: batches not yet acknowledged at its last health report; `hours_left`: how
    long an outage it could still cover; `card_years`: how long its storage bears what it writes a day; `written_mb`: that,
    in MB. None: it has not said. `credential`: what it speaks with, for who may see that; `draining`: boards before it that
    may still deliver.
    """

    report: NodeReport
    waiting: int | None
    hours_left: float | None
    card_years: float | None = None
    written_mb: float | None = None
    temperature_c: float | None = None
    under_voltage: bool = False
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
            Condition.AILING: self.under_voltage or (self.card_years is not None and self.card_years < CARD_SOON),
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
        return f"{self.card_years} {self.written_mb} {self.temperature_c} {self.under_voltage}"


def _number(found: object) -> float | None:
    return float(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else None


def speaking(credentials: Iterable[CredentialView]) -> dict[str, CredentialView]:
    """By node, the credential of the board that is in its place now."""
    return {one.node_id: one for one in credentials if one.state is CredentialState.ACTIVE}


def draining(credentials: Iterable[CredentialView]) -> Counter[str]:
    """By node, how many boards that were replaced may still deliver their backlog."""
    return Counter(one.node_id for one in credentials if one.state is CredentialState.DRAINING)


def fleet_row(report: NodeReport, credential: CredentialView | None = None, *, draining: int = 0) -> FleetRow:
    health: Mapping[str, Any] = report.node.health
    depths = [
        stream.get("batches") for key in ("events", "telemetry") if isinstance(stream := health.get(key), Mapping)
    ]
    counted = [depth for depth in map(_number, depths) if depth is not None]
    written = _number(health.get("bytes_written_per_day"))
    return FleetRow(
        report,
        int(sum(counted)) if counted else None,
        _number(health.get("outage_hours_left")),
        card_years=_number(health.get("card_years_left")),
        written_mb=None if written is None else written / 1e6,
        temperature_c=_number(health.get("temperature_c")),
        under_voltage=health.get("under_voltage") is True,
        credential=credential,
        draining=draining,
    )
