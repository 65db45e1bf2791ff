"""What the cloud says about a run, fetched over its REST API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx

from firmware_sim.errors import CloudUnreadableError
from firmware_sim.score import Alert, Incident, Readings, parse_time

_PAGE: Final = 200


def fetch(base_url: str, token: str, estate: str) -> tuple[list[Incident], Readings]:
    """All incidents of an estate, open and closed, and the counts of its nodes.

    `base_url` is where the service listens, without `/api/v1`; `token` is an API token that may read.
    """
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{base_url.rstrip('/')}/api/v1", headers=headers, timeout=30.0) as client:
        rows = [row for state in ("open", "closed") for row in _rows(client, estate, state)]
        incidents = [parse_incident(_get(client, f"/incidents/{row['incident_id']}")) for row in rows]
        return incidents, parse_nodes(_get(client, "/nodes", estate=estate))


def _rows(client: httpx.Client, estate: str, state: str) -> Iterator[Mapping[str, Any]]:
    cursor: str | None = None
    while True:
        page = _get(client, "/incidents", estate=estate, state=state, limit=_PAGE, cursor=cursor)
        yield from page["items"]
        cursor = page["next"]
        if cursor is None:
            return


def _get(client: httpx.Client, path: str, **query: object) -> Any:
    asked = {name: str(value) for name, value in query.items() if value is not None}
    try:
        answer = client.get(path, params=asked)
        answer.raise_for_status()
        return answer.json()
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        raise CloudUnreadableError(
            f"GET {path}: answered {status}. May the token read, and is the estate right?"
        ) from error
    except (httpx.HTTPError, ValueError) as error:
        raise CloudUnreadableError(f"GET {path}: {error}. Is the service listening there?") from error


def parse_incident(whole: Mapping[str, Any]) -> Incident:
    """From one `GET /incidents/{id}`."""
    task = whole["task"]
    parts = [(part["role"], str(part["party"]["kind"])) for part in task["assignments"]]
    return Incident(
        id=str(task["incident_id"]),
        hazard=task["hazard"],
        equipment=task["equipment"]["id"],
        opened=parse_time(task["opened_at"]),
        lead=next((kind for role, kind in parts if role == "lead"), None),
        supports=tuple(kind for role, kind in parts if role == "support"),
        alerts=tuple(
            Alert(
                hazard=alert["hazard"],
                equipment=alert["equipment"]["id"],
                started=parse_time(alert["started_at"] or task["opened_at"]),
            )
            for alert in whole["alerts"]
        ),
        mode=task["mode"],
    )


def parse_nodes(reports: list[Mapping[str, Any]]) -> Readings:
    """From `GET /nodes`: batches of events and of telemetry together; `readings` counts single readings."""
    counts = [report["node"] for report in reports]
    telemetry = [report["telemetry"] for report in reports if report["telemetry"]]
    stored = sum(row["stored"] for row in (*counts, *telemetry))
    lost = sum(row["lost"] for row in counts) + sum(row["missing"] for row in telemetry)
    refused = sum(row["refused"] for row in (*counts, *telemetry))
    return Readings(
        sent=stored + lost,
        stored=stored,
        refused=refused,
        lost=lost,
        duplicate=sum(row["duplicate"] for row in (*counts, *telemetry)),
        readings=sum(row["readings"] for row in telemetry),
        void=sum(row["void"] for row in counts),
    )
