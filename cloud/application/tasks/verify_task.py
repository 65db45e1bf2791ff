"""What a second person and a person on site do: check what others did, mute the sounder for a while."""

from __future__ import annotations

from typing import Any

from cloud.application.incidents.others_join import Ground, call_others
from cloud.application.incidents.sounders import silence
from cloud.application.incidents.turn_real import make_real
from cloud.application.tasks.after_claim import ask_to_look
from cloud.application.tasks.deeds import Acted, Deed, Deeds
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks import closing, floor
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.promised_look import promise, take_back
from cloud.domain.tasks.transitions import permit


class VerifyTask(Deeds):
    """See `Deeds` for what all of them take and raise."""

    def check(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None
    ) -> Acted:
        """Somebody who did not do the work has looked."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            closing.verify(doing.task, doing.member, doing.now)
            return Kind.TASK_CHECKED, {}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def look(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None,
        party: str | None = None,
    ) -> Acted:  # fmt: skip
        """Somebody who did not do the work goes and looks: the others are left in peace until the limit to be on site is
        over. `party`: for which of theirs the member was asked, where that is known.
        """

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            permit(Action.LOOK, doing.task, doing.member, doing.now)
            return Kind.LOOK_PROMISED, {"until": promise(doing.task, doing.member, doing.now).until.isoformat()}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause, party=party)

    def cannot_look(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None
    ) -> Acted:
        """Who said that they go cannot: the others are asked at once."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            permit(Action.CANNOT_LOOK, doing.task, doing.member, doing.now)
            take_back(doing.task, doing.member, doing.now)
            asked = ask_to_look(doing.task, doing.incident, doing.summons, doing.now)
            if asked is not None:
                doing.follows(Kind.LOOK_ASKED, asked)
            return Kind.LOOK_TAKEN_BACK, {}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def mute(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None
    ) -> Acted:
        """The sounder keeps quiet for 15 minutes, here and at the nodes that sound. Messages, ladder and clocks go on."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            permit(Action.MUTE, doing.task, doing.member, doing.now)
            muted = floor.mute(doing.task, doing.member, doing.now)
            doing.further.extend(
                silence(
                    doing.uow, doing.incident, by=f"member:{doing.member.id}", until=muted.until, cause=doing.cause,
                    now=doing.now,
                )
            )  # fmt: skip
            return Kind.SOUNDER_MUTED, {"until": muted.until.isoformat()}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def confirm(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None
    ) -> Acted:
        """A resident's report is true: everybody else is called at once."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            permit(Action.CONFIRM, doing.task, doing.member, doing.now)
            facts = call_others(
                doing.register, doing.incident, doing.task, Ground.CONFIRMED, ids=doing.ids, now=doing.now,
                summons=doing.summons,
            )  # fmt: skip
            return Kind.OTHERS_JOINED, facts

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)

    def turn_real(
        self, task_id: str, member_id: str, *, revision: int | None = None, note: str = "", cause: str | None = None
    ) -> Acted:
        """This is no exercise: the task goes on as real, and everybody in it is told."""

        def deed(doing: Deed) -> tuple[Kind, dict[str, Any]]:
            permit(Action.TURN_REAL, doing.task, doing.member, doing.now)
            presumed = make_real(
                doing.uow, doing.register, doing.incident, doing.task, ids=doing.ids, now=doing.now, cause=doing.cause,
                summons=doing.summons,
            )  # fmt: skip
            doing.further.extend(presumed)
            doing.uow.incidents.save(doing.incident)
            return Kind.EXERCISE_REAL, {}

        return self._act(task_id, member_id, deed, revision=revision, note=note, cause=cause)
