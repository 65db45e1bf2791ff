"""A step is passed at once when it would reach nobody; one that each must acknowledge repeats to those who have not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.community.names import Names
from cloud.domain.community.party import PartyRef
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Repeat, Step
from tests.fakes.estate import description

MINUTE = timedelta(minutes=1)


def kinds(*names):
    return tuple(PartyRef("kind", name) for name in names)


def load(scene, *steps, hazard="lift.*", phone=None, without=()):
    """Another ladder, and an estate in which some parties have neither people nor, unless named, a telephone."""
    duty = Duty(
        "row", (hazard,), kinds("lift_maintainer"), 10 * MINUTE, 60 * MINUTE, Names("约定", "agreed"),
        ladder=EscalationPolicy(steps),
    )  # fmt: skip
    known = description()
    parties = tuple(replace(p, phone=phone) if p.id in without else p for p in known.parties)
    members = tuple(m for m in known.members if m.party_id not in without)
    LoadEstate(scene.units, scene.clock)(replace(known, duties=(duty,), parties=parties, members=members))


def step(after, *names, **extra):
    return Step(after * MINUTE, Condition.IF_NOT_ACKNOWLEDGED, kinds(*names), **extra)


def taken(scene):
    """Whom each step called, in order."""
    return [entry.data["targets"] for entry in scene.ledger() if entry.kind == "ladder.step-taken"]


def test_a_party_without_people_is_nobody_and_the_next_step_is_taken_at_once(scene):
    load(scene, step(10, "grid_worker"), step(30, "street_office"), without=("grid",))
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.passes(minutes=10)
    assert ("street", "escalated") in scene.told()
    assert ("grid", "escalated") not in scene.told()
    task = scene.only_task()
    assert [line.failure for line in scene.incident(task).timeline if line.kind == "ladder.step-passed"] == [True]


def test_a_party_without_people_but_with_a_telephone_is_dialled_by_a_person(scene):
    load(scene, step(10, "grid_worker"), phone="022-555-0100", without=("grid",))
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.passes(minutes=10)
    assert ("lift-firm", "call_sheet") in scene.told()
    assert ("grid", "escalated") not in scene.told()


def test_who_of_a_step_is_nobody_is_recorded_although_others_are_reached(scene):
    load(scene, step(10, "grid_worker", "street_office"), without=("grid",))
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.passes(minutes=10)
    taken = next(entry for entry in scene.ledger() if entry.kind == "ladder.step-taken")
    assert (taken.data["targets"], taken.data["nobody"]) == (["street"], ["grid"])


def test_a_step_that_each_must_acknowledge_repeats_to_those_who_have_not(scene):
    every = Repeat(5 * MINUTE, 5)
    load(scene, step(10, "property_manager", "grid_worker", multi_ack=True, repeat=every))
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.passes(minutes=10)
    assert {("property", "escalated"), ("grid", "escalated")} <= set(scene.told())
    scene.acknowledge("technician")
    scene.acknowledge("guard")
    scene.passes(minutes=5)
    assert taken(scene) == [["property", "grid"], ["grid"]]
    scene.acknowledge("grid-officer")
    scene.passes(minutes=30)
    assert taken(scene) == [["property", "grid"], ["grid"]]


def test_such_a_step_waits_for_each_of_its_targets_whoever_else_has_acknowledged(scene):
    load(scene, step(10, "grid_worker", multi_ack=True))
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.acknowledge("technician")
    for _ in range(12):
        scene.passes(minutes=5)
    assert scene.told().count(("grid", "escalated")) == 6


def test_a_ladder_that_is_not_about_life_repeats_at_most_five_times_whatever_the_matrix_says(scene):
    load(scene, step(10, "property_manager", repeat=Repeat(5 * MINUTE)))
    scene.rings("lift.door-fault", "b1/lift-1")
    for _ in range(24):
        scene.passes(minutes=5)
    assert scene.told().count(("property", "escalated")) == 6
    assert ("committee", "ladder_ended") in scene.told()
    assert scene.acknowledge("clerk").state == "acknowledged"


def test_where_life_is_at_stake_the_matrix_may_repeat_without_bound(scene):
    load(scene, step(1, "property_manager", repeat=Repeat(2 * MINUTE)), hazard="lift.entrapment")
    scene.rings("lift.entrapment", "b1/lift-1")
    for _ in range(20):
        scene.passes(minutes=2)
    assert scene.told().count(("property", "escalated")) == 20
