"""Random parties, declines, clocks and crashes against what must always hold (issue 4, How it is shown)."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import initialize, invariant

from cloud.domain.consultation.ballot import standing
from cloud.domain.credit.account import CreditEntry, EntryKind
from cloud.domain.duties.register import Register
from cloud.domain.incidents.alert import Alert
from cloud.domain.incidents.incident import Incident
from cloud.domain.incidents.maintenance import HELD_BY
from cloud.domain.records.ledger import Entry, Head, Kind
from cloud.domain.records.ledger_chain import verify
from cloud.domain.tasks.clock import Clock
from cloud.domain.tasks.due import next_due
from cloud.domain.tasks.part_clocks import clocks_of
from cloud.domain.tasks.promised_look import LIFE_WAITS, going
from cloud.domain.tasks.task import Task, TaskState
from cloud.domain.tasks.verification import unseen
from schemas.hazards import hazard
from tests.fakes.estate import ESTATE
from tests.faults.governance.civic_life import CivicLife

EXAMPLES = int(os.environ.get("TOCSIN_EXAMPLES", "0"))
LONG = EXAMPLES >= 100
pytestmark = pytest.mark.timeout(60 + EXAMPLES * 10 if LONG else 120)
SOON = timedelta(minutes=10)
"""Within it people are called again, where life is at stake and nobody has answered or looked."""

_ENDINGS = (
    Kind.TASK_CLOSED, Kind.TASK_CANCELLED, Kind.CLOSED_UNVERIFIED, Kind.MERGED, Kind.TASK_RESOLVED, Kind.ALERT_HELD_BACK,
)  # fmt: skip


class WhateverHappens(CivicLife):
    @initialize()
    def nothing_has_happened_yet(self) -> None:
        self.head, self.last_at = Head(), None
        self.used: dict[tuple[str, object], tuple[Clock, tuple[object, ...], float]] = {}
        self.looked: dict[str, set[str]] = defaultdict(set)
        """Who claimed that a task is done, and who has checked it since."""
        self.points: Counter[str] = Counter()
        self.took_in: Counter[str] = Counter()
        """How often another was merged into a task, given back since or not."""

    @invariant()
    def what_must_hold_holds(self) -> None:
        with self.w.units.reading() as uow:
            register, firing = uow.registers.find(ESTATE), uow.alerts.firing(ESTATE)
            incidents = uow.incidents.among([one.incident_id for one in firing if one.incident_id])
            tasks = [*uow.tasks.open(ESTATE), *uow.tasks.closed(ESTATE, limit=200)]
            matters = uow.incidents.among(
                [one for task in tasks for one in (task.incident_id, task.merged_into) if one]
            )
            fresh = uow.ledger.since(ESTATE, self.head.seq, 100_000)
            entries = uow.credit.of_acts(ESTATE, "")
        assert register is not None
        self.the_ledger_verifies_and_its_clock_never_runs_backward(fresh, {one.incident_id: one for one in tasks})
        self.no_task_is_without_a_responsible_party(tasks, register)
        self.no_ladder_ends_in_silence(tasks)
        self.nobody_waits_for_what_never_comes(tasks)
        self.whoever_is_hidden_waits_for_somebody_who_is_not(firing, tasks, matters)
        self.what_was_merged_is_one_place(tasks, matters, register)
        self.nothing_automatic_hides_life_safety(firing, incidents, tasks)
        self.clocks_never_run_backward(tasks)
        self.credit_is_conserved(entries)
        self.every_owner_counts_once()

    def no_task_is_without_a_responsible_party(self, tasks: list[Task], register: Register) -> None:
        for task in tasks:
            assert task.responsible_id, task.id
            assert not task.open or task.responsible_id in register.parties, f"{task.responsible_id} is gone: {task}"

    def no_ladder_ends_in_silence(self, tasks: list[Task]) -> None:
        """Whoever waits for an answer is called again, or the matter was handed one level up."""
        for task in tasks:
            if task.state is TaskState.NEW and task.ladder.due_at is None:
                assert not task.life_safety, f"{task.hazard}: nobody is called any more: {task.ladder}"
                assert task.level_due is not None, f"{task.hazard}: its ladder ended in silence"

    def nobody_waits_for_what_never_comes(self, tasks: list[Task]) -> None:
        """Whatever waits for anybody has a moment at which time does something about it; where life is at stake, soon, or once
        somebody who goes and looks had time to be there.
        """
        now = self.w.clock.now()
        for task in (one for one in tasks if one.open):
            due = next_due(task)
            wants_look = task.state is TaskState.RESOLVED and unseen(task)
            if task.hidden_since is None:
                assert due is not None, f"{task.hazard}: {task.state} without end, {task.lead}"
            if task.life_safety and (task.state is TaskState.NEW or wants_look):
                assert due is not None, task
                latest = max(now + SOON, self._looked_after_until(task, now) if wants_look else now)
                assert due <= latest, f"{task.hazard}: {task.state}, and nothing before {due}, at {now}"

    @staticmethod
    def _looked_after_until(task: Task, now: datetime) -> datetime:
        """ "Closing waits for a second person (next shift, or remote)" (governance.md, safety floor): who says that they go is that
        person, and gets the time to be there. However many say so of one claim, all of them together have no more than the hour
        that begins with the first; nobody's word is needed in the first place where nobody has acknowledged.
        """
        if going(task, now) is None:
            return now
        assert task.resolution is not None
        assert task.resolution.member_id is not None, f"{task.hazard} cleared by itself, and nobody has looked"
        return min(look.at for look in task.looks if look.at >= (task.resolved_at or now)) + LIFE_WAITS

    def whoever_is_hidden_waits_for_somebody_who_is_not(
        self, firing: Sequence[Alert], tasks: list[Task], matters: Mapping[str, Incident]
    ) -> None:
        """Hidden is only what an open matter of the same estate explains that is itself seen, in earnest, and in hand; once
        nothing does, nobody waits behind it: `nobody_waits_for_what_never_comes` holds for it like for any other.
        """
        open_, alerts = {one.incident_id: one for one in tasks if one.open}, {one.id: one for one in firing}
        for task in open_.values():
            under = matters[task.incident_id].hidden_by
            assert (under is None) is (task.hidden_since is None), f"{task.hazard} under {under}: {task.hidden_since}"
            if under is None:
                continue
            assert not task.life_safety, f"{task.hazard} is hidden, and lives hang on it"
            cause = open_.get(under)
            assert cause is not None, f"{task.hazard} is hidden by what is over"
            self._is_in_hand(cause, task)
            assert matters[under].hidden_by is None, f"{task.hazard} is hidden by {cause.hazard}, which is hidden"
        for alert in firing:
            if alert.suppressed_by is not None and not alert.suppressed_by.startswith(HELD_BY):
                home = alerts[alert.suppressed_by].incident_id if alert.suppressed_by in alerts else None
                assert home in open_, f"{alert} is hidden by what is over"

    def _is_in_hand(self, cause: Task, hidden: Task) -> None:
        assert (cause.estate, cause.mode) == (hidden.estate, "real"), f"{hidden.hazard} is hidden by {cause}"
        assert next_due(cause) is not None, f"{hidden.hazard} waits for {cause}, which waits for nothing"

    def what_was_merged_is_one_place(
        self, tasks: list[Task], matters: Mapping[str, Incident], register: Register
    ) -> None:
        """Whoever comes to the one comes to the other; where not, somebody would lie in a lift that nobody looks at."""
        for task in tasks:
            if task.merged_into is None or not task.life_safety:
                continue
            own, into = matters[task.incident_id], matters[task.merged_into]
            building = register.building_of(own.place_id) == register.building_of(into.place_id)
            fire = {hazard(own.hazard).family, hazard(into.hazard).family} == {"fire"}
            assert own.equipment_id == into.equipment_id or (fire and building), f"{own} was merged into {into}"

    def nothing_automatic_hides_life_safety(
        self, firing: Sequence[Alert], incidents: Mapping[str, Incident], tasks: list[Task]
    ) -> None:
        answered = {task.incident_id for task in tasks}
        for alert in firing:
            if _threatens(alert):
                assert alert.suppressed_by is None, alert
                assert alert.incident_id in answered, f"nobody was asked about {alert}"
                assert incidents[alert.incident_id].hidden_by is None, alert

    def the_ledger_verifies_and_its_clock_never_runs_backward(
        self, fresh: Sequence[Entry], tasks: Mapping[str, Task]
    ) -> None:
        assert verify(fresh, self.head) is None
        for entry in fresh:
            assert self.last_at is None or entry.at >= self.last_at, f"{entry} is earlier than the one before"
            self.last_at = entry.at
            self._hears(entry, tasks.get(entry.incident_id or ""))
        if fresh:
            self.head = Head(fresh[-1].seq, fresh[-1].hash)

    def _hears(self, entry: Entry, task: Task | None) -> None:
        """No alert that threatens life is closed by one person, and none by nobody."""
        if entry.kind in (Kind.CREDIT_GRANTED, Kind.CREDIT_REVERSED):
            self.points[str(entry.data["member"])] += int(entry.data["points"])
        if entry.kind == Kind.TOOK_IN:
            self.took_in[str(entry.subject)] += 1
        if entry.kind == Kind.TASK_CHECKED:
            self.looked[str(entry.subject)].add(entry.actor)
        if entry.kind not in _ENDINGS:
            return
        if task is None or not task.life_safety or task.mode != "real":
            return
        assert entry.actor.startswith("member:"), f"{entry.actor} ended what threatens life: {entry}"
        assert entry.kind != Kind.TASK_CANCELLED, f"called off what threatens life: {entry}"
        if entry.kind == Kind.TASK_RESOLVED:
            self.looked[task.id] = {entry.actor}
        if entry.kind == Kind.TASK_CLOSED:
            assert len(self.looked[task.id] | {entry.actor}) > 1, f"closed by one person alone: {entry}"

    def clocks_never_run_backward(self, tasks: list[Task]) -> None:
        now = self.w.clock.now()
        for task in tasks:
            for clock in (task.tto, task.ttr):
                self._ticks(task, ("task", clock.kind, clock.started_at), clock, clock.used(now))
            for part in task.assignments:
                for clock in clocks_of(part, task.held_since, task.duty.calendar):
                    self._ticks(
                        task, (part.id, part.requested_at, clock.kind, clock.started_at), clock, clock.used(now)
                    )

    def _ticks(self, task: Task, key: tuple, clock: Clock, used: float) -> None:
        known, what = self.used.get((task.id, key)), (self.took_in[task.id], task.hazard)
        self.used[task.id, key] = (clock, what, used)
        if known is None:
            return
        if known[1] != what:
            self._was_brought_forward(task, key, known[0], clock)
            return
        before, _, share = known
        if key[0] != "task" and (before.due_at, before.met_at) != (clock.due_at, clock.met_at):
            return  # A party that is called or asked anew has a limit of its own; the task's clock is never reset by it.
        assert used >= share - 1e-9, f"{task.hazard}: {clock.kind} ran back from {share} to {used}: {before}, {clock}"
        assert before.met_at is None or clock.met_at == before.met_at, f"{clock.kind} was met: {before}, {clock}"
        assert clock.due_at >= before.due_at, f"{clock.kind} is due earlier: {before}, {clock}"

    @staticmethod
    def _was_brought_forward(task: Task, key: tuple, before: Clock, clock: Clock) -> None:
        """ "The earliest deadline wins" (governance.md, tasks are merged), and a worse matter has a stricter duty: the one thing that
        either may do to a clock of the task is that it is due sooner; what was met stays met then.
        """
        if key[0] == "task":
            assert clock.due_at <= before.due_at, f"{task.hazard}: {clock.kind} was put off: {before}, {clock}"
            assert before.met_at is None or clock.met_at == before.met_at, f"{clock.kind} was met: {before}, {clock}"

    def credit_is_conserved(self, entries: Sequence[CreditEntry]) -> None:
        """What accounts come to is what the ledger says was granted and taken back, and nothing is paid or taken twice."""
        balances: Counter[str] = Counter()
        granted = {one.id: one for one in entries if one.kind is EntryKind.GRANTED}
        back = [one for one in entries if one.kind is EntryKind.REVERSED]
        for one in entries:
            balances[one.member_id] += one.points
        assert {k: v for k, v in balances.items() if v} == {k: v for k, v in self.points.items() if v}
        assert all(points >= 0 for points in balances.values()), balances
        paid = Counter((one.act_id, one.member_id) for one in granted.values())
        assert not paid or max(paid.values()) == 1, paid
        assert len({one.reverses for one in back}) == len(back)
        assert all(one.points == -granted[str(one.reverses)].points for one in back)
        worth = defaultdict(int)
        for one in granted.values():
            worth[one.act_id, one.act] += one.earned
        table = self.credit.table(ESTATE).table
        assert all(worth[key] <= table.row(key[1]).points for key in worth), worth

    def every_owner_counts_once(self) -> None:
        if "ballot" in self.w.kept:
            with self.w.units.reading() as uow:
                ballot = uow.consultation.ballots.get(self.w.kept["ballot"])
                votes = uow.consultation.ballots.votes(ballot.id)
            assert set(standing(votes)) <= {one.id for one in ballot.roll}
            if ballot.result is not None:
                assert ballot.result.participating.heads == len(standing(votes))


def _threatens(alert: Alert) -> bool:
    return alert.fingerprint.mode == "real" and hazard(alert.fingerprint.hazard).life_safety


TestWhateverHappens = WhateverHappens.TestCase
TestWhateverHappens.settings = settings(
    max_examples=EXAMPLES if LONG else 6,
    stateful_step_count=80 if LONG else 40,
    derandomize=not LONG,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
