"""A fire is presumed when a second alarm bears the first out, or when the site says no word for three minutes."""

import pytest

from cloud.domain.community.names import Names
from cloud.domain.tasks.task import ResolutionReason, TaskState
from tests.fakes.estate import HOME


def called(scene):
    """(party, number to dial, address) of those who were told to call fire and rescue because a fire is presumed."""
    with scene.units.reading() as uow:
        told = uow.outbox.unsent(scene.clock.now(), 1000)
    return [(n.party_id, n.phone, n.address.zh) for n in told if n.reason.value == "fire_presumed"]


def test_a_second_detector_makes_it_a_presumed_fire_once(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    assert called(scene) == []
    scene.rings("fire.smoke", "b1/smoke-2")
    task = scene.only_task()
    assert (task.hazard, task.hazard_names.zh) == ("fire.presumed", "推定火灾")
    everyone = {part.party.id for part in task.assignments}
    assert {party for party, _, _ in called(scene)} == everyone
    assert len(called(scene)) == len(everyone)
    _, phone, address = called(scene)[0]
    assert (phone, address) == ("119", "示例街道示例社区第一网格示例小区1号楼2层烟感1")
    (line,) = [line for line in scene.incident(task).timeline if line.kind == "fire.presumed"]
    assert line.text == Names(
        "推定火灾（同一楼栋第二个探测器报警）：请立即拨打119",
        "a fire is presumed (a second detector in the building): call 119 now",
    )
    assert task.read_out is not None
    assert task.read_out.zh == f"这里是{address}，发生推定火灾。"
    assert scene.incident(task).call_sheet[0].phone == "119"
    scene.rings("fire.smoke", "b1/door")
    scene.passes(minutes=4)
    assert scene.kinds(scene.only_task()).count("fire.presumed") == 1


def test_what_they_are_told_says_call_119_in_both_languages(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.rings("fire.manual-call-point", "b1/smoke-2")
    with scene.units.reading() as uow:
        words = [n.words for n in uow.outbox.unsent(scene.clock.now(), 1000) if n.reason.value == "fire_presumed"]
    assert "请立即拨打消防电话并读出以上地址（拨打 119）" in words[0].zh
    assert "call the fire service now and read out this address (dial 119)" in words[0].en


def test_a_call_point_while_a_detector_fires(scene):
    scene.rings("fire.manual-call-point", "b1/smoke-1")
    assert called(scene) == []
    scene.rings("fire.smoke", "b1/smoke-1")
    (line,) = [line for line in scene.incident(scene.only_task()).timeline if line.kind == "fire.presumed"]
    assert line.data["ground"] == "call_point"


def test_who_had_answered_stays_on_it(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.acknowledge("watch")
    scene.rings("fire.smoke", "b1/smoke-2")
    task = scene.only_task()
    assert (task.hazard, task.state, task.responsible.id) == ("fire.presumed", TaskState.ACKNOWLEDGED, "fire-room")


@pytest.mark.parametrize(
    "second", [("fire.smoke", "b1/smoke-1"), ("fire.smoke-prealarm", "b1/smoke-2"), ("fire.smoke", "b2/door")]
)
def test_another_rule_a_prealarm_or_another_building_bears_nothing_out(scene, second):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.rings(*second)
    assert called(scene) == []


def test_two_alarms_one_after_the_other_bear_each_other_out_only_while_both_fire(scene):
    number = scene.rings("fire.smoke", "b1/smoke-1")
    scene.falls_quiet("fire.smoke", "b1/smoke-1", number)
    scene.rings("fire.smoke", "b1/smoke-2")
    assert called(scene) == []


def test_three_minutes_without_word(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.passes(minutes=2, seconds=59)
    assert called(scene) == []
    scene.passes(seconds=1)
    assert ("fire-room", "119") in {(party, phone) for party, phone, _ in called(scene)}
    number = len(called(scene))
    task = scene.only_task()
    assert task.hazard == "fire.presumed"
    assert scene.kinds(task).count("fire.presumed") == 1
    scene.passes(minutes=10)
    assert len(called(scene)) == number


@pytest.mark.parametrize("member", ["watch", "guard"])
def test_any_word_from_the_site_will_do(scene, member):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.acknowledge("watch")
    if member != "watch":
        scene.acknowledge(member)
    scene.act.start(scene.only_task().id, member)
    scene.passes(minutes=4)
    assert called(scene) == []
    assert scene.only_task().hazard == "fire.smoke"


@pytest.mark.parametrize(("comes", "sheets"), [("grid-officer", 0), (None, 1)])
def test_whoever_is_on_site_of_a_fire_within_three_minutes_will_do_for_the_call_sheet_as_well(scene, comes, sheets):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.acknowledge("watch")
    if comes:
        scene.acknowledge(comes)
        scene.act.start(scene.only_task().id, comes)
    before = scene.told().count(("property", "call_sheet"))
    scene.passes(minutes=3)
    assert scene.told().count(("property", "call_sheet")) == before + sheets


@pytest.mark.parametrize("member", ["watch", "guard", "grid-officer"])
def test_that_somebody_accepts_is_no_word_from_the_site(scene, member):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.acknowledge(member)
    scene.passes(minutes=2, seconds=59)
    assert called(scene) == []
    scene.passes(seconds=1)
    assert called(scene)
    assert scene.only_task().hazard == "fire.presumed"


def test_an_alarm_that_went_quiet_is_no_presumed_fire_but_one_that_was_lost_track_of_is(scene):
    number = scene.rings("fire.smoke", "b1/smoke-1")
    scene.falls_quiet("fire.smoke", "b1/smoke-1", number)
    scene.passes(minutes=4)
    assert called(scene) == []
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.passes(minutes=1)
    scene.is_born(1)
    scene.is_well()
    scene.passes(minutes=2)
    assert called(scene)


def test_nobody_calls_119_for_a_drill(scene):
    scene.rings("fire.smoke", "b1/smoke-1", mode="exercise")
    scene.rings("fire.smoke", "b1/smoke-2", mode="exercise")
    scene.passes(minutes=4)
    assert called(scene) == []


def test_what_was_presumed_is_judged_anew_after_it_was_closed(scene):
    numbers = [(name, scene.rings("fire.smoke", name)) for name in ("b1/smoke-1", "b1/smoke-2")]
    scene.acknowledge("watch")
    task_id = scene.only_task().id
    for name, number in numbers:
        scene.falls_quiet("fire.smoke", name, number)
    scene.act.resolve(task_id, "watch", ResolutionReason.FIXED)
    scene.passes(minutes=6)
    scene.act.close(task_id, "manager")
    before = len(called(scene))
    scene.rings("fire.smoke", "b1/smoke-2")
    assert scene.only_task().hazard == "fire.smoke"
    scene.rings("fire.smoke", "b1/smoke-1")
    assert scene.only_task().hazard == "fire.presumed"
    assert len(called(scene)) > before


def test_a_person_who_reopens_presumes_no_fire_of_an_alarm_that_had_its_answer(scene):
    number = scene.rings("fire.smoke", "b1/smoke-1")
    scene.acknowledge("watch")
    task_id = scene.only_task().id
    scene.falls_quiet("fire.smoke", "b1/smoke-1", number)
    scene.act.start(task_id, "watch")
    scene.photographs(task_id, "watch")
    scene.act.resolve(task_id, "watch", ResolutionReason.FALSE_ALARM)
    scene.clock.advance(hours=1)
    scene.act.reopen(task_id, "manager")
    scene.passes(minutes=4)
    assert called(scene) == []


def test_whoever_says_that_it_is_not_over_while_it_rings_leaves_the_site_three_minutes_for_a_word(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.acknowledge("watch")
    task_id = scene.only_task().id
    scene.act.start(task_id, "watch")
    scene.photographs(task_id, "watch")
    scene.passes(minutes=4)
    scene.act.resolve(task_id, "watch", ResolutionReason.FALSE_ALARM)
    scene.passes(minutes=1)
    scene.act.reopen(task_id, "manager")
    scene.passes(minutes=2, seconds=59)
    assert called(scene) == []
    scene.passes(seconds=1)
    assert called(scene), "nobody has said since that they are there"


def fell_silent(scene):
    """Somebody was there within three minutes and has shown no sign of work since: asked anew, thirty minutes later."""
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.acknowledge("watch")
    scene.act.start(scene.only_task().id, "watch")
    scene.passes(minutes=30)
    assert scene.only_task().state is TaskState.NEW
    assert called(scene) == []


def test_no_acceptance_moves_the_moment_at_which_the_silence_of_who_was_there_is_a_presumed_fire(scene):
    fell_silent(scene)
    for minute in range(3):
        if minute < 2:
            scene.passes(minutes=1)
            scene.acknowledge("guard" if minute else "watch")
        else:
            scene.passes(seconds=59)
            assert called(scene) == []
            scene.passes(seconds=1)
    assert called(scene)
    assert scene.only_task().hazard == "fire.presumed"


def test_only_that_somebody_is_there_again_is_a_word_and_it_holds_no_longer_than_the_one_before(scene):
    fell_silent(scene)
    scene.acknowledge("watch")
    scene.act.start(scene.only_task().id, "watch")
    scene.passes(minutes=29)
    assert called(scene) == []
    scene.passes(minutes=1)
    assert scene.only_task().state is TaskState.NEW
    scene.passes(minutes=3)
    assert called(scene)


def test_the_place_is_the_alarms(scene):
    scene.rings("fire.smoke", "b1/smoke-2")
    scene.rings("fire.smoke", "b1/smoke-1")
    assert scene.only_task().place.id == f"{HOME}/b1"
