"""What most parts of a cloud are made from."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from cloud.adapters.clock import SystemClock
from cloud.adapters.sql.units import SqlUnitsOfWork
from cloud.application.asking.readiness import Readiness
from cloud.application.clock_ports import Doubts, never
from cloud.application.identifiers import RandomIds
from cloud.entrypoints.ingest.telemetry_lane import Ticking
from cloud.settings import CloudSettings


@dataclass(frozen=True)
class Shared:
    """What most parts are made from."""

    settings: CloudSettings
    clock: Ticking
    units: SqlUnitsOfWork
    ids: RandomIds
    readiness: Readiness
    registry: CollectorRegistry

    @property
    def machine(self) -> SystemClock | None:
        """The clock, where it is a machine's, which somebody may set; not one that a run or a test moves."""
        return self.clock if isinstance(self.clock, SystemClock) else None

    @property
    def doubted_until(self) -> Doubts:
        return self.machine.doubted_until if self.machine is not None else never
