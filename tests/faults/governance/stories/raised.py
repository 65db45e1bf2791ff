"""What the cloud raises of its own accord: a detector that keeps raising false alarms."""

from __future__ import annotations

from cloud.application.incidents.watch_false_alarms import WatchFalseAlarms
from cloud.domain.tasks.task import ResolutionReason
from tests.fakes.clocks import START
from tests.faults.governance.stories.deeds import fixed
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


RAISED: Story = [
    _false_alarms,
    _doubts("three false alarms are a fault of the detector"),
    lambda w: w.act.acknowledge(w.task("fire.detector-fault").id, "guard"),
    fixed("fire.detector-fault", "guard"),
    _doubts("it was dealt with"),
]
