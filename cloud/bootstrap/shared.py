"""What most parts of a cloud are made from."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from cloud.adapters.sql.units import SqlUnitsOfWork
from cloud.application.asking.readiness import Readiness
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
