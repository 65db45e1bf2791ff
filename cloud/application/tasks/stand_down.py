"""The work is called off: an officer cancels a task, a lead releases a helper; each with its reason."""

from __future__ import annotations

from typing import Any

from cloud.application.tasks.deeds import Acted, Deed, Deeds
from cloud.domain.records.ledger import Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import standing_down
from cloud.errors import Invalid


class StandDown(Deeds):
    """See `Deeds` for what all of them take and raise."""

    def cancel(
        self, task_id: str, member_id: str, note: str, *, revision: int | None = None, cause: str | None = None
    ) -> Acted:
        """Nothing is asked of anybody any more, and everybody who had work in it hears so."""
        _reasoned(note)

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            told = [part.party_id for part in doing.task.assignments if part.works]
            standing_down.cancel(doing.task, doing.member, doing.now, permitted=doing.cancels)
            for party in told:
                doing.summons.one(doing.task, doing.incident, party, Reason.CANCELLED)
            return Kind.TASK_CANCELLED, {}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def release(
        self, task_id: str, member_id: str, party: str, note: str, *, revision: int | None = None,
        cause: str | None = None,
    ) -> Acted:  # fmt: skip
        """The lead lets a helper go, which hears so."""
        _reasoned(note)

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            standing_down.release(doing.task, doing.member, party, doing.now)
            doing.summons.one(doing.task, doing.incident, party, Reason.RELEASED)
            return Kind.PARTY_RELEASED, {"to": party}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)


def _reasoned(note: str) -> None:
    if not note.strip():
        raise Invalid("Nothing was called off.", ["note: say why; it is kept beside the decision"])
