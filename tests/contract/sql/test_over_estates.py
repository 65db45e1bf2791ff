"""What several estates are asked at once is what each of them would answer, for everybody there is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.application.estates.estates_of_member import estates_of
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.estates.sign_in import NO_SCOPES, Identity
from cloud.application.records import Tally
from cloud.domain.community.access import Purpose
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.community.place import Place, PlaceKind
from cloud.domain.duties.register import Equipment, EquipmentKind, Estate, NodeEntry
from cloud.domain.tasks.sight import outlook
from cloud.domain.tasks.task import TaskState
from schemas.topics import NodeAddress
from tests.fakes.estate import ESTATE, description, raised
from tests.fakes.scene import Scene

OTHER = "riverside"
THERE = f"street/community/grid-1/{OTHER}"
SHARED = ("property", "lift-firm")
"""They serve both estates; everybody else is one estate's."""


def riverside():
    """An estate beside the example, with a control room of its own."""
    plain = description()
    shared = tuple(replace(one, serves=(THERE,)) for one in plain.parties if one.id in SHARED)
    room = Party("river-room", PartyKind.FIRE_CONTROL_ROOM, Names("河畔消控室", "Riverside control room"), (THERE,))
    lift = Equipment("r1/lift-1", EquipmentKind.LIFT, THERE, Names("1号梯", "Lift 1"), "r1-node")
    return replace(
        plain,
        estate=Estate(OTHER, THERE, Names("河畔小区", "Riverside"), "river-room"),
        places=(*plain.places[:3], Place(THERE, PlaceKind.ESTATE, Names("河畔小区", "Riverside"))),
        parties=(*shared, room, *(one for one in plain.parties if one.kind is PartyKind.EXTERNAL)),
        members=(Member("river-watch", room.id, Names("河畔值班员", "Riverside watch"), Role.RESPONDER),),
        nodes=(NodeEntry("r1-node", THERE, Names("河畔节点", "Riverside node")),),
        equipment=(lift, replace(lift, id="r1/door", kind=EquipmentKind.ACCESS_GATE)),
    )


def identity(scene, member_id):
    """As signing in says who they are."""
    with scene.units.reading() as uow:
        member = uow.registers.member(member_id)
        return Identity(member, Purpose.SESSION, NO_SCOPES, estates_of(uow, member))


@pytest.fixture
def scene(units):
    made = Scene(units)
    LoadEstate(made.units, made.clock)(riverside())
    made.rings("access.forced-open", "b1/door")
    made.rings("fire.smoke", "b1/smoke-1")
    made.clock.advance(seconds=5)
    made.rings("lift.entrapment", "b1/lift-1")
    made.clock.advance(seconds=5)
    for number, (hazard, where) in enumerate(
        (("fire.smoke", "r1/corridor"), ("lift.entrapment", "r1/lift-1"), ("access.held-open", "r1/door")), 50
    ):
        arrival = made.node.batch(raised(hazard, where, number))
        made.record(replace(arrival, address=NodeAddress(OTHER, "r1-node")))
    return made


def test_over_estates_each_sees_what_each_estate_alone_would_show_them(scene):
    with scene.units.reading() as uow:
        registers = {one.estate.id: one for one in uow.registers.every()}
        members = {id_: one for register in registers.values() for id_, one in register.members.items()}
        assert list(registers) == [ESTATE, OTHER]
        assert all(uow.registers.find(estate) == register for estate, register in registers.items())
        seen = {}
        for member in members.values():
            eyes = {estate: outlook(register, member) for estate, register in registers.items()}
            alone = {estate: uow.tasks.open(estate, eyes[estate]) for estate in eyes}
            new = [t.id for tasks in alone.values() for t in tasks if t.life_safety and t.state is TaskState.NEW]
            assert sorted(t.id for t in uow.tasks.unanswered(eyes)) == sorted(new), member.id
            counted = uow.tasks.tallies(eyes, {one.party_id for one in member.memberships})
            for estate, tasks in alone.items():
                life = sum(task.life_safety for task in tasks)
                own = sum(any(task.part_of(one.party_id) for one in member.memberships) for task in tasks)
                assert counted.get(estate, Tally()) == Tally(life, own), (member.id, estate)
            seen[member.id] = sorted((t.estate, t.hazard) for t in uow.tasks.unanswered(eyes))
    lifts = [(ESTATE, "lift.entrapment"), (OTHER, "lift.entrapment")]
    fires = [(ESTATE, "fire.smoke"), (OTHER, "fire.smoke")]
    assert seen["technician"] == lifts, "of two estates the lifts, and not the fires"
    assert seen["guard"] == sorted(lifts + fires)
    assert seen["clerk"] == [(ESTATE, "fire.smoke"), (ESTATE, "lift.entrapment")]
    assert {estate for estate, _ in seen["river-watch"]} == {OTHER}


def test_what_rings_is_told_of_every_estate_of_ones_own_the_most_urgent_first(scene):
    guard, clerk = identity(scene, "guard"), identity(scene, "clerk")
    assert guard.estates == (ESTATE, OTHER)
    told = scene.queries.over.alarms(guard)
    assert [(one.estate, one.hazard) for one in told] == [
        (ESTATE, "fire.smoke"), (ESTATE, "lift.entrapment"), (OTHER, "fire.smoke"), (OTHER, "lift.entrapment"),
    ]  # fmt: skip
    scene.act.acknowledge(told[0].id, "watch")
    assert [one.id for one in scene.queries.over.alarms(guard)] == [one.id for one in told[1:]]
    assert {one.estate for one in scene.queries.over.alarms(clerk)} == {ESTATE}
    assert set(scene.queries.over.tallies(clerk)) == {ESTATE}


def test_an_estate_that_is_not_the_identitys_is_not_looked_into(scene):
    """A screen on a wall has its maker's eyes and one estate."""
    narrow = replace(identity(scene, "guard"), estates=(OTHER,))
    assert {one.estate for one in scene.queries.over.alarms(narrow)} == {OTHER}
    assert list(scene.queries.over.tallies(narrow)) == [OTHER]
    assert list(scene.queries.over.outlooks(narrow)) == [OTHER]


def test_the_ledgers_say_at_once_how_far_each_has_come(scene):
    with scene.units.reading() as uow:
        heads = {estate: uow.ledger.head(estate).seq for estate in (ESTATE, OTHER)}
        assert uow.ledger.reached([ESTATE, OTHER, "nowhere"]) == heads
        assert uow.ledger.reached([]) == {}
