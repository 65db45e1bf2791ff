"""A person has phoned somebody of the call sheet and says what came of it; the program itself never dials."""

from __future__ import annotations

from cloud.application.tasks.deeds import Acted, Deed, Deeds
from cloud.domain.community.party import Party
from cloud.domain.duties.call_sheet import to_dial
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.dialling import Dialled, Outcome, whose, with_call
from cloud.domain.tasks.transitions import permit
from cloud.errors import Invalid


class RecordCall(Deeds):
    """For whoever may write a note there. It silences nothing and accepts nothing: the call sheet stays due until a named
    person has accepted. See `Deeds` for what it raises.
    """

    def __call__(
        self,
        task_id: str,
        member_id: str,
        outcome: Outcome,
        *,
        number: str | None = None,
        party: str | None = None,
        note: str = "",
        cause: str | None = None,
    ) -> Acted:
        """`number` or `party`: who was phoned, as the call sheet has it, or any party of the estate with a number."""
        with self._units.writing() as uow:
            now = self._clock.now()
            task, member = self._load(uow, task_id, member_id)
            permit(Action.NOTE, task, member, now)
            deed = self._deed(uow, task, member, now, cause)
            made = Dialled(_called(deed, number, party).id, outcome, now, member.id, member.party_id)
            if any(made.repeats(one) for one in task.dialled):
                return self._as_it_is(uow, deed)
            task.dialled = with_call(task.dialled, made)
            task.heard_from(member.party_id, now)
            uow.tasks.save(task)
            drafts = [deed.draft(Kind.CALL_MADE, {"to": [made.to_id], "outcome": outcome.value})]
            if note.strip():
                drafts.append(self._noted(uow, deed, note))
            return self._record(uow, deed, drafts)


def _called(deed: Deed, number: str | None, party_id: str | None) -> Party:
    register, place = deed.register, deed.incident.place_id
    sheet = to_dial(register, deed.task.duty.call_sheet, place)
    others = [one for one in register.parties.values() if one.phone]
    found = whose(sheet, others, number, party_id) if number or party_id else None
    if found is None:
        known = ", ".join(f"{one.phone} ({one.names.en})" for one in sheet) or "nobody"
        fault = f"number, party: name one that can be phoned here; the call sheet has {known}"
        raise Invalid("The call was not recorded.", [fault])
    return found
