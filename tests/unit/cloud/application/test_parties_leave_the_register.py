"""A task without a responsible party cannot exist: whom an open one relies on does not vanish from the register."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.application.estates.load_estate import LoadEstate
from cloud.errors import Invalid
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene


@pytest.fixture
def scene():
    scene = Scene(estate=neighbourhood("street"))
    scene.rings("lift.entrapment", "b1/lift-1")
    return scene


def without(*gone):
    plain = neighbourhood("street")
    return replace(
        plain,
        estate=replace(plain.estate, arbiter_party_id=None if "street" in gone else plain.estate.arbiter_party_id),
        parties=tuple(one for one in plain.parties if one.id not in gone),
        members=tuple(one for one in plain.members if one.party_id not in gone),
    )


def remove(scene, *gone):
    return LoadEstate(scene.units, scene.clock)(without(*gone))


def test_a_named_lead_that_declined_stays_while_another_leads_for_it_would_answer_again(scene):
    task = scene.only_task().id
    scene.aside.decline(task, "technician")
    scene.act.acknowledge(task, "guard")
    with pytest.raises(Invalid) as refused:
        remove(scene, "lift-firm")
    assert refused.value.problems == (f"party 'lift-firm': close task {task} first, or keep the party",)


def test_who_takes_part_or_is_still_to_answer_stays_and_so_does_who_is_to_decide(scene):
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.joint.ask_for_help(task, "technician", ["locksmith"])
    with pytest.raises(Invalid, match="take part"):
        remove(scene, "locksmith")
    scene.aside.decline(task, "technician")
    scene.aside.decline(task, "guard")
    with pytest.raises(Invalid, match="take part"):
        remove(scene, "street")


def test_who_was_merely_told_or_has_left_may_go(scene):
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.joint.ask_for_help(task, "technician", ["locksmith"])
    scene.aside.decline(task, "smith")
    assert remove(scene, "locksmith", "committee").changed
