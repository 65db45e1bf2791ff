"""Expired counts as declined: whichever way a party leaves its part, the same is done about it (governance.md, Assignment)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, PartyKind
from cloud.domain.records.ledger import Kind
from tests.fakes.estate import HOME
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene


def estate():
    """With a second property firm, which stands in for the first."""
    plain = neighbourhood()
    guard = next(one for one in plain.members if one.id == "guard")
    return replace(
        plain,
        parties=(*plain.parties, Party("second-property", PartyKind.PROPERTY_MANAGER, Names("二", "two"), (HOME,))),
        members=(*plain.members, replace(guard, id="second-guard", party_id="second-property")),
    )


def expires(scene, task):
    scene.act.acknowledge(task, "technician")
    scene.passes(minutes=4)


def declines(scene, task):
    scene.act.acknowledge(task, "technician")
    scene.aside.decline(task, "guard")


@pytest.fixture
def scene():
    scene = Scene(estate=estate())
    scene.rings("lift.entrapment", "b1/lift-1")
    return scene


@pytest.mark.parametrize(("leaves", "reason"), [(expires, "not_answered"), (declines, "declined")])
def test_the_responsible_party_is_told_that_a_supporter_does_not_come(scene, leaves, reason):
    leaves(scene, scene.only_task().id)
    assert ("lift-firm", reason) in scene.told()


@pytest.mark.parametrize("leaves", [expires, declines])
def test_where_life_is_at_stake_whoever_stands_in_for_the_supporter_is_asked_at_once(scene, leaves):
    leaves(scene, scene.only_task().id)
    assert ("second-property", "asked_to_support") in scene.told()
    entry = next(entry for entry in scene.ledger() if entry.kind == Kind.STAND_IN_ASKED)
    assert (entry.data["party"], entry.data["for"]) == ("second-property", "property")
    part = next(part for part in scene.only_task().assignments if part.party.id == "second-property")
    assert (part.role, part.state.value) == ("support", "requested")
    assert scene.act.acknowledge(scene.only_task().id, "second-guard").state == "acknowledged"


def test_elsewhere_the_lead_is_told_and_asks_for_help_itself(scene):
    scene.rings("lift.door-fault", "b1/lift-2")
    task = next(task for task in scene.board() if task.hazard == "lift.door-fault")
    scene.act.acknowledge(task.id, "technician")
    scene.aside.decline(task.id, "guard", "not ours")
    assert ("lift-firm", "declined") in scene.told()
    assert Kind.STAND_IN_ASKED not in scene.kinds(task)
