"""What time brings to one task: breaches, reminders, decay, presumption, the ladder, and clearing by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from cloud.application.incidents import duty_room
from cloud.application.incidents.close_matter import close_matter
from cloud.application.incidents.others_join import Ground, call_others
from cloud.application.incidents.presume_fire import presume
from cloud.application.incidents.summons import Summons
from cloud.application.notices.withdraw import Answer, Withdraw
from cloud.application.ports import Ids, UnitOfWork
from cloud.application.tasks.after_claim import AfterClaim, Said, ask_to_look
from cloud.application.tasks.lapses import Lapses
from cloud.domain.community.party import Party
from cloud.domain.duties.escalation import Condition, Step
from cloud.domain.duties.oversight import levels_above
from cloud.domain.duties.target import Only
from cloud.domain.duties.targets import next_level, targets_of
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import Reason
from cloud.domain.tasks import asking, closing, doubt, fire, floor, hiding, succession, transitions
from cloud.domain.tasks.assignment import AssignmentRole, AssignmentState
from cloud.domain.tasks.clock import ClockKind
from cloud.domain.tasks.task import Task, TaskState
from cloud.domain.tasks.verification import self_clear_at, settles_at, unseen, unverified_at

TOLD_AGAIN: Final = timedelta(days=1)
"""How often the highest level is told of what no level has answered."""


class Turn:
    """What is due on one task at one moment. `doubted_until`: until when the clock is not trusted with what cannot be undone."""

    def __init__(
        self, uow: UnitOfWork, task: Task, *, ids: Ids, now: datetime, doubted_until: datetime | None = None
    ) -> None:
        register, incident = uow.registers.find(task.estate), uow.incidents.get(task.incident_id)
        assert register is not None, f"estate {task.estate} has lost its register"
        assert incident is not None, f"task {task.id} has lost its incident"
        self._uow, self._task, self._incident, self._register = uow, task, incident, register
        self._ids, self._now, self._doubted_until = ids, now, doubted_until
        self._summons = Summons(register, ids, now)
        self._drafts: list[Draft] = []

    @property
    def _hidden(self) -> bool:
        return self._incident.hidden_by is not None and not self._task.life_safety

    def take(self) -> None:
        task, now = self._task, self._now
        doubt.doubt(task, self._doubted_until, now)
        (hiding.hide if self._hidden else hiding.show)(task, now)
        if self._due(self_clear_at(task)):
            transitions.self_clear(task, now)
            self._say(Kind.TASK_RESOLVED, reason="self_cleared", state=task.state.value)
            Withdraw(self._uow, self._ids, task, Answer(), now).answered(lead=False, over=True)
            self._first_look()
        if self._due(settles_at(task)):
            transitions.settle(task, now)
            close_matter(self._uow, task, now)
            self._say(Kind.TASK_CLOSED, reason="self_cleared", checks=["sensor"], state=task.state.value)
        self._assure()
        self._after_claim()
        if task.state is TaskState.PENDING and task.deferred_until is not None and task.deferred_until <= now:
            transitions.end_hold(task, now)
            self._say(Kind.HOLD_ENDED, ground="waited_long_enough", party=task.responsible_id, state=task.state.value)
            self._summons.one(task, self._incident, task.responsible_id, Reason.HOLD_ENDED)
        if task.undone and task.state is not TaskState.PENDING:
            self._call_others()
            self._breaches()
            if not self._hidden:
                self._lapse()
                self._presume()
                self._await_work()
            self._climb()
            self._go_up()
        self._uow.tasks.save(task)
        if self._drafts:
            self._uow.ledger.append(task.estate, self._drafts)
        if self._summons.notifications:
            self._uow.outbox.put(self._summons.notifications)

    def _assure(self) -> None:
        """The sounder comes back, and a reporter who says nothing is waited for no longer."""
        task, now = self._task, self._now
        if task.muted is not None and task.muted.until <= now:
            floor.unmute(task)
            self._say(Kind.SOUNDER_BACK, ground="muted_long_enough")
        if self._due(unverified_at(task)):
            closing.close_unverified(task, now)
            close_matter(self._uow, task, now)
            reason = task.resolution.reason.value if task.resolution else None
            self._say(Kind.CLOSED_UNVERIFIED, reason=reason, party=task.responsible_id, state=task.state.value)

    def _first_look(self) -> None:
        """It has cleared by itself, and the duty asks for a person's look all the same."""
        asked = ask_to_look(self._task, self._incident, self._summons, self._now) if unseen(self._task) else None
        if asked is not None:
            self._say(Kind.LOOK_ASKED, **asked)

    def _after_claim(self) -> None:
        """A claim silences nothing: steps that wait for the closing are taken, others are asked to look, sensors are heard."""
        after = AfterClaim(
            self._uow, self._task, self._incident, self._register, ids=self._ids, now=self._now, summons=self._summons
        )
        steps: tuple[Callable[[], Iterable[Said]], ...] = (after.contradicted, after.others, after.looks)
        for step in steps:
            if self._task.state is TaskState.RESOLVED:
                for kind, data in step():
                    self._say(kind, **data)
        if self._task.state is TaskState.RESOLVED:
            self._climb()

    def _due(self, moment: datetime | None) -> bool:
        return moment is not None and moment <= self._now

    def _call_others(self) -> None:
        """Nothing has borne a report out within three minutes, nor has anybody said that it is not true."""
        task = self._task
        if task.others_at is not None and task.others_at <= self._now:
            facts = call_others(
                self._register, self._incident, task, Ground.UNANSWERED, ids=self._ids, now=self._now,
                summons=self._summons,
            )  # fmt: skip
            self._say(Kind.OTHERS_JOINED, **facts)

    def _breaches(self) -> None:
        task, now = self._task, self._now
        for clock in (task.tto, task.ttr):
            if clock.next_due is None or clock.next_due > now:
                continue
            noted = clock.note_breach(now)
            if clock.kind is ClockKind.TTO:
                task.tto = noted
            else:
                task.ttr = noted
            self._say(
                Kind.CLOCK_BREACHED, clock=clock.kind.value, due=clock.due_at.isoformat(), party=task.responsible_id
            )

    def _lapse(self) -> None:
        lapses = Lapses(
            self._task, self._incident, self._register, now=self._now, new_id=self._new_id, summons=self._summons
        )
        for kind, data in lapses():
            self._say(kind, **data)

    def _new_id(self) -> str:
        return self._ids.new(self._now)

    def _presume(self) -> None:
        """A fire alarm without word from the site is presumed to be a fire; with one, nobody waits any more."""
        task, now = self._task, self._now
        if task.presume_at is None or now < task.presume_at:
            return
        if fire.unheard(task, now):
            self._drafts.append(
                presume(
                    self._register, self._incident, task, fire.Ground.NO_WORD, ids=self._ids, now=now, actor="clock",
                    cause=None, summons=self._summons,
                )
            )  # fmt: skip
            self._uow.incidents.save(self._incident)
        task.presume_at = None

    def _await_work(self) -> None:
        """An acknowledgement without any sign of work is reminded of, then decays: the ladder resumes."""
        task, now, lead = self._task, self._now, self._task.responsible_id
        if task.decay_at is not None and task.decay_at <= now:
            transitions.decay(task, now)
            fire.await_word(task, now)
            self._summons.again(task, self._incident, Reason.DECAYED)
            self._say(Kind.DECAYED, party=lead, state=task.state.value)
        elif task.remind_at is not None and task.remind_at <= now:
            task.reminded_at = now
            self._summons.one(task, self._incident, lead, Reason.REMINDER)
            self._say(Kind.REMINDED, party=lead)

    def _climb(self) -> None:
        """Every step that is due, in order; one that would reach nobody is passed at once, which is recorded."""
        task, policy = self._task, self._task.duty.ladder
        while task.ladder.due_at is not None and task.ladder.due_at <= self._now:
            step = policy.steps[task.ladder.step]
            if not self._holds(step):
                task.ladder = task.ladder.drop(policy)
            elif self._take_step(step, task.ladder.step):
                task.ladder = task.ladder.climb(policy, self._now)
            else:
                task.ladder = task.ladder.hurry(policy, self._now)
            if task.ladder.due_at is None and task.state is TaskState.NEW:
                task.next_level_at = self._now

    def _go_up(self) -> None:
        """No ladder ends in silence: the matter becomes a task one level up, and should that not answer, of the next."""
        due = self._task.level_due
        if due is not None and due <= self._now and not self._hidden:
            self._end_of_ladder()

    def _take_step(self, step: Step, number: int) -> bool:
        """Whether it reached anybody."""
        if self._hidden:
            self._say(Kind.STEP_PASSED, step=number + 1, reason="hidden by its cause")
            return True
        meant = targets_of(self._register, step, self._incident.place_id, self._now, life_safety=self._task.life_safety)
        able = [party for party in meant.called if not party.keeps_out(self._incident.hazard)]
        called = [party for party in able if not self._answered(step, party)]
        numbers = list(meant.numbers)
        if meant.reaches_nobody or meant.stood_in:
            self._say(Kind.STEP_PASSED, step=number + 1, reason="reaches nobody", targets=[*map(str, step.targets)])
        if numbers and self._task.mode == "exercise":
            # Nobody outside is ever called out for a drill.
            self._say(Kind.STEP_PASSED, step=number + 1, reason="exercise: nobody outside is called")
            numbers = []
            if not called:
                return True
        if not numbers and not called:
            return False
        if self._register.fallback in called and step.endless:
            self._hand_on(self._register.fallback)
        self._call(called, step, meant.only)
        self._summons.call_sheet(self._task, self._incident, numbers, step)
        if (numbers or step.endless) and self._task.life_safety:
            cause = f"{self._task.id}:{self._task.revision}"
            self._drafts += duty_room.sound(self._uow, self._incident, cause=cause, now=self._now)
        names = [party.id for party in (*called, *numbers)]
        missed = {"nobody": meant.unreached} if meant.unreached and not meant.stood_in else {}
        self._say(Kind.ESCALATED, step=number + 1, targets=names, condition=step.condition.value, **missed)
        return True

    def _answered(self, step: Step, party: Party) -> bool:
        """Whether it has acknowledged for itself what each target of the step must."""
        part = self._task.part_of(party.id)
        return step.multi_ack and part is not None and (part.joined or part.state is AssignmentState.DONE)

    def _unanswered(self, step: Step) -> bool:
        """Whether any target of which somebody can be reached has not acknowledged yet."""
        place, life = self._incident.place_id, self._task.life_safety
        meant = targets_of(self._register, step, place, self._now, life_safety=life)
        return any(not self._answered(step, party) for party in meant.called)

    def _call(self, parties: list[Party], step: Step, only: Mapping[str, tuple[Only, ...]]) -> None:
        for party in parties:
            role = AssignmentRole.SUPPORT if step.multi_ack else AssignmentRole.OBSERVER
            may = party.may_lead_in(self._task.hazard, self._incident.place_id)
            asking.climb_to(self._task, party.id, self._now, self._new_id, role, may_lead=may)
            reason = Reason.ESCALATED if may or step.multi_ack else Reason.UNATTENDED
            if self._task.refused_at is not None and step.condition is Condition.IF_NOT_CLOSED:
                reason = Reason.REFUSED
            some = only.get(party.id, ())
            self._summons.climbed(self._task, self._incident, party, step, reason=reason, only=some)

    def _hand_on(self, party: Party) -> None:
        """The party is asked to lead, unless it let an earlier request expire, which it may still accept."""
        part = self._task.part_of(party.id)
        if part is None or part.role is not AssignmentRole.LEAD or part.state is not AssignmentState.EXPIRED:
            asking.hand_on(self._task, party.id, self._now, self._new_id)

    def _end_of_ladder(self) -> None:
        """The nearest level above that has not been asked yet, and the highest although the ladder has told it; once they
        have been, the highest is told once a day, and who answers for the estate, without end.
        """
        task, register, place = self._task, self._register, self._incident.place_id
        asked = task.parties(AssignmentRole.LEAD, AssignmentRole.SUPPORT)
        lead = register.party(task.responsible_id)
        *_, highest = (register.fallback, *levels_above(register, lead, place))
        nearest = next_level(register, task.duty, lead, place_id=place, moment=self._now, asked=asked)
        above = next((one for one in (nearest, highest) if succession.to_ask(task, one, place)), None)
        if above is None:
            task.next_level_at = self._now + TOLD_AGAIN
            told = [one.id for one in dict.fromkeys((highest, register.fallback))]
        else:
            self._hand_on(above)
            task.next_level_at = task.duty.after(self._now, task.duty.tto)
            told = [above.id]
        for party in told:
            self._summons.one(task, self._incident, party, Reason.LADDER_ENDED)
        self._say(Kind.LADDER_ENDED, party=told[0], targets=told)

    def _holds(self, step: Step) -> bool:
        task = self._task
        if step.condition is Condition.IF_NOT_CLOSED or not task.undone:
            return step.condition is Condition.IF_NOT_CLOSED and task.open
        if step.condition is Condition.IF_NOT_ACKNOWLEDGED and step.multi_ack:
            return self._unanswered(step)
        if step.condition is Condition.IF_NOT_ACKNOWLEDGED:
            return task.state is TaskState.NEW
        if step.condition is Condition.IF_LEAD_NOT_ARRIVED:
            return task.lead.state not in (AssignmentState.ARRIVED, AssignmentState.DONE)
        return not any(p.state in (AssignmentState.ARRIVED, AssignmentState.DONE) for p in task.assignments if p.works)

    def _say(self, kind: Kind, **data: Any) -> None:
        task = self._task
        # The state that time met: what was due is in it.
        cause = f"{task.id}:{task.revision}"
        self._drafts.append(Draft(kind, self._now, "clock", self._incident.id, task.id, cause, data))
