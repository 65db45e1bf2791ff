"""The ledger's head is made public; what is personal is erased, forgotten, expires; what chatters or is uncovered is told."""

from __future__ import annotations

from datetime import timedelta

from cloud.application.estates.channels import Means
from cloud.application.incidents.watch_chattering import WatchChattering
from cloud.application.incidents.watch_coverage import WatchCoverage
from cloud.application.ledger.erase_personal import ErasePersonal, ExpirePersonal
from cloud.application.ledger.publish_heads import PublishHeads
from cloud.application.retention import ForgetPersonal
from cloud.domain.incidents.report import Concern
from cloud.domain.records.personal import PersonalClass
from cloud.domain.records.privacy import Periods
from cloud.domain.tasks.task import ResolutionReason
from schemas.events import AccessDecided
from tests.fakes.estate import ESTATE
from tests.faults.governance.walking import Story, step
from tests.faults.governance.world import World

_KEEP = {PersonalClass.NOTE: timedelta(days=30), PersonalClass.REPORTER: timedelta(days=30)}


def _things_happen(w: World) -> None:
    for number in range(6):
        w.rings("access.held-open", "b1/door", mono=100.0 + number)
        w.falls_quiet("access.held-open", "b1/door", w._number)
    w.is_reported(Concern.LIFT_FAULT, "b1/lift-1", words="it shakes", contact="12345", member_id="ann")
    task = w.task("access.held-open").id
    w.act.acknowledge(task, "manager")
    w.act.note(task, "manager", "a wedge")
    w.rings("lift.door-fault", "b1/lift-2", mono=120.0)
    lift = w.task("lift.door-fault").id
    w.act.acknowledge(lift, "technician")
    w.act.note(lift, "technician", "a worn roller")
    w.falls_quiet("lift.door-fault", "b1/lift-2", w._number)
    w.act.resolve(lift, "technician", ResolutionReason.FIXED)
    w.passes(minutes=9)
    w.act.close(lift, "foreman")


def _card_is_read(w: World) -> None:
    w.send(
        AccessDecided(mono=200.0, kind="access.granted", equipment="b1/door", reason="listed", credential="9f2c" * 16)
    )


def _erases(w: World) -> None:
    ErasePersonal(w.units, w.clock)(ESTATE, subject="member:manager", actor="member:manager", cause="request")


def _quiet(w: World) -> None:
    w.clock.advance(minutes=30)


LEDGER: Story = [
    _things_happen,
    step("what chatters is told", lambda w: WatchChattering(w.units, w.clock, w.ids)()),
    _quiet,
    step("it does not any more", lambda w: WatchChattering(w.units, w.clock, w.ids)()),
    step(
        "holes in who is reached are told",
        lambda w: WatchCoverage(w.units, w.clock, w.ids, Means(frozenset({"sms"})))(),
    ),
    step("the head is made public", lambda w: PublishHeads(w.units, w.clock)()),
    step("what is kept of somebody is erased", _erases),
    _card_is_read,
    timedelta(days=40),
    lambda w: w.timers(),
    step("what has outlived its time is erased", lambda w: ExpirePersonal(w.units, w.clock, _KEEP)()),
    step("whose card it was is forgotten", lambda w: ForgetPersonal(w.units, w.clock, Periods())()),
]
