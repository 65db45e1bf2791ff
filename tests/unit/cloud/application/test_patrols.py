"""A patrol stands in the printed register (governance.md, Ledger)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.ledger.erase_personal import ErasePersonal
from cloud.application.ledger.inspection import PrintRegister
from cloud.application.tasks.walk_patrols import WalkPatrols
from cloud.domain.records.inspection import Book, belongs
from cloud.domain.records.ledger import Entry, Kind
from cloud.domain.records.patrol import Round
from cloud.errors import Invalid, NotFound
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state


@pytest.fixture
def scene(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Scene(SqlUnitsOfWork(engine))
    engine.dispose()


@pytest.fixture
def walk(scene):
    patrols = WalkPatrols(scene.units, scene.clock, scene.ids)

    def walked(*points, member="guard", round_=Round.NIGHT, findings=""):
        return patrols.record(ESTATE, round_, points, scene.identity(member), findings=findings)

    walked.listed = lambda: patrols.listed(ESTATE, scene.identity("manager"))
    return walked


def printed(scene):
    at = scene.clock.now()
    register = PrintRegister(scene.units, scene.clock)
    return register(
        ESTATE, Book.PATROL, at - timedelta(days=1), at + timedelta(days=1), scene.identity("manager")
    ).lines


def test_a_patrol_stands_in_the_printed_register_with_who_walked_and_what_was_seen(scene, walk):
    walk("b1/door", "b1/lift-1", "b1/f2")
    (line,) = printed(scene)
    assert line.what.zh == "物业完成巡查（夜间巡查）：查看 3 处，未发现问题"
    assert line.what.en == "Property walked a patrol (the night round): 3 points seen, nothing found"
    assert "guard" in line.who.en


def test_what_was_found_is_an_erasable_note_and_never_in_the_chain(scene, walk):
    walk("b1/door", findings="Li's bicycle in the stairs")
    (told,) = [one for one in scene.ledger() if one.kind == Kind.PATROL_WALKED]
    assert "bicycle" not in str(told.data)
    assert walk.listed()[0].findings == "Li's bicycle in the stairs"
    assert "with findings" in printed(scene)[0].what.en
    ErasePersonal(scene.units, scene.clock)(ESTATE, subject="member:guard", actor="member:manager", cause="request")
    (left,) = walk.listed()
    assert (left.findings, len(left.points)) == ("", 1)


def test_whoever_hears_no_answer_and_sends_it_again_has_walked_once(scene, walk):
    one = walk("b1/door", "b1/lift-1", findings="a lamp is out")
    assert walk("b1/door", "b1/lift-1", findings="a lamp is out").id == one.id
    scene.clock.advance(hours=2)
    assert walk("b1/door", "b1/lift-1", findings="a lamp is out").id != one.id
    assert [view.at for view in walk.listed()] == sorted((view.at for view in walk.listed()), reverse=True)


def test_a_code_that_is_nowhere_is_named(scene, walk):
    with pytest.raises(Invalid, match="b9/door"):
        walk("b1/door", "b9/door")
    with pytest.raises(Invalid, match="at least one"):
        walk(" ")
    assert printed(scene) == []
    stranger = scene.identity("guard")
    with pytest.raises(NotFound):
        WalkPatrols(scene.units, scene.clock, scene.ids).record("elsewhere", Round.DAILY, ["b1/door"], stranger)


def test_a_small_task_of_kind_patrol_belongs_there_once_it_is_confirmed():
    def entry(kind, act):
        return Entry(ESTATE, 1, kind, None, "member:x", None, "s", None, {"act": act}, "", "")

    assert belongs(Book.PATROL, entry(Kind.SMALL_TASK_CONFIRMED, "patrol"), None)
    assert not belongs(Book.PATROL, entry(Kind.SMALL_TASK_DONE, "patrol"), None)
    assert not belongs(Book.PATROL, entry(Kind.SMALL_TASK_CONFIRMED, "small_task"), None)
