"""In a flood one person gets summaries, and every line of every timeline says so; life safety pages one by one."""

from dataclasses import replace

import pytest

from cloud.application.notices.prepare import Calls
from cloud.domain.duties.register import EquipmentKind
from cloud.domain.incidents.flood import SUMMARY_EVERY
from cloud.domain.records.ledger import Kind
from cloud.entrypoints.web.board import Folded, arrange
from cloud.entrypoints.web.filters import Filter
from tests.fakes.channels import FakeChannel, reach, sender, sends_all
from tests.fakes.estate import ESTATE, HOME, description, equipment
from tests.fakes.scene import Scene

DOORS = [f"b1/door-{number}" for number in range(14)]
LIFTS = ["b1/lift-1", "b1/lift-2"]


def estate():
    door = next(item for item in equipment() if item.id == "b1/door")
    doors = tuple(replace(door, id=id_) for id_ in DOORS)
    return replace(description(), equipment=(*equipment(), *doors))


@pytest.fixture
def scene():
    return Scene(estate=estate())


@pytest.fixture
def channels():
    return {"sms": FakeChannel(), "voice": FakeChannel(rings=True)}


@pytest.fixture
def send(scene, channels):
    reach(scene.units, "guard", "sms:guard")
    return sender(scene, channels, calls=Calls("https://tocsin.example"))


def power_cut(scene, doors=DOORS):
    for door in doors:
        scene.rings("access.held-open", door)


def to_guard(channels):
    return [message.text for message in channels["sms"].delivered]


def test_a_whole_buildings_doors_reach_one_person_as_one_summary_that_counts_and_names_them(scene, send, channels):
    power_cut(scene)
    for lift in LIFTS:
        scene.rings("lift.door-fault", lift)
    sends_all(send)
    (text,) = to_guard(channels)
    assert text.startswith("示例小区1号楼1分钟内16起事件：2部电梯、14扇门｜")
    assert "请牵头处置×14" in text
    assert "×2" in text


def test_every_message_that_was_folded_is_on_its_timeline_as_told_within_a_summary(scene, send):
    power_cut(scene)
    sends_all(send)
    for task in scene.board():
        said = [line for line in scene.incident(task).timeline if line.kind == Kind.NOTIFIED]
        (line,) = [line for line in said if line.data["member"] == "guard"]
        assert line.data["within"] == 14
        assert "told within a summary of 14 incidents" in line.text.en
        assert "14起事件的汇总消息" in line.text.zh


def test_ten_are_told_one_by_one_and_what_follows_within_the_next_summary(scene, send, channels):
    power_cut(scene, DOORS[:10])
    sends_all(send)
    assert len(to_guard(channels)) == 10
    scene.clock.advance(seconds=30)
    power_cut(scene, DOORS[10:12])
    sends_all(send)
    assert len(to_guard(channels)) == 11, "the first summary goes at once"
    scene.clock.advance(seconds=30)
    power_cut(scene, DOORS[12:14])
    sends_all(send)
    assert len(to_guard(channels)) == 11
    held = [entry for entry in scene.ledger() if entry.kind == Kind.NOTICE_HELD and entry.data["member"] == "guard"]
    assert len(held) == 2
    scene.clock.advance(seconds=SUMMARY_EVERY.total_seconds() - 30)
    sends_all(send)
    assert len(to_guard(channels)) == 12
    assert "2起事件" in to_guard(channels)[-1]


def test_when_the_flood_is_over_messages_go_one_by_one_again(scene, send, channels):
    power_cut(scene, DOORS[:12])
    sends_all(send)
    scene.clock.advance(minutes=11)
    power_cut(scene, DOORS[12:14])
    sends_all(send)
    assert len(to_guard(channels)) == 3


def test_life_safety_pages_one_by_one_in_the_middle_of_a_flood(scene, send, channels):
    power_cut(scene)
    sends_all(send)
    before = len(to_guard(channels))
    for lift in LIFTS:
        scene.rings("lift.entrapment", lift)
    sends_all(send)
    pages = channels["sms"].delivered[before:]
    assert len(pages) >= len(LIFTS)
    assert {message.importance.value for message in pages} == {"emergency"}
    assert not [entry for entry in scene.ledger() if entry.kind == Kind.NOTICE_HELD]


def test_a_summary_rings_without_a_key_for_a_key_answers_one_task(scene, channels):
    reach(scene.units, "guard", "voice:1")
    send = sender(scene, channels, calls=Calls("https://tocsin.example"))
    power_cut(scene)
    sends_all(send)
    (call,) = [message for message in channels["voice"].delivered if message.address == "1"]
    assert call.callback is None
    assert "flood=" in call.link


def test_folding_stops_no_ladder(scene, send):
    power_cut(scene)
    sends_all(send)
    scene.passes(minutes=11)
    for task in scene.board():
        kinds = scene.kinds(task)
        assert Kind.CLOCK_BREACHED in kinds or Kind.ESCALATED in kinds


def test_an_exercise_is_never_summed_up_with_what_is_real_and_says_what_it_is(scene, send, channels):
    power_cut(scene, DOORS[:6])
    for door in DOORS[6:12]:
        scene.rings("access.held-open", door, mode="exercise")
    sends_all(send)
    real, drill = sorted(to_guard(channels), key=lambda text: text.startswith("【演练】"))
    assert ("6起事件" in real, "6起事件" in drill) == (True, True)
    assert (real.startswith("【演练】"), drill.startswith("【演练】")) == (False, True)


def test_a_summary_that_no_channel_takes_is_said_of_each_and_tried_again_as_one(scene, send, channels):
    channels["sms"].cut()
    power_cut(scene)
    sends_all(send)
    failed = {entry.incident_id for entry in scene.ledger() if entry.kind == Kind.NOT_NOTIFIED}
    assert len(failed) == 14
    channels["sms"].mend()
    scene.clock.advance(seconds=10)
    sends_all(send)
    assert len(to_guard(channels)) == 1


def test_the_board_shows_one_entry_with_its_count_that_opens(scene):
    power_cut(scene)
    scene.rings("lift.entrapment", "b1/lift-1")
    view, register = scene.queries.board(ESTATE, None), estate().register(1)
    life, group = arrange(view, register, Filter()).rows
    assert life.task.life_safety
    assert isinstance(group, Folded)
    assert (len(group.rows), group.unanswered, group.overdue) == (14, 14, 0)
    opened = arrange(view, register, Filter(flood=group.rows[5].task.incident_id))
    assert len(opened.rows) == 14
    assert opened.opened.words.en.startswith("14 incidents in Building 1")
    elsewhere = arrange(view, register, Filter(flood="gone"))
    assert len(elsewhere.rows) == 2


def test_a_filter_that_shows_only_some_of_a_flood_shows_them_one_by_one(scene):
    power_cut(scene)
    scene.rings("access.held-open", "b2/door")
    scene.acknowledge("guard")
    view, register = scene.queries.board(ESTATE, None), estate().register(1)
    assert len(arrange(view, register, Filter(place=f"{HOME}/b1")).rows) == 1
    assert register.equipment[DOORS[0]].kind is EquipmentKind.ACCESS_GATE
    some = replace(view, tasks=[task for task in view.tasks if task.equipment.id != DOORS[0]])
    assert len(arrange(some, register, Filter()).rows) == 14


def test_a_worker_that_claims_few_at_once_sends_ten_before_it_knows_of_a_flood_and_then_a_summary(
    scene, send, channels
):
    power_cut(scene)
    for _ in range(20):
        send(5)
    assert len(to_guard(channels)) == 11
    told = [entry for entry in scene.ledger() if entry.kind == Kind.NOTIFIED and entry.data["member"] == "guard"]
    assert len({entry.incident_id for entry in told}) == len(told) == 14
