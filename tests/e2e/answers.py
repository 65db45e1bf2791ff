"""What the cloud answers over its REST interface, asked as a member's program asks it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from cloud.domain.records.ledger import Entry
from cloud.domain.records.ledger_chain import Misfit, verify

ESTATE = "example"
_PAGE = 200
_WHOLE_TIME = {"from": "2020-01-01T00:00:00Z", "steps": "1"}


@dataclass(frozen=True)
class Books:
    """What became of all that nodes numbered, in batches, and how many readings were in them."""

    stored: int
    refused: int
    lost: int
    duplicate: int
    conflicts: int
    readings: int


@dataclass(frozen=True)
class Readings:
    """How many readings were in the batches that were stored, and how many the store gives back."""

    counted: int
    stored: int


class Answers:
    """One member's view. `token`: an API token."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=20.0, trust_env=False
        )

    def close(self) -> None:
        self._client.close()

    @property
    def alive(self) -> bool:
        try:
            return self._client.get("/healthz").is_success
        except httpx.HTTPError:
            return False

    def readiness(self) -> tuple[int, dict[str, Any]]:
        answer = self._client.get("/readyz")
        return answer.status_code, answer.json()

    def get(self, path: str, **query: str) -> Any:
        answer = self._client.get(f"/api/v1{path}", params=query)
        assert answer.is_success, f"GET {path} {query}: {answer.status_code} {answer.text}"
        return answer.json()

    def tasks(self) -> list[dict[str, Any]]:
        """Every task there has ever been, open ones first."""
        return [
            task
            for state in ("open", "closed")
            for task in self.get("/incidents", estate=ESTATE, state=state, limit=str(_PAGE))["items"]
        ]

    def incidents(self) -> list[dict[str, Any]]:
        """Each with its task, alerts and timeline."""
        return [self.get(f"/incidents/{task['incident_id']}") for task in self.tasks()]

    def dead_letters(self) -> list[dict[str, Any]]:
        letters: list[dict[str, Any]] = self.get("/dead-letters", limit="500")
        return letters

    def node(self, name: str) -> dict[str, Any]:
        """What is known of one node's presence and health."""
        found: dict[str, Any] = next(
            report["node"] for report in self.get("/nodes", estate=ESTATE) if report["node"]["id"] == name
        )
        return found

    def books(self) -> Books:
        reports = self.get("/nodes", estate=ESTATE)
        events = [report["node"] for report in reports]
        telemetry = [report["telemetry"] for report in reports if report["telemetry"]]
        return Books(
            stored=sum(row["stored"] for row in (*events, *telemetry)),
            refused=sum(row["refused"] for row in (*events, *telemetry)),
            lost=sum(row["lost"] for row in events) + sum(row["missing"] for row in telemetry),
            duplicate=sum(row["duplicate"] for row in (*events, *telemetry)),
            conflicts=sum(row["conflicts"] for row in events) + sum(row["conflict"] for row in telemetry),
            readings=sum(row["readings"] for row in telemetry),
        )

    def readings_kept(self) -> int:
        """How many readings the store gives back, over all points and all time."""
        points = [latest["point"] for latest in self.get("/points", estate=ESTATE)]
        courses = (self.get("/readings", estate=ESTATE, point=point, **_WHOLE_TIME) for point in points)
        return sum(step["count"] for course in courses for step in course["steps"])

    def ledger(self) -> list[Entry]:
        """The whole chain."""
        entries: list[Entry] = []
        while page := self.get("/ledger", estate=ESTATE, since=str(entries[-1].seq if entries else 0), limit="1000"):
            entries += [Entry(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in page]
        return entries

    def misfit(self) -> Misfit | None:
        """The first entry of the ledger that does not fit; None when the chain holds."""
        return verify(self.ledger())
