"""What the cloud raises of its own accord, and what people record of their own: calls that they made by phone."""

from __future__ import annotations

from cloud.application.fleet.configure_node import ConfigureNode
from cloud.application.fleet.note_unanswered import NoteUnanswered
from cloud.application.incidents.watch_false_alarms import WatchFalseAlarms
from cloud.application.tasks.record_call import RecordCall
from cloud.domain.tasks.dialling import Outcome
from cloud.domain.tasks.task import ResolutionReason
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.faults.governance.stories.deeds import deed, fixed, timers
from tests.faults.governance.walking import Story, step
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


def _doubts(name: str):
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


RAISED: Story = [
    _false_alarms,
    _doubts("three false alarms are a fault of the detector"),
    lambda w: w.act.acknowledge(w.task("fire.detector-fault").id, "guard"),
    fixed("fire.detector-fault", "guard"),
    _doubts("it was dealt with"),
    _somebody_is_trapped,
    timers("the call sheet is due and sounds in the duty room"),
    step("somebody phones and records it", _phones),
    _a_minute,
    step("the node did not confirm", lambda w: NoteUnanswered(w.units, w.clock)()),
    deed("acknowledge", "lift.entrapment", "technician"),
]
