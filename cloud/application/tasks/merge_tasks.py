"""A person merges one incident's task into another's: alerts, open parts and calls go on there, both histories stay."""

from __future__ import annotations

from typing import Any

from cloud.application.tasks.deeds import Acted, Deed, Deeds
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import hiding, merging
from cloud.domain.tasks.task import Task
from cloud.errors import Invalid


class MergeTasks(Deeds):
    """See `Deeds` for what all of them take and raise."""

    def __call__(
        self, task_id: str, member_id: str, into_id: str, *, revision: int | None = None, note: str = "",
        cause: str | None = None,
    ) -> Acted:  # fmt: skip
        """The first task ends as merged; its number goes on being answered with where it went."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            into = doing.uow.tasks.get(into_id)
            if into is None or into.estate != doing.task.estate:
                raise Invalid(
                    "Nothing was merged.", [f"into: there is no task {into_id!r} in this estate; name another"]
                )
            self._merge(doing, into)
            return Kind.MERGED, {"into": into.incident_id, "into_task": into.id}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    @staticmethod
    def _merge(doing: Deed, into: Task) -> None:
        uow, source, task, now = doing.uow, doing.incident, doing.task, doing.now
        target = uow.incidents.get(into.incident_id)
        assert target is not None, f"task {into.id} has lost its incident"
        merging.merge(
            task, into, doing.member, now, severities=(source.severity, target.severity), whistles=doing.whistles
        )
        for alert in uow.alerts.of_incidents([source.id]).get(source.id, ()):
            alert.incident_id = target.id
            uow.alerts.save(alert)
        for hidden in uow.incidents.hidden_by(source.id):
            hidden.hidden_by = target.id if hidden.id != target.id else None
            uow.incidents.save(hidden)
            if hidden.hidden_by is None:
                hiding.show(into, now)
        uow.tasks.save(into)
        doing.summons.again(into, target, Reason.MERGED)
        facts = {"from": source.id, "from_task": task.id, "party": doing.member.party_id, "state": into.state.value}
        by = f"member:{doing.member.id}"
        doing.further.append(Draft(Kind.TOOK_IN, now, by, target.id, into.id, doing.cause, facts))
