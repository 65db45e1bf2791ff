"""A key pressed in a call accepts for the member who was called what the call asks, once: the task, or to go and look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from cloud.application.ports import Clock, UnitsOfWork
from cloud.application.tasks.act_on_task import ActOnTask
from cloud.application.tasks.verify_task import VerifyTask
from cloud.domain.community.access import token_hash
from cloud.domain.records.delivery import Delivery
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks.assignment import AssignmentState
from cloud.domain.tasks.verification import unseen
from cloud.errors import Conflict, NotAllowed, NotFound, Stale, Unavailable


class Pressed(StrEnum):
    ACCEPTED = "accepted"
    ANSWERED_ALREADY = "answered_already"
    KEY_REFUSED = "key_refused"


@dataclass(frozen=True, slots=True)
class Keypad:
    """How the gateway for calls tells a key, and which one accepts. `content_type` and `answer`: what it wants to hear."""

    accept: str
    read: Callable[[bytes, Mapping[str, str]], str | None]
    answer: str = ""
    content_type: str = "text/plain"


class AnswerCall:
    """`keypad`: what reads the keys now; None: no gateway for calls is set up."""

    def __init__(
        self,
        units: UnitsOfWork,
        clock: Clock,
        act: ActOnTask,
        verify: VerifyTask,
        keypad: Callable[[], Keypad | None] = lambda: None,
    ) -> None:
        self._units, self._clock, self._act, self._verify, self.keypad = units, clock, act, verify, keypad

    def __call__(self, token: str, body: bytes, headers: Mapping[str, str]) -> Pressed:
        """Raises NotFound for a call that nobody made or whose time is up, NotAllowed where the callback is not genuine,
        Unavailable where the key is to be said again.

        The task is accepted first and the key marked as used afterwards: a crash between them has the provider say it
        again, which then finds the part accepted; the other order could lose an answer.
        """
        delivery = self._called(token)
        keypad = self.keypad()
        key = keypad.read(body, headers) if keypad else None
        if key is None or keypad is None:
            raise NotAllowed("This callback says no key, or its signature does not hold.")
        if delivery.answered_at is not None:
            return Pressed.ANSWERED_ALREADY
        if key != keypad.accept:
            return self._note(delivery, Pressed.KEY_REFUSED, used=False)
        assert delivery.member_id is not None, "only members are called"
        try:
            # Of several parties of theirs the one that was called answers, whatever part another has.
            accept = self._verify.look if self._looks(delivery) else self._act.acknowledge
            accept(delivery.task_id, delivery.member_id, cause=f"call:{delivery.id}", party=delivery.party_id)
        except Stale as error:
            raise Unavailable("Others keep changing this task; say the key again.") from error
        except Conflict:
            pressed = Pressed.ACCEPTED if self._accepted(delivery) else Pressed.ANSWERED_ALREADY
            return self._note(delivery, pressed, used=self._settled(delivery))
        except NotAllowed:
            # Told of it only: such a party has no part that it could accept.
            return self._note(delivery, Pressed.KEY_REFUSED, used=True)
        return self._note(delivery, Pressed.ACCEPTED, used=True)

    def _called(self, token: str) -> Delivery:
        with self._units.reading() as uow:
            delivery = uow.outbox.called(token_hash(token))
        now = self._clock.now()
        alive = delivery is not None and (delivery.answered_at is not None or delivery.takes_answer(now))
        if delivery is None or not alive or delivery.member_id is None:
            raise NotFound("There is no such call, or its time is up.")
        return delivery

    def _accepted(self, delivery: Delivery) -> bool:
        """Whether it was this very call that accepted, and only the note of it was lost."""
        with self._units.reading() as uow:
            story = uow.ledger.of_incident(delivery.incident_id)
        return any(entry.causation_id == f"call:{delivery.id}" for entry in story)

    def _looks(self, delivery: Delivery) -> bool:
        """Whether the call asks to look after a claim."""
        with self._units.reading() as uow:
            about = uow.outbox.get(delivery.notification_id)
        return about is not None and about.reason is Reason.VERIFY

    def _settled(self, delivery: Delivery) -> bool:
        """Whether there is nothing left that this key could answer."""
        with self._units.reading() as uow:
            task = uow.tasks.get(delivery.task_id)
        if self._looks(delivery):
            return task is None or not unseen(task)
        part = task.part_of(delivery.party_id) if task is not None and task.open else None
        return part is None or part.joined or part.state is AssignmentState.DONE

    def _note(self, delivery: Delivery, pressed: Pressed, *, used: bool) -> Pressed:
        with self._units.writing() as uow:
            now, current = self._clock.now(), uow.outbox.delivery(delivery.id)
            if current is None or current.answered_at is not None:
                return Pressed.ANSWERED_ALREADY
            if used:
                uow.outbox.amend(replace(current, answered_at=now))
            facts = {"party": delivery.party_id, "member": delivery.member_id, "reason": pressed.value}
            by = f"member:{delivery.member_id}"
            draft = Draft(Kind.CALL_ANSWERED, now, by, delivery.incident_id, delivery.task_id, delivery.id, facts)
            uow.ledger.append(delivery.estate, [draft])
            uow.commit()
        return pressed
