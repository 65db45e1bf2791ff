"""A party steps aside: it puts the task on hold, declines its part, or hands the lead over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cloud.application.tasks.deeds import Acted, Deed, Deeds
from cloud.domain.community.party import Party
from cloud.domain.records.ledger import Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import fire, stepping_aside, transitions
from cloud.errors import Invalid


class StepAside(Deeds):
    """See `Deeds` for what all of them take and raise. No clock is reset by any of it."""

    def hold(
        self, task_id: str, member_id: str, reason: str, until: datetime, *, revision: int | None = None,
        note: str = "", cause: str | None = None,
    ) -> Acted:  # fmt: skip
        """The lead waits, for a reason that its duty allows, until then at the latest."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            stepping_aside.hold(doing.task, doing.member, reason, until, doing.now)
            return Kind.HELD, {"reason": reason, "until": until.isoformat()}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def decline(
        self, task_id: str, member_id: str, basis: str = "", named: str | None = None, *, revision: int | None = None,
        cause: str | None = None,
    ) -> Acted:  # fmt: skip
        """The party gives its part back. `basis`: the duty or rule it cites, kept as a note; where life is at stake none
        is needed. `named`: the party that it says is responsible, which is asked at once; else the next in line is.
        """
        words = basis.strip()

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            task = doing.task
            code = "cited" if words else stepping_aside.CANNOT_COME if task.life_safety else ""
            claimed = _eligible(doing, named, "named") if named else None
            lead_wanted = stepping_aside.decline(task, doing.member, words or code, doing.now)
            asked = None
            fire.await_word(task, doing.now)
            if lead_wanted:
                asked = claimed or stepping_aside.next_in_line(task, doing.register, doing.incident.place_id)
            if asked is not None:
                transitions.hand_on(task, asked.id, doing.now, doing.new_id)
                doing.summons.one(task, doing.incident, asked.id, Reason.ASKED_TO_LEAD)
            elif not lead_wanted:
                doing.summons.one(task, doing.incident, task.responsible_id, Reason.DECLINED)
            facts = {"named": claimed.id if claimed else None, "asked": asked.id if asked else None}
            return Kind.DECLINED, {"reason": code, **facts}

        return self._act(task_id, member_id, deed, revision=revision, note=words, cause=cause)

    def transfer(
        self, task_id: str, member_id: str, to: str, *, revision: int | None = None, note: str = "",
        cause: str | None = None,
    ) -> Acted:  # fmt: skip
        """The lead asks another party to take over; it stays responsible until that one has accepted."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            party = _eligible(doing, to, "to")
            stepping_aside.offer(doing.task, doing.member, party, doing.now, doing.new_id)
            doing.summons.one(doing.task, doing.incident, party.id, Reason.OFFERED)
            return Kind.OFFERED, {"to": party.id}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)


def _eligible(doing: Deed, party_id: str, field: str) -> Party:
    serving = stepping_aside.eligible(doing.register, doing.incident.place_id)
    party = next((party for party in serving if party.id == party_id), None)
    if party is None:
        raise Invalid(
            "Nobody was asked.",
            [f"{field}: {party_id!r} is no party that serves the place and may lead; choose another"],
        )
    return party
