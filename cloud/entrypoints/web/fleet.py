"""The fleet's rows: what a node reports of itself, read with care, for it is the node that says it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cloud.application.fleet.enrolling import CredentialView
from cloud.domain.fleet.credential import CredentialState
from cloud.entrypoints.api.estates import NodeReport


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
    def missing(self) -> int:
        """Batches that neither came nor are explained, nor known to be lost."""
        telemetry = self.report.telemetry
        return self.report.node.missing + (telemetry.missing if telemetry else 0)

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
