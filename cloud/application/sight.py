"""What of the matters of homes one viewer sees: `domain.tasks.sight` asked about tasks, incidents, alerts and entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from cloud.application.ports import UnitOfWork
from cloud.domain.community.party import Member
from cloud.domain.duties.register import Register
from cloud.domain.incidents.alert import Alert
from cloud.domain.records.ledger import Entry
from cloud.domain.records.personal import PersonalClass
from cloud.domain.tasks.sight import private, sees_private
from cloud.domain.tasks.task import Task

WITHHELD: Final = "withheld"
"""What stands in an entry that is not shown: its place in the chain is no secret, what it says is."""


class Viewer(Protocol):
    """Who asks: an `Identity`."""

    @property
    def member(self) -> Member: ...


class Sight:
    """Of one viewer in one unit of work; `viewer` None is the program itself."""

    def __init__(self, uow: UnitOfWork, register: Register, viewer: Viewer | None) -> None:
        self._uow, self._register, self._viewer = uow, register, viewer
        self.everything = viewer is None or sees_private(register, viewer.member, None)
        self._known: dict[str | None, bool] = {}

    def task(self, task: Task) -> bool:
        return not private(task.hazard) or self._sees(task)

    def tasks(self, tasks: Iterable[Task]) -> Sequence[Task]:
        return list(filter(self.task, tasks))

    def closed(self, limit: int, before: tuple[datetime, str] | None) -> Sequence[Task]:
        """Those that are over, last closed first: as many as are asked for although some between them are not for the viewer,
        since fewer would say that no more come.
        """
        found: list[Task] = []
        while page := self._uow.tasks.closed(self._register.estate.id, limit=limit, before=before):
            found += self.tasks(page)
            last = page[-1]
            if len(page) < limit or len(found) >= limit or last.closed_at is None:
                break
            before = (last.closed_at, last.id)
        return found[:limit]

    def matter(self, incident_id: str | None) -> bool:
        """Whether the viewer sees a matter that is private."""
        if incident_id not in self._known:
            self._known[incident_id] = self._sees(self._uow.tasks.of_incident(incident_id) if incident_id else None)
        return self._known[incident_id]

    def alert(self, alert: Alert) -> bool:
        return not private(alert.fingerprint.hazard) or self.matter(alert.incident_id)

    def shown(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Without those that are not for the viewer."""
        hidden = self._hidden(entries)
        return [entry for entry in entries if entry.seq not in hidden] if hidden else entries

    def veiled(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """All of them, those that are not for the viewer with nothing but their place in the chain."""
        hidden = self._hidden(entries)
        return [_veil(entry) if entry.seq in hidden else entry for entry in entries]

    def _hidden(self, entries: Sequence[Entry]) -> set[int]:
        if self.everything:
            return set()
        found = private_among(self._uow, entries)
        return {entry.seq for entry in entries if entry.seq in found and not self.matter(entry.incident_id)}

    def _sees(self, task: Task | None) -> bool:
        return self.everything or (self._viewer is not None and sees_private(self._register, self._viewer.member, task))


def private_among(uow: UnitOfWork, entries: Sequence[Entry]) -> set[int]:
    """The sequences of those that are about a home."""
    incidents = uow.incidents.among({entry.incident_id for entry in entries if entry.incident_id})
    homes = {incident.id for incident in incidents.values() if private(incident.hazard)}
    return {entry.seq for entry in entries if entry.incident_id in homes or _about_a_home(entry)}


def _about_a_home(entry: Entry) -> bool:
    """By its hazard, or because somebody's consent was read or erased: that there was one is nobody's business."""
    sorts = str(entry.data.get("class", "")).split("+")
    return private(str(entry.data.get("hazard", ""))) or PersonalClass.CONSENT in sorts


def _veil(entry: Entry) -> Entry:
    return replace(
        entry, kind=WITHHELD, actor=WITHHELD, incident_id=None, subject=None, causation_id=None, data={}
    )  # fmt: skip
