"""Residents report by the code on the door, add photos, judge what was done; exercises and maintenance go on meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cloud.adapters.estate_file import default_credit_table
from cloud.application.credit.following import CreditFollows
from cloud.application.credit.granting import Granting
from cloud.application.intake.report_hazard import Given, ReportHazard
from cloud.application.notices.prepare import Calls
from cloud.application.notices.send_missives import SendMissives
from cloud.application.tasks.act_on_task import ActOnTask
from cloud.application.tasks.follow_reports import FollowReports
from cloud.application.tasks.hand_slip import HandSlip
from cloud.application.tasks.keep_windows import Asked, KeepWindows
from cloud.application.tasks.plan_exercises import PlanExercises
from cloud.application.tasks.say_more import SayMore
from cloud.domain.community.means import Means
from cloud.domain.incidents.drilled import USUAL
from cloud.domain.incidents.report import Concern
from cloud.domain.records.missive import LEASE
from cloud.domain.tasks.witness import Verdict
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.faults.governance.stories.deeds import deed, fixed, rings, timers
from tests.faults.governance.walking import Story, step
from tests.faults.governance.world import Channel, World

EXIT = "fire.exit-obstructed"


def _reports(concern: Concern | None, code: str, name: str, **extra: str):
    def act(w: World) -> None:
        given = dict(extra)
        if concern is None:
            given["same_as"] = w.task(EXIT).incident_id
        w.kept[name] = w.is_reported(concern, code, **given).token

    return act


def _takes_a_call(name: str, contact: str = ""):
    def act(w: World) -> None:
        report = ReportHazard(w.units, w.clock, w.ids, frozenset({"sms"}))
        given = Given(ESTATE, "b1/lift-2", Concern.LIFT_FAULT, f"it stands, {name}", contact)
        w.kept[name] = report(replace(given, desk_id="manager")).report_id

    return act


def _sends_the_link(w: World) -> None:
    send = SendMissives(w.units, w.clock, {"sms": Channel(w.outside)}, means=Means(), calls=Calls("https://t.example"))
    while send():
        pass


def _hands_a_slip(w: World) -> None:
    HandSlip(w.units, w.clock)(w.kept["without"], w.identity("manager"))


def _credited(w: World) -> CreditFollows:
    return CreditFollows(Granting(w.ids, default_credit_table))


def _judges(token: str, verdict: Verdict, words: str = ""):
    def act(w: World) -> None:
        FollowReports(w.units, w.clock, w.ids, w.pictures, _credited(w).verdicts).judge(w.kept[token], verdict, words)

    return act


def _closes(w: World) -> None:
    task_id, revision = w.once("closing the exit", lambda: ((one := w.task(EXIT)).id, one.revision))
    ActOnTask(w.units, w.clock, w.ids, _credited(w).deed).close(task_id, "guard", revision=revision)


def _exercises(w: World) -> PlanExercises:
    return PlanExercises(w.units, w.clock, w.ids)


def _plans(*equipment: str, hours: int = 1, also: tuple[str, ...] = ()):
    until, drilled = START + timedelta(hours=hours), (USUAL, *also)
    return lambda w: _exercises(w).plan(ESTATE, equipment, START, until, w.identity("manager"), hazards=drilled)


def _ends_exercise(w: World) -> None:
    manager = w.identity("manager")
    first = w.once("the exercise", lambda: next(e.id for e in _exercises(w).listed(ESTATE, manager) if not e.ended_at))
    _exercises(w).end(ESTATE, first, manager)


def _windows(w: World) -> KeepWindows:
    return KeepWindows(w.units, w.clock, w.ids)


def _opens(hours: int):
    asked = Asked(START, START + timedelta(hours=hours), "repair", ("b1/lift-1",))
    return lambda w: _windows(w).open(ESTATE, asked, w.identity("technician"))


def _ends_window(w: World) -> None:
    technician = w.identity("technician")
    first = w.once("the window", lambda: next(o.id for o in _windows(w).listed(ESTATE, technician) if not o.ended_at))
    _windows(w).end(ESTATE, first, technician)


RESIDENTS: Story = [
    step("an exit is blocked", _reports(Concern.EXIT_OBSTRUCTED, "b1/f2", "first", member_id="ann", words="bicycles")),
    step("this is mine too", _reports(None, "b1/f2", "second", device="two")),
    step("a photo of it", lambda w: w.follow.photo(w.kept["second"], b"bicycles")),
    deed("acknowledge", EXIT, "manager"),
    deed("refused", EXIT, "manager"),
    timers("who may make them is called"),
    fixed(EXIT, "manager"),
    step("one is content", _judges("second", Verdict.GOOD, "thank you")),
    step("it is closed, and the report is credited", _closes),
    step("the other is not, and credit is taken back", _judges("first", Verdict.BAD)),
    step("somebody smells smoke", _reports(Concern.SMOKE, "b1/smoke-1", "smoke", device="three", contact="12345")),
    deed("confirm", "fire.smoke", "guard"),
    step("somebody phones and leaves a number", _takes_a_call("with", "13800138000")),
    step("their link is sent to them", _sends_the_link, lease=LEASE),
    _takes_a_call("without"),
    step("a slip is handed over", _hands_a_slip, anew="ledger"),
    step("an exercise is planned", _plans("b2/door")),
    step("it is ended", _ends_exercise),
    step("another is planned", _plans("b1/lift-2", hours=2, also=("lift.entrapment",))),
    rings("somebody plays being trapped", "lift.entrapment", "b1/lift-2", 1),
    deed("turn_real", "lift.entrapment", "technician"),
    step("a lift is maintained", _opens(1)),
    rings("which is held back", "lift.door-fault", "b1/lift-1", 2),
    step("the maintenance is over", _ends_window),
    step("a lift is maintained again", _opens(2)),
    timedelta(hours=3),
    timers("what was planned is over"),
    step(
        "who smelled smoke says on which floor",
        lambda w: SayMore(w.units, w.clock, w.ids)(w.kept["smoke"], "the third"),
    ),
]
