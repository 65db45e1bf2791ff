"""What the cloud raises of its own accord, and what people record of their own: calls that they made by phone."""

from __future__ import annotations

from datetime import timedelta

from cloud.application.clock_ports import ClockStep
from cloud.application.fleet.configure_node import ConfigureNode
from cloud.application.fleet.note_unanswered import NoteUnanswered
from cloud.application.incidents.watch_causes import WatchCauses
from cloud.application.incidents.watch_clock import WatchClock
from cloud.application.incidents.watch_false_alarms import WatchFalseAlarms
from cloud.application.incidents.watch_upkeep import WatchUpkeep
from cloud.application.tasks.keep_upkeep import KeepUpkeep
from cloud.application.tasks.keep_windows import Asked, KeepWindows
from cloud.application.tasks.record_call import RecordCall
from cloud.application.tasks.walk_patrols import WalkPatrols
from cloud.domain.records.patrol import Round
from cloud.domain.tasks.dialling import Outcome
from cloud.domain.tasks.task import ResolutionReason
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.faults.governance.stories.deeds import deed, fixed, timers
from tests.faults.governance.walking import Step, Story, step
from tests.faults.governance.world import World


def _false_alarms(w: World) -> None:
    for _ in range(3):
        number = w.rings("fire.smoke", "b1/smoke-1", mono=100.0 + (w.clock.now() - START).total_seconds())
        task = w.task("fire.smoke").id
        w.act.acknowledge(task, "watch")
        w.act.start(task, "watch")
        w.photographs(task, "watch", raw=f"{number}".encode())
        w.act.resolve(task, "watch", ResolutionReason.FALSE_ALARM)
        w.falls_quiet("fire.smoke", "b1/smoke-1", number)
        w.clock.advance(minutes=10)
        w.act.close(task, "manager")
        w.clock.advance(days=1)


def _doubts(name: str) -> Step:
    return step(name, lambda w: WatchFalseAlarms(w.units, w.clock, w.ids)())


_LIFT = {"id": "b1/lift-1", "kind": "lift", "controller": {"host": "192.0.2.7"}}
_BEACON = {"id": "duty", "purpose": "duty_beacon", "pin": 25, "fail_safe": "off"}


def _somebody_is_trapped(w: World) -> None:
    document = {"equipment": [_LIFT], "outputs": [_BEACON]}
    ConfigureNode(w.units, w.clock).put(ESTATE, "b1-node", document, None, reason="test", seen=0)
    w.is_born()
    w.rings("lift.entrapment", "b1/lift-1", mono=100.0 + (w.clock.now() - START).total_seconds())
    w.clock.advance(minutes=3)


def _phones(w: World) -> None:
    task = w.task("lift.entrapment").id
    RecordCall(w.units, w.clock, w.ids)(task, "guard", Outcome.REACHED, number="96333", note="on their way")


def _a_minute(w: World) -> None:
    w.clock.advance(seconds=61)


def _lift_work(w: World) -> KeepWindows:
    return KeepWindows(w.units, w.clock, w.ids)


def _notes_dates(w: World) -> None:
    keep, day = KeepUpkeep(w.units, w.clock), w.clock.now().date() - timedelta(days=20)
    keep.note(ESTATE, "b1/lift-2", w.identity("manager"), maintained_on=day)


def _maintains(w: World) -> None:
    now = w.clock.now()
    asked = Asked(now, now + timedelta(hours=2), "routine", ("b1/lift-2",))
    window = _lift_work(w).open(ESTATE, asked, w.identity("technician"))
    w.clock.advance(hours=1)
    _lift_work(w).end(ESTATE, window.id, w.identity("technician"))


def _accepts(w: World) -> None:
    (window,) = _lift_work(w).listed(ESTATE, w.identity("manager"))
    _lift_work(w).accept(ESTATE, window.id, w.identity("manager"))


def _upkeep(name: str) -> Step:
    return step(name, lambda w: WatchUpkeep(w.units, w.clock, w.ids)())


class _SetBack:
    """A machine's clock that was set back by an hour; the step is told until the process has told it."""

    def __init__(self, w: World) -> None:
        self.now = w.clock.now
        self._steps = [ClockStep(timedelta(hours=-1), w.clock.now())]

    def take_steps(self) -> list[ClockStep]:
        return self._steps

    def ahead(self) -> timedelta:
        return timedelta(hours=1)

    def doubted_until(self) -> None:
        return None


def _walks(w: World) -> None:
    patrols = WalkPatrols(w.units, w.clock, w.ids)
    patrols.record(ESTATE, Round.NIGHT, ["b1/door", "b1/f2"], w.identity("guard"), findings="a lamp is out")


def _a_false_alarm_hides_a_door(w: World) -> None:
    w.clock.advance(days=1)
    mono = 100.0 + (w.clock.now() - START).total_seconds()
    w.rings("fire.smoke", "b1/smoke-2", mono=mono)
    w.rings("access.forced-open", "b1/door", mono=mono)
    task = w.task("fire.smoke").id
    w.act.acknowledge(task, "watch")
    w.act.start(task, "watch")
    w.photographs(task, "watch", raw=b"nothing burns")
    w.act.resolve(task, "watch", ResolutionReason.FALSE_ALARM)


RAISED: Story = [
    _false_alarms,
    _doubts("three false alarms are a fault of the detector"),
    lambda w: w.act.acknowledge(w.task("fire.detector-fault").id, "guard"),
    fixed("fire.detector-fault", "guard"),
    lambda w: w.act.close(w.task("fire.detector-fault").id, "manager"),
    _doubts("it was dealt with"),
    _somebody_is_trapped,
    timers("the call sheet is due and sounds in the duty room"),
    step("somebody phones and records it", _phones),
    _a_minute,
    step("the node did not confirm", lambda w: NoteUnanswered(w.units, w.clock)()),
    deed("acknowledge", "lift.entrapment", "technician"),
    step("the dates of a lift are noted", _notes_dates),
    _upkeep("its maintenance is overdue"),
    _maintains,
    step("the visit is confirmed", _accepts),
    _upkeep("it is overdue no more"),
    step("a patrol is walked", _walks),
    step("the clock is set back", lambda w: WatchClock(w.units, _SetBack(w), w.ids)()),
    _a_false_alarm_hides_a_door,
    step("the door is seen again", lambda w: WatchCauses(w.units, w.clock, w.ids)()),
]
