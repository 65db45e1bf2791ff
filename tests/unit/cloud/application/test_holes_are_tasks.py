"""A hole in coverage is a task for the level above the party that owns it, and over by itself when it is filled."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from cloud.adapters.estate_file import default_duties, read_estate
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.incidents.watch_coverage import WatchCoverage
from cloud.domain.community.contacts import Contact
from cloud.domain.community.means import Means
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.domain.community.roster import Roster, Shift
from cloud.domain.duties.escalation import EscalationPolicy
from deploy import example
from deploy.year import estate as year
from tests.fakes import estate as small
from tests.fakes.clocks import START, CountingIds, FakeClock
from tests.fakes.estate import ESTATE
from tests.fakes.units import FakeUnitsOfWork

DAY, NIGHT = Shift(("technician",), time(8), time(20)), Shift(("foreman",), time(20), time(8))


def description():
    """Of each party that has a part in anything somebody is here."""
    told = small.description()
    firefighter = Member("firefighter", "micro-station", Names("站员", "Firefighter"), Role.RESPONDER)
    return replace(told, members=(*told.members, firefighter))


@pytest.fixture(autouse=True)
def everybody_is_there(scene):
    load(scene)


def load(scene, **changes):
    LoadEstate(scene.units, scene.clock)(replace(description(), **changes))


def lift_roster(*shifts):
    return Roster("lift", ESTATE, "lift-firm", Names("维保值班", "Lift duty"), (), shifts, laid=True)


def watching(scene, *, console=True):
    return WatchCoverage(scene.units, scene.clock, scene.ids, Means(console=console))


def led(scene):
    """(whose hole, who leads) of every open task."""
    with scene.units.reading() as uow:
        return sorted((uow.incidents.get(t.incident_id).equipment_id, t.responsible.id) for t in scene.board())


def test_where_everybody_is_reached_nothing_is_raised(scene):
    watch = watching(scene)
    assert watch() == 0
    assert scene.board() == []


@pytest.mark.parametrize("source", ["example", "year"])
def test_an_estate_for_trying_out_has_no_hole_although_nobody_has_a_channel(source):
    units, clock, ids = FakeUnitsOfWork(), FakeClock(), CountingIds()
    told = read_estate(example.ESTATE_FILE) if source == "example" else year.description()
    LoadEstate(units, clock)(told)
    watch = WatchCoverage(units, clock, ids, Means(console=True))
    for _ in range(7 * 4):
        assert watch() == 0
        clock.advance(hours=6)


def test_in_production_a_member_without_a_channel_is_a_hole_of_each_party_that_life_may_hang_on(scene):
    watch = watching(scene, console=False)
    assert watch() == 8
    assert led(scene) == [
        ("party/committee", "street"), ("party/fire-room", "property"), ("party/grid", "committee"),
        ("party/lift-firm", "property"), ("party/micro-station", "property"), ("party/operator", "property"),
        ("party/property", "committee"), ("party/street", "property"),
    ]  # fmt: skip
    with scene.units.writing() as uow:
        for member in description().members:
            uow.contacts.replace(member.id, [Contact(member.id, "sms", "13800001111", verified_at=START)])
        uow.commit()
    assert watch() == 8
    scene.passes(minutes=10)
    scene.passes(hours=1)
    assert led(scene) == []


def test_one_task_for_a_hole_however_often_it_comes_and_no_flapping_at_its_edges(scene):
    watch = watching(scene)
    load(scene, rosters=(lift_roster(DAY),))
    raised = []
    for _ in range(4 * 48):
        raised.append(watch())
        scene.passes(minutes=15)
    assert raised == [1] + [0] * (4 * 48 - 1)
    assert led(scene) == [("party/lift-firm", "property")]


def test_a_helper_without_people_where_life_is_at_stake_is_a_task_and_elsewhere_only_shown(scene):
    watch = watching(scene)
    load(scene, members=tuple(m for m in description().members if m.party_id not in {"micro-station", "grid"}))
    assert watch() == 2
    assert led(scene) == [("party/grid", "committee"), ("party/micro-station", "property")]
    only_weak = tuple(
        replace(d, supports=()) if "fire" in d.id or d.id == "carbon-monoxide" else d for d in default_duties()
    )
    only_weak = tuple(replace(d, ladder=EscalationPolicy()) if d.id.startswith("fire") else d for d in only_weak)
    load(scene, duties=only_weak, members=tuple(m for m in description().members if m.party_id != "grid"))
    assert watch() == 2
    scene.passes(minutes=10)
    scene.passes(hours=1)
    assert led(scene) == []


def test_shifts_that_follow_each_other_raise_nothing_and_a_minute_between_them_is_no_task(scene):
    watch = watching(scene)
    load(scene, rosters=(lift_roster(DAY, NIGHT),))
    changes = 0
    for _ in range(4 * 24):
        changes += watch()
        scene.passes(minutes=15)
    load(scene, rosters=(lift_roster(DAY, replace(NIGHT, start=time(20, 1))),))
    assert (changes, watch()) == (0, 0)


def test_it_is_raised_a_day_ahead_and_goes_by_itself_once_the_roster_is_filled(scene):
    watch = watching(scene)
    weekdays = frozenset({1, 2, 3, 4, 5})
    load(scene, rosters=(lift_roster(replace(DAY, start=time(0), end=time(0), days=weekdays)),))
    assert watch() == 0
    scene.passes(days=3, hours=14)
    assert watch() == 1
    (task,) = scene.board()
    assert task.responsible.id == "property"
    load(scene, rosters=())
    assert watch() == 1
    scene.passes(minutes=10)
    scene.passes(hours=1)
    assert scene.board() == []
    with scene.units.reading() as uow:
        assert uow.tasks.get(task.id).resolution.reason == "self_cleared"


def test_it_looks_again_when_the_register_or_a_channel_changes_and_otherwise_hourly(scene):
    watch = watching(scene)
    assert watch() == 0
    load(scene, members=tuple(m for m in description().members if m.party_id != "lift-firm"))
    scene.passes(seconds=30)
    assert watch() == 1
    load(scene, rosters=())
    scene.passes(seconds=30)
    assert watch() == 1


def test_nobody_takes_it_up_so_it_climbs_to_the_street(scene):
    watch = watching(scene)
    load(scene, members=tuple(m for m in description().members if m.party_id != "lift-firm"))
    watch()
    scene.passes(hours=2)
    assert ("street", "escalated") in scene.told()


def test_an_address_on_a_channel_that_is_not_set_up_reaches_nobody(scene):
    with scene.units.writing() as uow:
        for member in description().members:
            uow.contacts.replace(member.id, [Contact(member.id, "sms", "13800001111", verified_at=START)])
        uow.commit()
    assert WatchCoverage(scene.units, scene.clock, scene.ids, Means(frozenset({"sms"})))() == 0
    assert WatchCoverage(scene.units, scene.clock, scene.ids, Means(frozenset({"email"})))() == 8
