"""What most parts of a cloud are made from."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from cloud.application.asking.readiness import Readiness
from cloud.application.identifiers import RandomIds
from cloud.application.ports import UnitsOfWork
from cloud.entrypoints.ingest.telemetry_lane import Ticking
from cloud.settings import CloudSettings


@dataclass(frozen=True)
class Shared:
    """What most parts are made from."""

    settings: CloudSettings
    clock: Ticking
    units: UnitsOfWork
    ids: RandomIds
    readiness: Readiness
    registry: CollectorRegistry
