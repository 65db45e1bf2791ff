"""A person merges one incident's task into another's: alerts, open parts and calls go on there, both histories stay. Where
that was wrong a person undoes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cloud.application.incidents.causes import Causes
from cloud.application.incidents.keep_out import keep_out
from cloud.application.tasks.deeds import Acted, Deed, Deeds
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.incident import Incident, matter
from cloud.domain.incidents.inhibition import disturbs, hidden_under
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import hiding, merging, unmerging
from cloud.domain.tasks.task import Task
from cloud.errors import Conflict, Invalid


class MergeTasks(Deeds):
    """See `Deeds` for what all of them take and raise."""

    def __call__(
        self, task_id: str, member_id: str, into_id: str, *, revision: int | None = None, note: str = "",
        cause: str | None = None,
    ) -> Acted:  # fmt: skip
        """The first task ends as merged; its number goes on being answered with where it went."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            into = doing.uow.tasks.get(into_id)
            if into is None or into.estate != doing.task.estate or not doing.sees(into):
                raise Invalid(
                    "Nothing was merged.", [f"into: there is no task {into_id!r} in this estate; name another"]
                )
            moved = self._merge(doing, into)
            return Kind.MERGED, {"into": into.incident_id, "into_task": into.id, "alerts": moved}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def undo(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None
    ) -> Acted:
        """The merged task is one of its own again, with its alarms, those among them that came since the merge."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            into = doing.uow.tasks.of_incident(doing.task.merged_into or "")
            if into is None:
                raise Conflict("It was not merged into anything. Reload it to see where it stands.", "本事件未被合并")
            self._undo(doing, into)
            return Kind.UNMERGED, {"from": into.incident_id, "from_task": into.id}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    @staticmethod
    def _undo(doing: Deed, into: Task) -> None:
        uow, task, source, now = doing.uow, doing.task, doing.incident, doing.now
        target = uow.incidents.get(into.incident_id)
        assert target is not None, f"task {into.id} has lost its incident"
        unmerging.unmerge(task, into, doing.member, now, whistles=doing.whistles)
        alerts = uow.alerts.of_incidents([target.id]).get(target.id, ())
        back = _returning(doing, target, alerts)
        for alert in back:
            alert.incident_id = source.id
            uow.alerts.save(alert)
        causes = Causes(uow, source.estate, now).believed()
        source.hidden_by = hidden_under(source, back, {cause.id: cause for cause in causes})
        uow.incidents.save(source)
        (hiding.show if source.hidden_by is None else hiding.hide)(task, now)
        _settle_quiet(task, source, back, now)
        _settle_quiet(into, target, [alert for alert in alerts if alert not in back], now)
        uow.tasks.save(into)
        doing.summons.again(task, source, Reason.UNMERGED)
        if into.undone:
            doing.summons.again(into, target, Reason.UNMERGED)
        facts = {"to": source.id, "to_task": task.id, "party": doing.member.party_id, "state": into.state.value}
        by = f"member:{doing.member.id}"
        doing.further.append(Draft(Kind.GAVE_BACK, now, by, target.id, into.id, doing.cause, facts))

    @staticmethod
    def _merge(doing: Deed, into: Task) -> list[str]:
        """The ids of the alarms that moved."""
        uow, source, task, now = doing.uow, doing.incident, doing.task, doing.now
        target = uow.incidents.get(into.incident_id)
        assert target is not None, f"task {into.id} has lost its incident"
        pair = merging.Pair(source, target, doing.register)
        merging.merge(task, into, doing.member, now, pair=pair, whistles=doing.whistles)
        moving = uow.alerts.of_incidents([source.id]).get(source.id, ())
        for alert in moving:
            alert.incident_id = target.id
            uow.alerts.save(alert)
        kept_out = keep_out(doing.register, target, into, now=now, cause=doing.cause, summons=doing.summons)
        uow.tasks.save(into)
        doing.summons.again(into, target, Reason.MERGED)
        facts = {"from": source.id, "from_task": task.id, "party": doing.member.party_id, "state": into.state.value}
        by = f"member:{doing.member.id}"
        doing.further.append(Draft(Kind.TOOK_IN, now, by, target.id, into.id, doing.cause, facts))
        doing.further.extend(kept_out)
        return [alert.id for alert in moving]


def _returning(doing: Deed, target: Incident, alerts: Sequence[Alert]) -> list[Alert]:
    """The alarms that moved with the merge, and those of the same matter that were raised since."""
    uow, source = doing.uow, doing.incident
    merges = [entry for entry in uow.ledger.of_incident(source.id) if entry.kind == Kind.MERGED]
    moved = set(merges[-1].data.get("alerts", ())) if merges else set()
    incidents = uow.incidents.among([source.id, *doing.task.merged]).values()
    matters = {incident.matter for incident in incidents} - {target.matter}
    return [
        one for one in alerts if one.id in moved or matter(one.fingerprint, one.place_id, doing.register) in matters
    ]


def _settle_quiet(task: Task, incident: Incident, alerts: Sequence[Alert], now: datetime) -> None:
    """Quiet is what the task's own alarms are, no longer those of the other."""
    if any(disturbs(alert, incident.hazard) for alert in alerts):
        task.quiet_since = None
    elif alerts:
        task.quiet_since = task.quiet_since or now
