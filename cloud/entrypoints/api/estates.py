"""What is known of an estate, over REST: alerts, places, parties, duties, equipment, nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Path as PathParameter

from cloud.application.asking.matrix_views import DutyView
from cloud.application.asking.node_views import BootView, NodeView
from cloud.application.asking.views import AlertView, EquipmentView, EstateView, FloodView, PlaceView, ServingPartyView
from cloud.application.timeseries import NodeCounts
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.api.interface import Interface
from schemas.base import NAME_PATTERN

router = Interface(tags=["estates"])


@dataclass(frozen=True, slots=True)
class NodeReport:
    """A node, with what became of its event batches (in `node`) and of its telemetry batches (in `telemetry`)."""

    node: NodeView
    telemetry: NodeCounts | None


@router.get("/estates", summary="Estates the member's party has to do with")
def list_estates(services: Given, member: CurrentMember) -> list[EstateView]:
    return services.queries.estates(member)


@router.get("/alerts", summary="What fires now, hidden or not; closed matters stand in their incidents")
def list_alerts(services: Given, member: CurrentMember, estate: EstateId) -> list[AlertView]:
    return services.queries.alerts(estate, member)


@router.get("/floods", summary="What of the open incidents is told as one, each flood with its incidents")
def list_floods(services: Given, member: CurrentMember, estate: EstateId) -> Sequence[FloodView]:
    return services.queries.board(estate, member).floods


@router.get("/places", summary="The tree of places, by path")
def list_places(services: Given, member: CurrentMember, estate: EstateId, cut: cursors.Cut) -> list[PlaceView]:
    return cut.of(services.queries.places(estate, member), lambda one: (one.id,))


@router.get("/parties", summary="Who can be responsible here")
def list_parties(services: Given, member: CurrentMember, estate: EstateId, cut: cursors.Cut) -> list[ServingPartyView]:
    return cut.of(services.queries.parties(estate, member), lambda one: (one.id,))


@router.get("/duties", summary="The responsibility matrix")
def list_duties(services: Given, member: CurrentMember, estate: EstateId) -> list[DutyView]:
    return services.queries.duties(estate, member)


@router.get("/equipment", summary="The register of equipment, with how many alerts fire at each")
def list_equipment(services: Given, member: CurrentMember, estate: EstateId, cut: cursors.Cut) -> list[EquipmentView]:
    return cut.of(services.queries.equipment(estate, member), lambda one: (one.id,))


@router.get("/nodes", summary="The fleet: presence, health, and what became of every batch")
def list_nodes(services: Given, member: CurrentMember, estate: EstateId, cut: cursors.Cut) -> list[NodeReport]:
    nodes = cut.of(services.queries.nodes(estate, member), lambda one: (one.id,))
    return reported(services, estate, nodes)


def reported(services: Given, estate: str, nodes: Sequence[NodeView]) -> list[NodeReport]:
    """With what became of their telemetry, where anybody counts it."""
    counts = services.reading_counts
    return [NodeReport(node, counts(estate, node.id) if counts else None) for node in nodes]


@router.get("/nodes/{node}/boots", summary="When a node's boots began, and how sure that is")
def list_boots(
    services: Given,
    member: CurrentMember,
    estate: EstateId,
    piece: cursors.Piece,
    *,
    node: Annotated[str, PathParameter(pattern=NAME_PATTERN)],
) -> list[BootView]:
    found = services.queries.boots(estate, node, member, limit=piece.asked, before=piece.id)
    return piece.of(found, lambda one: (one.boot,))
