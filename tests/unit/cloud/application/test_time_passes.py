"""Ladders, breaches, self-clearing and silence, as governance.md says."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.domain.duties.register import EquipmentKind
from cloud.errors import Unavailable
from tests.fakes.channels import FakeChannel, sender, sends_all
from tests.fakes.estate import ESTATE, description
from tests.fakes.scene import Scene


def test_an_alert_that_clears_unacknowledged_resolves_as_self_cleared_after_its_delay(scene):
    number = scene.rings("access.held-open", "b1/door")
    scene.falls_quiet("access.held-open", "b1/door", number)
    scene.passes(seconds=119)
    assert scene.only_task().state == "new"
    scene.passes(seconds=1)
    assert (scene.only_task().state, scene.only_task().resolution_reason) == ("resolved", "self_cleared")


def test_a_self_cleared_task_whose_duty_asks_only_for_quiet_closes_by_itself(scene):
    number = scene.rings("access.held-open", "b1/door")
    scene.falls_quiet("access.held-open", "b1/door", number)
    scene.passes(minutes=2)
    scene.passes(minutes=30)
    assert scene.board() == []
    assert scene.over()[0].state == "closed"


def test_life_safety_goes_on_paging_until_a_person_has_looked(scene):
    number = scene.rings("lift.entrapment", "b1/lift-1")
    scene.falls_quiet("lift.entrapment", "b1/lift-1", number)
    for _ in range(60):
        scene.passes(minutes=2)
    task = scene.only_task()
    assert (task.state, task.firing) == ("new", 0)
    assert scene.told().count(("lift-firm", "call_sheet")) > 50


def test_once_acknowledged_quiet_alone_resolves_nothing(scene):
    number = scene.rings("access.held-open", "b1/door")
    scene.acknowledge("guard")
    scene.falls_quiet("access.held-open", "b1/door", number)
    scene.passes(hours=1)
    assert scene.only_task().state == "acknowledged"


def test_firing_again_stops_the_self_clearing(scene):
    number = scene.rings("access.held-open", "b1/door")
    scene.falls_quiet("access.held-open", "b1/door", number)
    scene.rings("access.held-open", "b1/door")
    scene.passes(minutes=5)
    assert scene.only_task().state == "new"


def test_a_missed_limit_is_put_on_the_record_once(scene):
    scene.rings("access.held-open", "b1/door")
    scene.passes(minutes=10)
    scene.passes(minutes=1)
    task = scene.only_task()
    assert scene.kinds(task).count("clock.breached") == 1
    assert task.clocks[0].state == "breached"


def test_the_entrapment_ladder_calls_96333_then_119_then_the_regulator(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.acknowledge("guard")
    scene.passes(minutes=3)
    scene.passes(minutes=2)
    steps = [line.data["targets"] for line in scene.incident(scene.only_task()).timeline if "step-taken" in line.kind]
    assert steps == [["lift-96333"], ["lift-96333"], ["fire-119"]]
    scene.passes(minutes=25)
    assert ("street", "escalated") in scene.told()


def test_the_call_sheet_repeats_every_two_minutes_until_a_named_person_accepts(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.passes(minutes=3)
    scene.passes(minutes=2)
    before = scene.told().count(("lift-firm", "call_sheet"))
    scene.passes(minutes=2)
    scene.passes(minutes=2)
    assert scene.told().count(("lift-firm", "call_sheet")) == before + 2
    scene.acknowledge("technician")
    scene.act.start(scene.only_task().id, "technician")
    after = scene.told().count(("lift-firm", "call_sheet"))
    for _ in range(5):
        scene.passes(minutes=2)
    assert scene.told().count(("lift-firm", "call_sheet")) == after


def test_after_a_long_stop_every_step_is_caught_up_and_repeats_sound_once(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.passes(hours=3)
    told = scene.told()
    assert told.count(("street", "escalated")) == 1
    assert told.count(("lift-firm", "call_sheet")) == 4


def test_a_step_that_reaches_nobody_is_passed_at_once_and_recorded(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.passes(hours=3)
    assert "ladder.step-passed" not in scene.kinds(scene.only_task())
    scene.rings("lift.maintenance-overdue", "b1/lift-1")
    scene.passes(days=15)
    lift = next(task for task in scene.board() if task.hazard == "lift.maintenance-overdue")
    passed = [line for line in scene.incident(lift).timeline if line.kind == "ladder.step-passed"]
    assert [line.failure for line in passed] == [True]


def test_no_ladder_ends_in_silence(scene):
    scene.rings("access.held-open", "b1/door")
    scene.passes(hours=2)
    for _ in range(7):
        scene.passes(minutes=10)
    task = scene.only_task()
    assert "ladder.ended" in scene.kinds(task)
    assert ("street", "ladder_ended") in scene.told()


def test_a_ladder_calls_a_party_in_so_that_it_may_look_and_speak(scene):
    scene.rings("access.held-open", "b1/door")
    scene.passes(minutes=10)
    task = scene.only_task()
    assert {a.party.id: a.role for a in task.assignments}["committee"] == "observer"
    scene.act.note(task.id, "clerk", "we are calling the guard")


def test_a_call_sheet_reaches_everybody_with_work_in_it_for_the_lead_may_be_who_does_not_answer(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.passes(minutes=3)
    assert scene.told()[-2:] == [("lift-firm", "call_sheet"), ("property", "call_sheet")]


def test_nobody_outside_is_called_out_for_an_exercise(scene):
    scene.rings("fire.smoke", "b1/smoke-1", mode="exercise")
    scene.passes(minutes=10)
    assert "call_sheet" not in {reason for _, reason in scene.told()}
    assert ("property", "escalated") in scene.told()
    assert "ladder.step-passed" in scene.kinds(scene.only_task())


def test_what_its_cause_hides_does_not_climb(scene):
    scene.rings("access.held-open", "b1/door")
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.passes(minutes=10)
    door = next(task for task in scene.board() if task.hazard == "access.held-open")
    assert ("committee", "escalated") not in scene.told()
    assert "ladder.step-passed" in scene.kinds(door)


def test_late_news_rests_on_its_ladder_but_its_clocks_run(scene):
    from tests.fakes.estate import raised

    scene.send(raised("access.forced-open", "b1/door", 1), age=3600.0)
    scene.passes(minutes=10)
    assert scene.kinds(scene.only_task())[-1] == "clock.breached"
    assert scene.told() == []


def test_timers_with_nothing_due_change_nothing(scene):
    before = scene.ledger()
    run = scene.timers()
    assert (run.tasks, run.nodes, scene.ledger()) == (0, 0, before)


def test_a_last_will_followed_by_nothing_makes_the_node_silent_after_its_grace(scene):
    scene.is_born(1)
    scene.dies(1)
    scene.passes(seconds=29)
    assert scene.board() == []
    scene.passes(seconds=1)
    task = scene.only_task()
    assert (task.hazard, task.equipment.id, task.responsible.id) == ("node.silent", "node/b1-node", "operator")
    assert task.equipment.names.en == "Node 1"
    assert not scene.queries.nodes(ESTATE, None)[0].online


def test_three_minutes_without_health_make_a_node_silent_and_its_next_word_clears_it(scene):
    scene.is_born(1)
    scene.is_well()
    scene.passes(minutes=3)
    assert scene.only_task().hazard == "node.silent"
    assert scene.queries.nodes(ESTATE, None)[0].silent
    scene.is_well()
    assert scene.only_task().firing == 0
    assert not scene.queries.nodes(ESTATE, None)[0].silent


@pytest.mark.parametrize(
    ("kind", "severity", "hours"),
    [(EquipmentKind.LIFT, "critical", 1), (EquipmentKind.SMOKE_DETECTOR, "critical", 1), (EquipmentKind.ACCESS_GATE, "major", 4)],
)  # fmt: skip
def test_a_silent_node_that_watches_a_lift_or_a_detector_is_back_within_the_hour(kind, severity, hours):
    known = description()
    watched = tuple(item for item in known.equipment if item.kind is kind)
    scene = Scene(estate=replace(known, equipment=watched))
    scene.is_born(1)
    scene.is_well()
    scene.passes(minutes=3)
    task = scene.only_task()
    (ttr,) = (clock for clock in task.clocks if clock.kind == "ttr")
    assert (task.hazard, task.severity) == ("node.silent", severity)
    assert ttr.due_at - ttr.started_at == timedelta(hours=hours)


def test_a_reconnect_within_the_grace_is_no_silence(scene):
    scene.is_born(1)
    scene.dies(1)
    scene.is_born(2)
    scene.passes(minutes=1)
    assert scene.board() == []


def test_an_old_connections_will_is_not_this_ones_death(scene):
    scene.is_born(2)
    assert scene.dies(1) is False
    scene.passes(minutes=1)
    assert scene.board() == []


def test_a_node_that_ended_in_order_is_missed_after_the_longer_time(scene):
    scene.is_born(1)
    scene.dies(1, "stopped")
    scene.passes(minutes=2)
    assert scene.board() == []
    scene.passes(minutes=1)
    assert scene.only_task().hazard == "node.silent"


def test_who_cannot_hear_does_not_accuse(scene):
    scene.is_born(1)
    scene.watch.deafen()
    scene.passes(hours=1)
    assert scene.board() == []
    scene.watch.reconnect(scene.clock.now())
    scene.passes(minutes=2)
    assert scene.board() == [], "the wait began anew with our return"
    scene.passes(minutes=2)
    assert scene.only_task().hazard == "node.silent"


def test_a_silent_node_hides_the_stale_points_behind_it(scene):
    scene.rings("point.stale", "b1/lift-1")
    scene.is_born(1, (1, "point.stale", "b1/lift-1"))
    scene.passes(minutes=3)
    shown = {task.hazard: task.hidden_by is not None for task in scene.board()}
    assert shown == {"node.silent": False, "point.stale": True}


def test_notifications_are_sent_once_and_what_could_not_be_sent_is_tried_again_and_said(scene):
    channel = FakeChannel()
    send = sender(scene, {"console": channel})
    assert sends_all(send) == (0, 0)
    scene.rings("access.held-open", "b1/door")
    channel.cut()
    assert sends_all(send) == (0, 2)
    assert scene.kinds(scene.only_task())[-1] == "notification.not-sent"
    assert sends_all(send) == (0, 0), "not before its next attempt is due"
    channel.mend()
    scene.clock.advance(seconds=5)
    assert sends_all(send) == (2, 0)
    assert sends_all(send) == (0, 0)
    assert scene.kinds(scene.only_task())[-1] == "notification.sent"
    assert {message.text for message in channel.delivered} == {
        "Door held open - North door, Building 1, Example estate - you are asked to lead"
    }


def test_a_call_sheet_says_which_number_to_dial(scene):
    channel = FakeChannel()
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.passes(minutes=3)
    sends_all(sender(scene, {"console": channel}))
    assert any("(dial 96333)" in message.text for message in channel.delivered)


def test_the_board_shows_how_much_of_each_limit_is_used(scene):
    scene.rings("access.held-open", "b1/door")
    scene.clock.advance(minutes=7, seconds=30)
    clock = scene.only_task().clocks[0]
    assert (clock.used, clock.state) == (0.75, "at_risk")
    assert clock.due_at - clock.started_at == timedelta(minutes=10)


def test_a_task_that_cannot_be_looked_after_holds_up_no_other(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    poisoned = scene.only_task()
    scene.clock.advance(seconds=1)
    scene.rings("lift.entrapment", "b1/lift-1")
    del scene.units.memory.incidents[poisoned.incident_id]
    scene.clock.advance(minutes=4)
    with pytest.raises(ExceptionGroup, match="1 of 2 tasks"):
        scene.timers()
    assert ("lift-firm", "call_sheet") in scene.told()
    assert ("fire-room", "call_sheet") not in scene.told()


def test_a_storage_that_is_down_is_said_at_once(scene):
    class Down:
        def due(self, *_):
            raise Unavailable("the disk is full")

    scene.rings("fire.smoke", "b1/smoke-1")
    scene.clock.advance(minutes=4)
    reading = scene.units.reading

    @contextmanager
    def writing():
        with reading() as uow:
            uow.tasks = Down()
            yield uow

    scene.units.writing = writing
    with pytest.raises(Unavailable):
        scene.timers()


def test_what_cleared_by_itself_in_time_is_never_shown_as_answered_too_late(scene):
    number = scene.rings("access.held-open", "b1/door")
    scene.falls_quiet("access.held-open", "b1/door", number)
    scene.passes(minutes=2)
    scene.passes(minutes=20)
    assert {clock.state for clock in scene.only_task().clocks} <= {"on_track", "met"}


def test_one_message_that_fails_unexpectedly_holds_no_other_back(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    fussy = FakeChannel()
    fussy.breaks(KeyError("no such template"), at="technician")
    send = sender(scene, {"console": fussy})
    assert sends_all(send) == (4, 1)
    assert sends_all(send) == (0, 0)
    assert not any("technician" in name for name in fussy.names)
    failed = [line for line in scene.incident(scene.only_task()).timeline if line.kind == "notification.not-sent"]
    assert [line.data["reason"] for line in failed] == ["it failed unexpectedly (KeyError)"]
