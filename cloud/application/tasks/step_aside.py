"""A party steps aside: it puts the task on hold, declines its part, or hands the lead over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cloud.application.tasks.deeds import Acted, Deed, Deeds
from cloud.application.tasks.part_left import PartLeft
from cloud.domain.community.party import Party
from cloud.domain.records.ledger import Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import stepping_aside, succession
from cloud.domain.tasks.custody import Passing
from cloud.domain.tasks.stepping_aside import Outcome
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
            claimed = eligible_party(doing, named, "named") if named else None
            outcome = stepping_aside.decline(task, doing.member, words or code, doing.now)
            if outcome is stepping_aside.Outcome.OBJECTED:
                part = task.part_of(doing.member.party_id)
                assert part is not None, "who objects has a part"
                assert part.bound_by is not None, "who objects is bound"
                doing.summons.one(task, doing.incident, part.bound_by, Reason.OBJECTED)
                return Kind.OBJECTED, {"reason": code, "to": part.bound_by}
            asked = part_left(doing, outcome, doing.member.party_id, claimed)
            facts = {
                "named": claimed.id if claimed else None,
                "asked": asked.id if asked else None,
                "lead": outcome is Outcome.LEAD_WANTED,
            }
            return Kind.DECLINED, {"reason": code, **facts}

        return self._act(task_id, member_id, deed, revision=revision, note=words, cause=cause)

    def transfer(
        self, task_id: str, member_id: str, to: str, *, revision: int | None = None, note: str = "",
        cause: str | None = None,
    ) -> Acted:  # fmt: skip
        """The lead asks another party to take over; it stays responsible until that one has accepted."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            party = eligible_party(doing, to, "to")
            stepping_aside.offer(doing.task, doing.member, party, doing.now, doing.new_id)
            doing.summons.one(doing.task, doing.incident, party.id, Reason.OFFERED)
            return Kind.OFFERED, {"to": party.id}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)


def part_left(doing: Deed, outcome: Outcome, gone: str, claimed: Party | None = None) -> Party | None:
    """A part was given back. Gives who was asked to lead."""
    left = PartLeft(
        doing.task, doing.incident, doing.register, now=doing.now, new_id=doing.new_id, summons=doing.summons
    )(gone, Passing.DECLINED, outcome, claimed=claimed)
    for kind, data in left.said:
        doing.follows(kind, data)
    return left.lead


def eligible_party(doing: Deed, party_id: str, field: str) -> Party:
    serving = succession.eligible(doing.register, doing.incident.place_id, doing.now)
    party = next((party for party in serving if party.id == party_id), None)
    if party is None:
        raise Invalid(
            "Nobody was asked.",
            [f"{field}: {party_id!r} is no party that serves the place, has people here and may lead; choose another"],
        )
    return party
