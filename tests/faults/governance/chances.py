"""What may happen in an estate: alarms, time, deeds of people, and everything around them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from cloud.application.estates.load_estate import LoadEstate
from cloud.application.tasks.keep_windows import Asked
from cloud.domain.community.names import Names
from cloud.domain.community.roster import Roster, Shift
from cloud.domain.incidents.report import Concern
from cloud.domain.tasks.actions import Action, acting, allowed_actions
from cloud.domain.tasks.calls import Ground
from cloud.domain.tasks.joint_refusals import may_whistle
from cloud.domain.tasks.task import ResolutionReason
from cloud.domain.tasks.witness import Verdict
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, cleared, raised
from tests.faults.governance.living_estate import MEMBERS, LivingEstate
from tests.faults.governance.world import people

_ALARMS = st.sampled_from(
    [
        ("fire.smoke", "b1/smoke-1"), ("fire.smoke", "b1/smoke-2"), ("lift.entrapment", "b1/lift-1"),
        ("lift.door-fault", "b1/lift-1"), ("lift.entrapment", "b1/lift-2"), ("access.forced-open", "b1/door"),
        ("access.held-open", "b1/door"), ("access.release-failed", "b1/door"), ("lift.overspeed", "b1/lift-2"),
        ("access.denied-burst", "b1/door"), ("access.forced-open", "b2/door"), ("point.stale", "b1/lift-1"),
    ]
)  # fmt: skip
_MEMBERS = st.sampled_from(MEMBERS)
_PARTIES = st.sampled_from(
    ["property", "lift-firm", "fire-room", "operator", "police", "grid", "committee", "volunteers"]
)
_SPANS = st.sampled_from(
    [1, 5, 12, 50, 65, 130, 190, 185, 310, 620, 1000, 1900, 3700, 7300, 25_000, 90_000, 260_000, 700_000]
)
"""Seconds: over a step of a ladder, or over days."""


_TURNS = 12


class Alarms(LivingEstate):
    """What nodes say, and time."""

    @rule(alarm=_ALARMS, mode=st.sampled_from(["real", "real", "real", "exercise"]))
    def rings(self, alarm: tuple[str, str], mode: str) -> None:
        self.w._number += 1
        number = self.w._number
        batch = self.w.node.batch(raised(*alarm, number, mode=mode, mono=self._mono()))
        self.does(lambda: self.w.record(replace(batch, received_at=self.w.clock.now())))
        self.ringing.append((*alarm, number, mode))

    @precondition(lambda self: self.ringing)
    @rule(data=st.data())
    def falls_quiet(self, data: st.DataObject) -> None:
        hazard, equipment, number, mode = self.ringing.pop(data.draw(st.integers(0, len(self.ringing) - 1)))
        batch = self.w.node.batch(cleared(hazard, equipment, number, mode=mode, mono=self._mono()))
        self.does(lambda: self.w.record(replace(batch, received_at=self.w.clock.now())))

    @rule(span=_SPANS)
    def time_passes(self, span: int) -> None:
        """As the loops do: what is due meanwhile is done when it is due; in the end they lag behind, and catch up."""
        end = self.w.clock.now() + timedelta(seconds=span)
        for _ in range(_TURNS):
            with self.w.units.reading() as uow:
                due = uow.tasks.next_due_at()
            if due is None or due >= end:
                break
            self.w.clock.reaches(due)
            self.does(self.timers)
        self.w.clock.reaches(end)
        self.loops()

    @rule(minutes=st.sampled_from([-700, -61, -5, 5, 61, 700]))
    def somebody_sets_the_clock(self, minutes: int) -> None:
        """By a mistake, or because it was wrong. Further behind than a day a process that starts anew would believe it."""
        if self.w.clock.ahead() - timedelta(minutes=minutes) < timedelta(hours=20):
            self.w.clock.machine.is_set(minutes=minutes)
            self.loops()

    @rule(reason=st.sampled_from(["lost", "stopped"]), lives=st.booleans(), channel=st.booleans())
    def a_way_is_cut_or_mended(self, reason: str, *, lives: bool, channel: bool) -> None:
        """The one to the people, or the one to the node."""
        if channel:
            self.channel.mend() if lives else self.channel.cut()
            return
        connection = self.w.kept["connection"] = self.w.kept.get("connection", 0) + lives
        active = [(number, hazard, equipment) for hazard, equipment, number, mode in self.ringing if mode == "real"]
        if lives:
            self.does(lambda: self.w.is_born(connection, *active[:3]))
        elif connection:
            self.does(lambda: self.w.dies(connection, reason))

    def _mono(self) -> float:
        return 100.0 + (self.w.clock.now() - START).total_seconds()


class Deeds(Alarms):
    """What people do with tasks."""

    @precondition(lambda self: self.w._number)
    @rule(data=st.data(), times=st.integers(1, 4))
    def people_act(self, data: st.DataObject, times: int) -> None:
        """Several of them, one after the other, on one matter."""
        board, over = self.w.board(), self.w.over()[:3]
        if not board and not over:
            return
        pages = [*board, *board, *over]
        task = pages[data.draw(st.integers(0, len(pages) - 1), label="page")]
        for _ in range(times):
            self._somebody_acts(data, self.w.queries.task(task.id, self.w.identity("manager")))

    @precondition(lambda self: self.w._number)
    @rule(data=st.data())
    def people_see_it_through(self, data: st.DataObject) -> None:
        """Towards its end, as far as it goes."""
        board = self.w.board()
        if not board:
            return
        task = board[data.draw(st.integers(0, len(board) - 1), label="page")].id
        for action in (Action.ACKNOWLEDGE, Action.START, Action.RESOLVE, Action.CHECK, Action.CLOSE):
            willing = [one for one in self._offers(task) if one[1] is action]
            if willing:
                member, _ = data.draw(st.sampled_from(willing), label="who")
                page = self.w.queries.task(task, self.w.identity("manager"))
                self.does(self._deed(data, page, member, action))

    @precondition(lambda self: self.w._number)
    @rule(data=st.data())
    def one_person_wants_to_be_done(self, data: st.DataObject) -> None:
        """Alone they do all that it takes, with what threatens life where anything does, while everything is quiet."""
        board = sorted(self.w.board(), key=lambda one: not one.life_safety)
        willing = sorted({who for who, _ in self._offers(board[0].id)}) if board else []
        if not willing:
            return
        task, member = board[0].id, data.draw(st.sampled_from(willing), label="who")
        while self.ringing:
            self.falls_quiet(data)
        for action in (Action.CANCEL, Action.ACKNOWLEDGE, Action.START, Action.RESOLVE, Action.CHECK, Action.CLOSE):
            page = self.w.queries.task(task, self.w.identity("manager"))
            self.does(self._deed(data, page, member, action))
            self.w.clock.advance(minutes=6)

    def _somebody_acts(self, data: st.DataObject, task: Any) -> None:
        """What the page offers, most of the time; now and then what it does not."""
        offers = self._offers(task.id)
        if not offers or data.draw(st.integers(0, 9)) == 0:
            member, action = data.draw(_MEMBERS), data.draw(st.sampled_from(Action))
        else:
            member, action = data.draw(st.sampled_from(offers), label="offer")
        do = self._deed(data, task, member, action)
        self.does(do)

    def _offers(self, task_id: str) -> list[tuple[str, Action]]:
        """What each member's page would offer."""
        with self.w.units.reading() as uow:
            task, register = uow.tasks.get(task_id), uow.registers.find(ESTATE)
            incident = uow.incidents.get(task.incident_id) if task else None
        assert task is not None
        assert register is not None
        assert incident is not None
        now, found = self.w.clock.now(), []
        for member in (acting(task, one) for _, one in sorted(register.members.items())):
            whistles = may_whistle(register, member, incident.place_id)
            offered = allowed_actions(task, member, now, whistles=whistles)
            found += [(member.id, action) for action in offered if action is not Action.NOTE]
        return found

    def _deed(self, data: st.DataObject, task: Any, member: str, action: Action) -> Any:
        w, who, now = self.w, (task.id, member), self.w.clock.now()
        party, seen = data.draw(_PARTIES, label="party"), {"revision": task.revision}
        reason = data.draw(st.sampled_from(ResolutionReason), label="reason") if action is Action.RESOLVE else None
        ground = data.draw(st.sampled_from(Ground), label="ground")
        other = data.draw(st.sampled_from([one.id for one in w.board()] or [task.id]), label="other")
        until = now + timedelta(hours=data.draw(st.integers(1, 200)))
        basis = data.draw(st.sampled_from(["", "the contract"]), label="basis")
        named = data.draw(st.one_of(st.none(), _PARTIES), label="named") if basis else None
        consents = data.draw(st.booleans(), label="consents")
        deeds = {
            Action.ACKNOWLEDGE: lambda: self.act.acknowledge(*who, **seen),
            Action.START: lambda: self.act.start(*who, **seen),
            Action.RESOLVE: lambda: self._resolves(who, reason),
            Action.CLOSE: lambda: self.act.close(*who, **seen),
            Action.REOPEN: lambda: self.act.reopen(*who, **seen),
            Action.NOTE: lambda: self.act.note(*who, f"seen at {now}"),
            Action.HOLD: lambda: self.w.aside.hold(*who, "waiting-for-parts", until, **seen),
            Action.DECLINE: lambda: self.w.aside.decline(*who, basis, named, **seen),
            Action.TRANSFER: lambda: self.w.aside.transfer(*who, party, **seen),
            Action.MERGE: lambda: self.w.merge(*who, other, **seen),
            Action.UNMERGE: lambda: self.w.merge.undo(*who, **seen),
            Action.ARRIVE: lambda: self.w.joint.arrive(*who, **seen),
            Action.FINISH: lambda: self.w.joint.finish(*who, **seen),
            Action.CHECK: lambda: self.w.verify.check(*who, **seen),
            Action.LOOK: lambda: self.w.verify.look(*who, **seen),
            Action.CANNOT_LOOK: lambda: self.w.verify.cannot_look(*who, **seen),
            Action.REFUSED: lambda: self.w.joint.refused(*who, **seen),
            Action.MUTE: lambda: self.w.verify.mute(*who, **seen),
            Action.CONFIRM: lambda: self.w.verify.confirm(*who, **seen),
            Action.TURN_REAL: lambda: self.w.verify.turn_real(*who, **seen),
            Action.HELP: lambda: self.w.joint.ask_for_help(*who, [party], **seen),
            Action.WISH: lambda: self.w.joint.ask_for_whistle(*who, ground, [party], **seen),
            Action.WHISTLE: lambda: self.w.joint.whistle(*who, ground, [party], **seen),
            Action.NO_WHISTLE: lambda: self.w.joint.refuse_whistle(*who, "no", **seen),
            Action.JUDGE: lambda: self.w.joint.judge(*who, party, "so be it", consents=consents, **seen),
            Action.RELEASE: lambda: self.w.stand_down.release(*who, party, "so be it", **seen),
            Action.CANCEL: lambda: self.w.stand_down.cancel(*who, "so be it", **seen),
            Action.ARBITRATE: lambda: self.w.joint.arbitrate(*who, party, "so be it", **seen),
        }
        return deeds[action]

    def _resolves(self, who: tuple[str, str], reason: ResolutionReason | None) -> None:
        assert reason is not None
        if reason is ResolutionReason.FALSE_ALARM:
            self.does(lambda: self.w.photographs(*who))
        self.act.resolve(*who, reason)

    @rule(
        concern=st.sampled_from([(Concern.SMOKE, "b1/smoke-1"), (Concern.TRAPPED, "b1/lift-1"), (Concern.EXIT_OBSTRUCTED, "b1/f2")]),
        device=st.sampled_from(["one", "two", "three"]), verdict=st.sampled_from(Verdict),
        judges=st.booleans(), member=st.sampled_from([None, "ann", "cao"]),
    )  # fmt: skip
    def a_resident_reports_or_judges(
        self, concern: tuple[Concern, str], device: str, verdict: Verdict, member: str | None, *, judges: bool
    ) -> None:
        if judges and "token" in self.w.kept:
            self.does(lambda: self.reports.judge(self.w.kept["token"], verdict))
            return
        given = {"device": device, **({"member_id": member} if member else {})}
        made = self.does(lambda: self.w.is_reported(*concern, **given))
        if made is not None:
            self.w._number += 1
            self.w.kept["token"] = made.token


class Around(Deeds):
    """What is planned, who is there, who has left."""

    @rule(what=st.integers(0, 4), hours=st.integers(1, 30), data=st.data())
    def things_change(self, what: int, hours: int, data: st.DataObject) -> None:
        until = self.w.clock.now() + timedelta(hours=hours)
        (self._exercise, self._maintenance, self._roster, self._members, self._party)[what](data, until)

    def _exercise(self, data: st.DataObject, until: datetime) -> None:
        equipment = data.draw(st.sampled_from(["b1/smoke-1", "b1/lift-1", "b1/lift-2", "b1/door"]))
        drilled = data.draw(st.sampled_from([["usual"], ["usual", "lift.entrapment"], ["fire.*"], ["lift.entrapment"]]))
        now, manager = self.w.clock.now(), self.w.identity("manager")
        self.does(lambda: self.exercises.plan(ESTATE, [equipment], now, until, manager, hazards=drilled))

    def _maintenance(self, data: st.DataObject, until: datetime) -> None:
        where = data.draw(st.sampled_from(["b1/lift-1", "b1/lift-2", None]))
        place = None if where else f"{HOME}/b1"
        asked = Asked(self.w.clock.now(), until, "repair", (where,) if where else (), place)
        self.does(lambda: self.windows.open(ESTATE, asked, self.w.identity("manager")))

    def _roster(self, data: st.DataObject, _until: datetime) -> None:
        party = data.draw(st.sampled_from(["property", "lift-firm"]))
        member = data.draw(st.sampled_from(["guard", "technician", "foreman"]))
        shift = Shift((member,), time(0), time(12), since=date(2026, 1, 1))
        roster = Roster(f"of-{party}", ESTATE, party, Names("排班", "Roster"), shifts=(shift,))

        def keep() -> None:
            with self.w.units.writing() as uow:
                uow.rosters.save(roster)
                uow.commit()

        self.does(keep)

    def _members(self, data: st.DataObject, _until: datetime) -> None:
        """Some leave, others come back."""
        may = ["guard", "technician", "foreman", "watch", "fireman", "ann", "ben"]
        gone = data.draw(st.sets(st.sampled_from(may), max_size=3))
        known = self.description
        changed = replace(known, members=tuple(one for one in known.members if one.id not in gone))
        self.does(lambda: LoadEstate(self.w.units, self.w.clock)(changed))

    def _party(self, data: st.DataObject, _until: datetime) -> None:
        """One is suspended, or comes back."""
        gone = data.draw(st.sampled_from([None, "lift-firm", "volunteers", "micro-station", "police"]))
        known = people()
        self.description = replace(
            known,
            parties=tuple(one for one in known.parties if one.id != gone),
            members=tuple(one for one in known.members if one.party_id != gone),
        )
        self.does(lambda: LoadEstate(self.w.units, self.w.clock)(self.description))
