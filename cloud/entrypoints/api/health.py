"""Whether the program lives, whether it can do its work, and its figures."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from cloud.entrypoints.api.access import CurrentOperator, Given
from cloud.entrypoints.api.late import LateRoute
from cloud.entrypoints.api.problems import Refusal, documented

router = APIRouter(tags=["health"], route_class=LateRoute)


@router.get("/healthz", summary="The process answers")
async def read_health() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", summary="Everything it needs is there", responses=documented(HTTPStatus.SERVICE_UNAVAILABLE))
def read_readiness(services: Given) -> dict[str, str]:
    troubles = dict(services.troubles())
    if services.feeds.trouble:
        troubles["live streams"] = services.feeds.trouble
    if troubles:
        detail = "Not ready: " + "; ".join(f"{part}: {trouble}" for part, trouble in sorted(troubles.items()))
        raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "not-ready", detail, headers={"Retry-After": "5"})
    return {"status": "ready"}


@router.get("/metrics", summary="Figures in the Prometheus text format", response_class=Response)
def read_metrics(services: Given, member: CurrentOperator) -> Response:  # noqa: ARG001 - asked for to be let in
    registry = services.metrics or CollectorRegistry()
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
