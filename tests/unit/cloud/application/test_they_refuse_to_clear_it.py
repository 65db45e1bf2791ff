"""An exit is obstructed: the property dissuades; refused → fire rescue, now and not after eight hours (governance.md, Duties)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.task import ResolutionReason
from cloud.errors import Conflict, NotAllowed
from tests.fakes.estate import HOME
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene

EXIT = ("fire.exit-obstructed", "b1/door")


def with_fire_rescue():
    plain = neighbourhood()
    station = Party("rescue", PartyKind.FIRE_RESCUE, Names("消防救援站", "Fire and rescue station"), (HOME,))
    firefighter = Member("firefighter", "rescue", Names("消防员", "Firefighter"), Role.RESPONDER)
    return replace(plain, parties=(*plain.parties, station), members=(*plain.members, firefighter))


@pytest.fixture
def scene():
    return Scene(estate=with_fire_rescue())


@pytest.fixture
def obstructed(scene):
    """Bicycles before the exit; the property has taken it on and talked to the owners. The task's id."""
    scene.rings(*EXIT)
    task = scene.only_task().id
    scene.act.acknowledge(task, "manager")
    return task


def times(scene, party, reason):
    return scene.told().count((party, reason))


def test_fire_rescue_is_called_now_and_told_why(scene, obstructed):
    scene.passes(minutes=30)
    assert not [party for party, _ in scene.told() if party == "rescue"]
    scene.joint.refused(obstructed, "manager", note="Eight scooters; they will not.")
    scene.passes(seconds=1)
    assert times(scene, "rescue", "refused") == 1
    assert scene.only_task().responsible.id == "property", "who dissuades stays responsible"


def test_it_is_called_once_and_not_again_when_the_time_is_over(scene, obstructed):
    scene.joint.refused(obstructed, "manager")
    for _ in range(20):
        scene.passes(hours=1)
    called = {"refused", "unattended", "escalated"}
    assert [reason for party, reason in scene.told() if party == "rescue" and reason in called] == ["refused"]


def test_that_it_was_refused_is_on_the_record(scene, obstructed):
    scene.joint.refused(obstructed, "manager")
    line = next(entry for entry in scene.ledger() if entry.kind == Kind.CLEARING_REFUSED)
    assert (line.actor, line.data["party"]) == ("member:manager", "property")


def test_where_no_step_is_left_the_next_level_is_told(scene, obstructed):
    for _ in range(9):
        scene.passes(hours=1)
    assert times(scene, "rescue", "unattended") + times(scene, "rescue", "escalated") == 1
    scene.act.acknowledge(obstructed, "manager")
    before = len(scene.told())
    scene.joint.refused(obstructed, "manager")
    (told,) = [party for party, reason in scene.told()[before:] if reason == "refused"]
    line = next(entry for entry in scene.ledger() if entry.kind == Kind.CLEARING_REFUSED)
    assert line.data["to"] == [told]
    assert told not in ("property", "rescue")


def test_where_the_step_would_reach_nobody_the_next_level_is_told():
    """An estate whose register knows no fire rescue."""
    scene = Scene(estate=neighbourhood())
    scene.rings(*EXIT)
    task = scene.only_task().id
    scene.act.acknowledge(task, "manager")
    scene.joint.refused(task, "manager")
    (told,) = [party for party, reason in scene.told() if reason == "refused"]
    assert told not in ("property", "rescue")


def test_it_is_said_once_by_who_has_accepted_and_of_nothing_else(scene, obstructed):
    assert Action.REFUSED in scene.queries.task(obstructed, scene.identity("manager")).allowed
    with pytest.raises(NotAllowed):
        scene.joint.refused(obstructed, "walker")
    scene.joint.refused(obstructed, "manager")
    with pytest.raises(Conflict, match="already"):
        scene.joint.refused(obstructed, "manager")
    scene.rings("access.forced-open", "b2/door")
    door = next(task for task in scene.board() if task.hazard == "access.forced-open").id
    scene.act.acknowledge(door, "manager")
    with pytest.raises(Conflict, match="nobody here"):
        scene.joint.refused(door, "manager")


def test_what_comes_back_may_be_refused_anew(scene, obstructed):
    scene.joint.refused(obstructed, "manager")
    scene.passes(seconds=1)
    scene.act.resolve(obstructed, "manager", ResolutionReason.FIXED)
    scene.act.reopen(obstructed, "walker")
    scene.act.acknowledge(obstructed, "manager")
    assert times(scene, "rescue", "refused") == 0, "what was asked before the claim is asked no more"
    scene.joint.refused(obstructed, "manager")
    scene.passes(seconds=1)
    assert times(scene, "rescue", "refused") == 1
