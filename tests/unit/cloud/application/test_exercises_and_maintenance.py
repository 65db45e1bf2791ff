"""Exercises name their points and window, maintenance holds back what it explains; neither ever touches what is real
and life safety (governance.md, Verification and the safety floor).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.application.estates.load_estate import LoadEstate
from cloud.application.incidents.watch_coverage import WatchCoverage
from cloud.application.incidents.watch_upkeep import WatchUpkeep
from cloud.application.rosters.hand_over import HandOver
from cloud.application.tasks.keep_upkeep import KeepUpkeep
from cloud.application.tasks.keep_windows import Asked, KeepWindows
from cloud.application.tasks.plan_exercises import PlanExercises
from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, PartyKind
from cloud.domain.incidents.drilled import USUAL, drilled, may_cost_lives
from cloud.domain.incidents.exercise import Exercise
from cloud.domain.incidents.holding_back import explains
from cloud.domain.incidents.report import Concern
from cloud.domain.records.handover import ItemKind
from cloud.domain.records.ledger import Kind
from cloud.errors import Conflict, Invalid, NotAllowed
from schemas.hazards import HAZARDS, hazard
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, description, raised, register
from tests.fakes.scene import Scene

HOUR = timedelta(hours=1)
site_register = cache(register)


class Site(Scene):
    """A scene in which exercises are planned and windows are opened."""

    def __init__(self) -> None:
        super().__init__()
        self.exercises = PlanExercises(self.units, self.clock, self.ids)
        self.windows = KeepWindows(self.units, self.clock, self.ids)

    def exercises_at(self, *equipment: str, member: str = "manager", hazards=(USUAL,)):
        now = self.clock.now()
        return self.exercises.plan(ESTATE, equipment, now, now + HOUR, self.identity(member), hazards=hazards)

    def works_at(self, *equipment: str, member: str = "technician", place: str | None = None, hazards=("*",)):
        now = self.clock.now()
        asked = Asked(now, now + HOUR, "repair", equipment, place, hazards)
        return self.windows.open(ESTATE, asked, self.identity(member))

    def alert(self, equipment: str):
        return next(one for one in self.queries.alerts(ESTATE, None) if one.equipment.id == equipment)


@pytest.fixture
def site():
    return Site()


def test_an_alarm_from_a_named_point_within_the_window_is_exercise_and_any_other_is_real(site):
    site.exercises_at("b1/smoke-1")
    site.rings("fire.smoke", "b1/smoke-1")
    site.rings("fire.smoke", "b1/smoke-2")
    modes = {task.equipment.id: task.mode for task in site.board()}
    assert modes == {"b1/smoke-1": "exercise", "b1/smoke-2": "real"}
    drilled = next(task for task in site.board() if task.mode == "exercise")
    assert Kind.ALARM_IN_EXERCISE in site.kinds(drilled)


@pytest.mark.parametrize(
    "name", ["lift.entrapment", "lift.unintended-movement", "lift.overspeed", "lift.newly-invented"]
)
def test_what_may_cost_lives_in_an_exercised_lift_is_real_unless_the_planner_names_it(site, name):
    site.exercises_at("b1/lift-1")
    site.rings("lift.door-fault", "b1/lift-1")
    site.rings(name, "b1/lift-1")
    assert {task.hazard: task.mode for task in site.board()} == {"lift.door-fault": "exercise", name: "real"}


def test_who_plays_being_trapped_is_exercise_where_the_planner_named_it_and_a_lift_that_moves_is_real(site):
    exercise = site.exercises_at("b1/lift-1", hazards=["lift.entrapment"])
    site.rings("lift.entrapment", "b1/lift-1")
    site.rings("lift.unintended-movement", "b1/lift-1")
    modes = {task.hazard: task.mode for task in site.board()}
    assert modes == {"lift.entrapment": "exercise", "lift.unintended-movement": "real"}
    (planned,) = (entry for entry in site.ledger() if entry.kind is Kind.EXERCISE_PLANNED)
    assert planned.data["hazards"] == ["lift.entrapment"]
    assert exercise.hazards == {"b1/lift-1": ("lift.entrapment",)}


def test_of_detectors_every_alarm_of_fire_is_exercise_and_a_point_that_says_nothing_is_real(site):
    site.exercises_at("b1/smoke-1", "b1/lift-1")
    for name in ("fire.smoke", "fire.manual-call-point", "point.stale"):
        site.rings(name, "b1/smoke-1")
    assert {task.hazard: task.mode for task in site.board()} == {"fire.smoke": "exercise", "point.stale": "real"}


@pytest.mark.parametrize(
    ("hazards", "fault"),
    [
        (["lift.*"], "'lift.*' would take lift.entrapment, lift.unintended-movement, lift.overspeed along"),
        (["*"], "may cost lives; name each that is exercised"),
        (["lift.entrapmnt"], "no hazard that is known"),
        (["fire.*"], "b1/lift-1 raises none of fire.*"),
        ([], "name what is exercised, or 'usual'"),
    ],
)
def test_an_exercise_whose_hazards_are_unclear_is_not_planned(site, hazards, fault):
    with pytest.raises(Invalid) as refused:
        site.exercises_at("b1/lift-1", hazards=hazards)
    assert fault in " ".join(refused.value.problems)
    assert not [entry for entry in site.ledger() if entry.kind is Kind.EXERCISE_PLANNED]


@given(named=st.lists(st.sampled_from([USUAL, "fire.*", *sorted(HAZARDS)]), min_size=1, max_size=4))
def test_nothing_that_may_cost_lives_outside_fire_is_exercise_without_being_named(named):
    register, at = site_register(), START
    points = ("b1/lift-1", "b1/smoke-1", "b1/door")
    try:
        exercise = Exercise("e", ESTATE, "property", "manager", points, drilled(register, points, named), at, at + HOUR)
    except Invalid:
        return
    for known in HAZARDS.values():
        covered = any(exercise.covers(known.id, point, at) for point in points)
        assert not covered or not may_cost_lives(known) or known.family == "fire" or known.id in named
    assert not exercise.covers("lift.newly-invented", "b1/lift-1", at)


def test_what_a_person_reports_at_an_exercised_point_is_real(site):
    site.exercises_at("b1/smoke-1")
    site.is_reported(Concern.SMOKE, "b1/smoke-1")
    assert site.only_task().mode == "real"


def test_what_fires_in_earnest_when_an_exercise_begins_stays_real(site):
    site.rings("fire.smoke", "b1/smoke-1")
    site.exercises_at("b1/smoke-1")
    site.rings("fire.smoke", "b1/smoke-1")
    assert site.only_task().mode == "real"


@pytest.mark.parametrize(("age", "mode"), [(119.0, "exercise"), (121.0, "real")])
def test_what_was_raised_before_an_exercise_began_is_real_although_it_comes_while_it_is_under_way(site, age, mode):
    """The line was down: a fire from before must not be taken for the drill, for which nobody outside is called."""
    site.exercises_at("b1/smoke-1")
    site.clock.advance(minutes=2)
    site.send(raised("fire.smoke", "b1/smoke-1", 1), age=age)
    assert site.only_task().mode == mode


def test_its_clear_is_understood_although_the_node_knows_of_no_exercise(site):
    site.exercises_at("b1/smoke-1")
    number = site.rings("fire.smoke", "b1/smoke-1")
    site.falls_quiet("fire.smoke", "b1/smoke-1", number)
    assert site.only_task().firing == 0


def test_after_the_window_every_signal_is_real_and_what_still_fires_turns_real(site):
    site.exercises_at("b1/smoke-1")
    site.rings("fire.smoke", "b1/smoke-1")
    site.passes(minutes=61)
    task = site.only_task()
    assert task.mode == "real"
    assert ("fire-room", "turned_real") in site.told()
    assert {Kind.EXERCISE_PLANNED, Kind.EXERCISE_ENDED, Kind.EXERCISE_REAL} <= {e.kind for e in site.ledger()}


def test_one_button_turns_an_exercise_real_and_the_task_goes_on(site):
    site.exercises_at("b1/smoke-1")
    number = site.rings("fire.smoke", "b1/smoke-1")
    before = site.only_task()
    site.acknowledge("watch")
    site.verify.turn_real(before.id, "watch")
    task = site.only_task()
    assert (task.id, task.mode, task.state) == (before.id, "real", "acknowledged")
    with site.units.reading() as uow:
        assert uow.incidents.get(task.incident_id).matter == f"real|fire|{HOME}/b1"
    assert ("micro-station", "turned_real") in site.told()
    with pytest.raises(Conflict, match="real already"):
        site.verify.turn_real(task.id, "watch")
    site.falls_quiet("fire.smoke", "b1/smoke-1", number)
    assert site.only_task().firing == 0


@pytest.mark.parametrize("second", ["fire.smoke", "fire.manual-call-point"])
def test_two_alarms_of_a_drill_that_turns_real_are_a_presumed_fire_whoever_has_answered(site, second):
    site.exercises_at("b1/smoke-1", "b1/smoke-2")
    site.rings("fire.smoke", "b1/smoke-1")
    site.rings(second, "b1/smoke-2")
    drill = site.only_task()
    assert (drill.mode, drill.hazard) == ("exercise", "fire.smoke")
    site.act.acknowledge(drill.id, "watch")
    before = len(site.told())
    site.verify.turn_real(drill.id, "watch")
    task = site.only_task()
    assert (task.mode, task.hazard) == ("real", "fire.presumed")
    assert ("property", "fire_presumed") in site.told()[before:]
    kinds = [entry.kind for entry in site.ledger()]
    assert kinds.index(Kind.EXERCISE_REAL) < kinds.index(Kind.FIRE_PRESUMED)


def test_two_alarms_that_an_exercise_leaves_behind_are_a_presumed_fire(site):
    site.exercises_at("b1/smoke-1", "b1/smoke-2")
    site.rings("fire.smoke", "b1/smoke-1")
    site.rings("fire.smoke", "b1/smoke-2")
    site.act.acknowledge(site.only_task().id, "watch")
    site.passes(hours=1, minutes=1)
    assert (site.only_task().mode, site.only_task().hazard) == ("real", "fire.presumed")
    assert [entry.kind for entry in site.ledger()].count(Kind.FIRE_PRESUMED) == 1


def test_one_alarm_of_a_drill_that_turns_real_is_as_before(site):
    site.exercises_at("b1/smoke-1")
    number = site.rings("fire.smoke", "b1/smoke-1")
    drill = site.only_task()
    site.act.acknowledge(drill.id, "watch")
    site.falls_quiet("fire.smoke", "b1/smoke-1", number)
    site.verify.turn_real(drill.id, "watch")
    assert site.only_task().hazard == "fire.smoke"


def test_an_exercise_is_planned_by_a_manager_with_points_and_an_end(site):
    with pytest.raises(NotAllowed):
        site.exercises_at("b1/smoke-1", member="guard")
    with pytest.raises(Invalid, match="points"):
        site.exercises_at()
    with pytest.raises(Invalid, match="not in the register"):
        site.exercises_at("b7/nothing")


def test_an_exercise_is_planned_and_ended_by_who_is_in_charge_of_its_points_and_by_no_other_firm(site):
    everywhere = ("b1/lift-1", "b1/smoke-1", "b1/smoke-2", "b1/door")
    for points in (everywhere, ("b1/smoke-1",), ("b1/door",)):
        with pytest.raises(NotAllowed, match="who runs the estate"):
            site.exercises_at(*points, member="foreman")
    own = site.exercises_at("b1/lift-1", member="foreman")
    assert own.party_id == "lift-firm"
    every = site.exercises_at(*everywhere)
    with pytest.raises(NotAllowed):
        site.exercises.end(ESTATE, every.id, site.identity("foreman"))
    assert site.exercises.end(ESTATE, own.id, site.identity("foreman")).ended_at is not None
    with pytest.raises(NotAllowed):
        site.exercises_at("b1/smoke-1", member="watch")


def test_exercises_that_follow_one_another_leave_a_point_out_of_them_for_most_of_a_day(site):
    """Else what is real there would be a drill for ever."""
    plan, manager, start = site.exercises.plan, site.identity("manager"), site.clock.now()
    plan(ESTATE, ["b1/smoke-1"], start, start + 5 * HOUR, manager)
    plan(ESTATE, ["b1/smoke-1", "b1/smoke-2"], start + 2 * HOUR, start + 8 * HOUR, manager)
    with pytest.raises(Invalid) as refused:
        plan(ESTATE, ["b1/door", "b1/smoke-1"], start + 8 * HOUR, start + 9 * HOUR, manager)
    assert "b1/smoke-1 would be exercised for more than 8 of 24 hours" in refused.value.problems[0]
    plan(ESTATE, ["b1/smoke-2"], start + 8 * HOUR, start + 10 * HOUR, manager)
    assert plan(ESTATE, ["b1/smoke-1"], start + 24 * HOUR, start + 32 * HOUR, manager)


def test_the_fire_control_rooms_manager_exercises_its_detectors_and_nothing_else(site):
    chief = replace(description().members[0], id="chief", party_id="fire-room")
    LoadEstate(site.units, site.clock)(replace(description(), members=(*description().members, chief)))
    assert site.exercises_at("b1/smoke-1", "b1/smoke-2", member="chief").party_id == "fire-room"
    with pytest.raises(NotAllowed):
        site.exercises_at("b1/smoke-1", "b1/lift-1", member="chief")


def test_maintenance_holds_back_what_it_explains_shown_with_its_reason_and_counted(site):
    window = site.works_at("b1/lift-1")
    site.rings("lift.door-fault", "b1/lift-1")
    assert site.board() == []
    assert site.alert("b1/lift-1").suppressed_by == window.mark
    assert site.windows.listed(ESTATE, site.identity("manager"))[0].held == 1
    site.rings("lift.door-fault", "b1/lift-2")
    assert site.only_task().equipment.id == "b1/lift-2"


def test_what_still_fires_when_it_ends_by_itself_becomes_a_task_and_what_has_cleared_does_not(site):
    site.works_at("b1/lift-1")
    site.rings("lift.door-fault", "b1/lift-1")
    over = site.rings("lift.run-timeout", "b1/lift-1")
    site.falls_quiet("lift.run-timeout", "b1/lift-1", over)
    site.passes(minutes=59)
    assert site.board() == []
    site.passes(minutes=1)
    assert site.only_task().hazard == "lift.door-fault"
    assert site.alert("b1/lift-1").suppressed_by is None


def test_no_window_holds_back_what_its_opener_is_held_to(site):
    """Its own holes in coverage, and what has fallen due, are tasks whatever is worked on."""
    site.works_at(place=HOME, member="manager")
    WatchCoverage(site.units, site.clock, site.ids)()
    assert "duty.uncovered" in {task.hazard for task in site.board()}
    upkeep = KeepUpkeep(site.units, site.clock)
    upkeep.note(ESTATE, "b1/lift-1", site.identity("manager"), maintained_on=site.clock.now().date())
    site.clock.advance(days=20)
    site.works_at("b1/lift-1")
    WatchUpkeep(site.units, site.clock, site.ids)()
    assert "lift.maintenance-overdue" in {task.hazard for task in site.board()}


def test_that_a_detector_is_faulty_is_held_back_by_nobody_but_who_maintains_it(site):
    site.works_at(place=HOME, member="manager")
    site.rings("fire.detector-fault", "b1/smoke-1")
    assert site.only_task().hazard == "fire.detector-fault"
    firm = Party("fire-firm", PartyKind.FIRE_MAINTAINER, Names("维保", "Fire firm"), (HOME,))
    register = replace(description(), parties=(*description().parties, firm)).register(1)
    window = site.windows.listed(ESTATE, site.identity("manager"))[0]
    assert not explains(register, window, "fire.detector-fault")
    assert explains(register, replace(window, party_id=firm.id), "fire.detector-fault")


def test_windows_that_follow_one_another_hold_back_for_no_longer_than_a_fortnight(site):
    def week():
        now = site.clock.now()
        asked = Asked(now, now + timedelta(days=7), "repair", ("b1/lift-1",))
        site.windows.open(ESTATE, asked, site.identity("technician"))

    week()
    site.rings("lift.door-fault", "b1/lift-1")
    for _ in range(2):
        site.clock.advance(days=6, hours=23)
        week()
        site.passes(hours=1)
        assert site.board() == []
    site.clock.advance(days=6, hours=23)
    week()
    site.passes(hours=1)
    assert site.only_task().hazard == "lift.door-fault"
    site.rings("lift.run-timeout", "b1/lift-1")
    assert site.alert("b1/lift-1").suppressed_by is None


def test_life_safety_under_maintenance_calls_the_technician_first_and_everybody_as_ever(site):
    site.rings("lift.entrapment", "b1/lift-2")
    as_ever = {party for party, _ in site.told()}
    site.windows.open(
        ESTATE, Asked(site.clock.now(), site.clock.now() + HOUR, "repair", ("b1/lift-1",)), site.identity("technician")
    )
    before = len(site.told())
    site.rings("lift.entrapment", "b1/lift-1")
    told = site.told()[before:]
    assert told[0] == ("lift-firm", "at_work_there")
    assert {party for party, _ in told} == as_ever


def test_who_may_open_a_window(site):
    with pytest.raises(NotAllowed):
        site.works_at("b1/smoke-1")
    with pytest.raises(NotAllowed):
        site.works_at("b1/lift-1", member="guard")
    with pytest.raises(NotAllowed):
        site.works_at("b1/lift-1", member="engineer")
    assert site.works_at("node/b1-node", member="engineer").party_id == "operator"
    assert site.works_at(place=f"{HOME}/b1", member="manager").place_id == f"{HOME}/b1"


def test_the_handover_names_what_is_muted_and_what_is_exercised(site):
    window = site.works_at("b1/lift-1")
    exercise = site.exercises_at("b1/smoke-2")
    site.rings("fire.smoke", "b1/smoke-1")
    task = site.only_task()
    site.act.acknowledge(task.id, "watch")
    site.act.start(task.id, "watch")
    site.verify.mute(task.id, "watch")
    drawn = HandOver(site.units, site.clock, site.ids).draw(ESTATE, "fire-room", "", site.identity("watch"))
    items = {(one.kind, one.subject) for one in drawn.handover.items}
    (said,) = (one.names for one in drawn.handover.items if one.kind is ItemKind.EXERCISE)
    assert said.en.endswith("(fire alarms)")
    assert {(ItemKind.MUTED, window.id), (ItemKind.MUTED, task.id), (ItemKind.EXERCISE, exercise.id)} <= items


AT = {"fire": "b1/smoke-1", "lift": "b1/lift-1", "access": "b1/door"}
LIFE = sorted(one.id for one in HAZARDS.values() if one.life_safety and one.family in AT and one.id != "fire.presumed")
DEEDS = ("window", "exercise-elsewhere", "mute", "wait", "quiet", "ring-again", "acknowledge", "report")


@settings(max_examples=15)
@given(name=st.sampled_from(LIFE), deeds=st.lists(st.sampled_from(DEEDS), max_size=6))
def test_nothing_automatic_shelves_suppresses_merges_away_or_closes_life_safety(name, deeds):
    """Whatever goes on around it: it is a task of its own, open, real, not hidden, until two people have closed it."""
    site = Site()
    equipment = AT[hazard(name).family]
    if "window" in deeds:
        site.works_at(place=HOME, member="manager")
    if "exercise-elsewhere" in deeds:
        site.exercises_at("b2/door")
    number = site.rings(name, equipment)
    for deed in deeds:
        _do(site, deed, name, equipment, number)
        for alert in site.queries.alerts(ESTATE, None):
            assert not (alert.life_safety and alert.suppressed_by)
    site.passes(days=30)
    tasks = [task for task in site.board() if task.life_safety]
    assert tasks
    assert all(task.mode == "real" and task.hidden_by is None and task.state != "resolved" for task in tasks)
    assert site.over() == []


def _do(site: Site, deed: str, name: str, equipment: str, number: int) -> None:
    match deed:
        case "wait":
            site.passes(hours=2)
        case "quiet":
            site.falls_quiet(name, equipment, number)
        case "ring-again":
            site.rings(name, equipment)
        case "report":
            site.is_reported(Concern.SMOKE, "b1/f2")
        case "acknowledge" | "mute":
            task = site.board()[0]
            member = {"fire-room": "watch", "lift-firm": "technician"}.get(task.responsible.id, "guard")
            try:
                site.act.acknowledge(task.id, member)
                if deed == "mute":
                    site.act.start(task.id, member)
                    site.verify.mute(task.id, member)
            except (Conflict, NotAllowed):
                pass  # answered or muted already
