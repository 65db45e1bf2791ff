"""From an alarm to its closing: nodes speak, parties answer, ladders climb, two matters become one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

from cloud.application.fleet.note_unanswered import NoteUnanswered
from cloud.application.fleet.watch_losses import WatchLosses
from cloud.application.notices.address import Address
from cloud.application.timeseries import Origin, StoredBatch
from cloud.domain.community.names import Names
from cloud.domain.community.roster import Roster, Shift
from cloud.domain.tasks.task import ResolutionReason
from tests.fakes.estate import ESTATE, OUTBOX, cleared
from tests.fakes.timeseries import InMemoryReadings
from tests.faults.governance.stories.deeds import deed, rings, timers
from tests.faults.governance.walking import Step, Story, step
from tests.faults.governance.world import World

_HOLDS_NOTHING = {"outbox": OUTBOX, "stream": "telemetry", "given": 4}


def _event(name: str, seq: int, event: Callable[[], Any]) -> Step:
    return step(name, lambda w: w.send(event(), seq=seq))


def _merge(w: World) -> None:
    task, revision = w.once("merged", lambda: ((one := w.task("lift.door-fault")).id, one.revision))
    w.merge(task, "manager", w.task("lift.entrapment").id, revision=revision)


def _undo(w: World) -> None:
    task, revision = w.once("undone", lambda: ((one := w.task("lift.door-fault")).id, one.revision))
    w.merge.undo(task, "manager", revision=revision)


def _nobody_answered(w: World) -> None:
    NoteUnanswered(w.units, w.clock)()


def _look_for_losses(w: World, *arrived: int) -> None:
    readings = InMemoryReadings()
    readings.record([StoredBatch(Origin(ESTATE, "b1-node", OUTBOX), seq, bytes(8), ()) for seq in arrived], 0)
    WatchLosses(w.units, w.clock, w.ids, readings)()


def is_rostered(w: World) -> None:
    """Of the lift firm only the technician is on duty, at all hours."""
    shift = Shift(("technician",), time(0), time(0), since=date(2026, 1, 1))
    roster = Roster("lifts", ESTATE, "lift-firm", Names("排班", "Roster"), shifts=(shift,))
    with w.units.writing() as uow:
        uow.rosters.save(roster)
        uow.commit()


def _addresses(w: World) -> None:
    """Whoever is to be called by now gets a delivery of their own: the transaction in which a worker claims."""
    with w.units.writing() as uow:
        if Address({"console"}, w.ids).waiting(uow, w.clock.now(), 1000):
            uow.commit()


def _photo(w: World) -> None:
    w.photographs(w.task("fire.presumed").id, "watch")


ALARMS: Story = [
    lambda w: w.is_born(1),
    rings("smoke is seen", "fire.smoke", "b1/smoke-1", 1),
    timedelta(seconds=11),
    timers("the ladder climbs"),
    rings("smoke is seen twice", "fire.smoke", "b1/smoke-2", 2),
    deed("acknowledge", "fire.presumed", "watch"),
    deed("start", "fire.presumed", "watch"),
    timedelta(minutes=1),
    deed("mute", "fire.presumed", "watch"),
    _event("one is quiet", 3, lambda: cleared("fire.smoke", "b1/smoke-1", 1)),
    _event("both are quiet", 4, lambda: cleared("fire.smoke", "b1/smoke-2", 2)),
    step("a photo of the pan", _photo),
    deed("resolve", "fire.presumed", "watch", ResolutionReason.FALSE_ALARM),
    timedelta(minutes=20),
    step("the node never said that its siren keeps quiet", _nobody_answered),
    timers("time tells"),
    deed("look", "fire.presumed", "manager"),
    deed("cannot_look", "fire.presumed", "manager"),
    deed("check", "fire.presumed", "manager"),
    deed("close", "fire.presumed", "manager"),
    rings("a lift stops between floors", "lift.door-fault", "b1/lift-1", 5),
    deed("acknowledge", "lift.door-fault", "technician"),
    deed("decline", "lift.door-fault", "technician", "contract, clause 4"),
    deed("acknowledge", "lift.door-fault", "manager"),
    deed("ask_for_help", "lift.door-fault", "manager", ["operator"]),
    deed("acknowledge", "lift.door-fault", "engineer"),
    deed("arrive", "lift.door-fault", "engineer"),
    deed("finish", "lift.door-fault", "engineer"),
    deed("transfer", "lift.door-fault", "manager", "lift-firm"),
    step("the lift firm keeps a roster", is_rostered),
    rings("somebody is trapped", "lift.entrapment", "b1/lift-2", 6),
    step("those on duty are called", _addresses),
    timedelta(seconds=45),
    step("the rest is called in a second round", _addresses),
    timedelta(minutes=2, seconds=16),
    timers("the call sheet sounds"),
    timedelta(minutes=2),
    timers("and sounds again"),
    step("it is all one matter", _merge),
    step("it was not", _undo),
    step("the node is born", lambda w: w.is_born(2, (5, "lift.door-fault", "b1/lift-1"))),
    step("the node is well", lambda w: w.is_well()),
    step("the node dies", lambda w: w.dies()),
    timedelta(minutes=10),
    timers("its silence is told"),
    step("it lives again", lambda w: w.is_born(3)),
    step("it says what it still holds", lambda w: w.is_well(numbering=[_HOLDS_NOTHING])),
    step("what is lost is told", lambda w: _look_for_losses(w, 1, 4)),
    step("one of it comes after all", lambda w: _look_for_losses(w, 1, 3, 4)),
]
