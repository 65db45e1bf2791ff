"""Parties join forces: help, whistles, what each called party says, what is objected, and who decides on the lead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cloud.application.tasks.deeds import Acted, Deed, Deeds
from cloud.application.tasks.step_aside import eligible_party, part_left
from cloud.domain.community.party import Party
from cloud.domain.duties.targets import next_level, targets_of
from cloud.domain.records.ledger import Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import asking, clearing, joint_work, succession
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.assignment import AssignmentRole
from cloud.domain.tasks.calls import Ground
from cloud.domain.tasks.stepping_aside import Outcome
from cloud.domain.tasks.transitions import permit
from cloud.errors import Invalid


class JoinForces(Deeds):
    """See `Deeds` for what all of them take and raise. No clock of the task is reset by any of it."""

    def ask_for_help(
        self, task_id: str, member_id: str, parties: Sequence[str], capabilities: Sequence[str] = (), *,
        revision: int | None = None, note: str = "", cause: str | None = None,
    ) -> Acted:  # fmt: skip
        """The lead asks others to support, by name or by what they can do."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            wanted = _find(doing, parties, capabilities)
            joint_work.ask_for_help(doing.task, doing.member, wanted, doing.now, doing.new_id)
            _tell(doing, wanted, Reason.HELP_ASKED)
            return Kind.HELP_ASKED, _called(wanted)

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def ask_for_whistle(
        self, task_id: str, member_id: str, ground: Ground, parties: Sequence[str] = (), capabilities: Sequence[str] = (),
        *, revision: int | None = None, note: str = "", cause: str | None = None,
    ) -> Acted:  # fmt: skip
        """The lead asks the street or township that serves the place to whistle."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            streets = [party.id for party in doing.register.streets(doing.incident.place_id)]
            if not streets:
                raise Invalid(
                    "Nobody was asked.", ["ground: no street or township serves the place; ask for help instead"]
                )
            if parties or capabilities:
                _find(doing, parties, capabilities, bound=True)
            joint_work.ask_for_whistle(
                doing.task, doing.member, ground, parties=parties, capabilities=capabilities, now=doing.now
            )
            for street in streets:
                doing.summons.one(doing.task, doing.incident, street, Reason.WHISTLE_WISHED)
            return Kind.WHISTLE_WISHED, {"ground": ground.value, "to": streets}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def whistle(
        self, task_id: str, member_id: str, ground: Ground, parties: Sequence[str], capabilities: Sequence[str] = (), *,
        revision: int | None = None, note: str = "", cause: str | None = None,
    ) -> Acted:  # fmt: skip
        """The street or township calls these parties, with binding effect."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            wish = doing.task.wish
            named, able = (parties, capabilities) if parties or capabilities or wish is None else (
                wish.parties, wish.capabilities,
            )  # fmt: skip
            wanted = _find(doing, named, able, bound=True)
            joint_work.whistle(
                doing.task, doing.member, ground, wanted, now=doing.now, new_id=doing.new_id, permitted=doing.whistles
            )
            _tell(doing, wanted, Reason.WHISTLED)
            return Kind.WHISTLED, {
                **_called(wanted),
                "ground": ground.value,
                "wish_of": wish.party_id if wish else None,
            }

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def refuse_whistle(
        self, task_id: str, member_id: str, note: str, *, revision: int | None = None, cause: str | None = None
    ) -> Acted:
        """The street or township does not whistle, and says why."""
        _reasoned(note)

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            wish = joint_work.refuse_whistle(doing.task, doing.member, doing.now, permitted=doing.whistles)
            doing.summons.one(doing.task, doing.incident, wish.party_id, Reason.WHISTLE_REFUSED)
            return Kind.WHISTLE_REFUSED, {"to": wish.party_id, "ground": wish.ground.value}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def arrive(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None
    ) -> Acted:
        """A supporting party is on site."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            joint_work.arrive(doing.task, doing.member, doing.now)
            return Kind.PARTY_ARRIVED, {}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def finish(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None
    ) -> Acted:
        """A supporting party has done its part; the lead is told."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            joint_work.finish(doing.task, doing.member, doing.now)
            doing.summons.one(doing.task, doing.incident, doing.task.responsible_id, Reason.PART_FINISHED)
            return Kind.PARTY_FINISHED, {}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def refused(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None
    ) -> Acted:
        """Whoever obstructs it refuses to clear it: the ladder's step that waits for the closing is taken now; where none is
        left, or it would reach nobody, the next level is told.
        """

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            permit(Action.REFUSED, doing.task, doing.member, doing.now)
            doing.task.shows_work(doing.member.party_id, doing.now)
            if clearing.refused(doing.task, doing.now) and _reaches_somebody(doing):
                return Kind.CLEARING_REFUSED, {}
            above = _next_level(doing)
            asking.climb_to(
                doing.task, above.id, doing.now, doing.new_id, AssignmentRole.OBSERVER,
                may_lead=above.may_lead_in(doing.task.hazard, doing.incident.place_id),
            )  # fmt: skip
            doing.summons.one(doing.task, doing.incident, above.id, Reason.REFUSED)
            return Kind.CLEARING_REFUSED, {"to": [above.id]}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def judge(
        self, task_id: str, member_id: str, party: str, note: str, *, consents: bool, revision: int | None = None,
        cause: str | None = None,
    ) -> Acted:  # fmt: skip
        """Whoever bound the party judges what it objected, and says why: it is let off, or stays bound."""
        _reasoned(note)

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            outcome = joint_work.judge(doing.task, doing.member, party, doing.now, consents=consents)
            if outcome is Outcome.OBJECTED:
                doing.summons.one(doing.task, doing.incident, party, Reason.OBJECTION_REJECTED)
                return Kind.OBJECTION_REJECTED, {"to": party}
            asked = part_left(doing, outcome, party)
            doing.summons.one(doing.task, doing.incident, party, Reason.OBJECTION_UPHELD)
            return Kind.OBJECTION_UPHELD, {"to": party, "asked": asked.id if asked else None}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def arbitrate(
        self,
        task_id: str,
        member_id: str,
        lead: str,
        note: str,
        *,
        revision: int | None = None,
        cause: str | None = None,
    ) -> Acted:
        """The arbiter decides who leads, and says why; that party answers for the task from now on."""
        _reasoned(note)

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            party = eligible_party(doing, lead, "lead")
            _not_made_to_lead(doing, party)
            succession.arbitrate(doing.task, doing.member, party, doing.now, doing.new_id)
            doing.summons.one(doing.task, doing.incident, party.id, Reason.NAMED_TO_LEAD)
            return Kind.ARBITRATED, {"to": party.id}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)


def _not_made_to_lead(doing: Deed, party: Party) -> None:
    """A community is not made to lead what it only assists; an arbiter of its own may take it upon itself."""
    others = party.id != doing.member.party_id
    if others and succession.only_assists(doing.task, doing.register, party, doing.incident.place_id):
        raise Invalid(
            "Nobody was named.",
            [
                f"lead: {party.id!r} only assists in this, so nobody makes it lead; name another, or whistle for its support"
            ],
        )


def _find(
    doing: Deed, parties: Sequence[str], capabilities: Sequence[str], *, bound: bool = False
) -> list[joint_work.Wanted]:
    return joint_work.find(
        doing.task, doing.register, doing.incident.place_id, doing.now, parties=parties, capabilities=capabilities,
        bound=bound,
    )  # fmt: skip


def _tell(doing: Deed, wanted: Sequence[joint_work.Wanted], reason: Reason) -> None:
    for one in wanted:
        doing.summons.one(doing.task, doing.incident, one.party.id, reason)


def _called(wanted: Sequence[joint_work.Wanted]) -> dict[str, Any]:
    return {
        "to": [one.party.id for one in wanted],
        "capabilities": [one.capability for one in wanted if one.capability is not None],
    }


def _reasoned(note: str) -> None:
    if not note.strip():
        raise Invalid("Nothing was decided.", ["note: say why; it is kept beside the decision"])


def _reaches_somebody(doing: Deed) -> bool:
    """Whether the step of the ladder that is due does."""
    task, place = doing.task, doing.incident.place_id
    step = task.duty.ladder.steps[task.ladder.step]
    return not targets_of(doing.register, step, place, doing.now, life_safety=task.life_safety).reaches_nobody


def _next_level(doing: Deed) -> Party:
    """The nearest level above who is responsible that has no part in it yet."""
    task, register = doing.task, doing.register
    lead, place = register.party(task.responsible_id), doing.incident.place_id
    return next_level(register, task.duty, lead, place_id=place, moment=doing.now, asked=task.parties())
