"""Coverage over building x hazard x hour: its holes, whose they are, and who stands above them."""

from __future__ import annotations

import time as machine
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.domain.community.hours import Hours
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, PartyRef, Role
from cloud.domain.community.roster import Roster, Rotation, Shift
from cloud.domain.duties.channels import Channel, Channels
from cloud.domain.duties.coverage import Gap, coverage
from cloud.domain.duties.duty import DutyMatrix
from cloud.domain.duties.oversight import UNCOVERED, appointment, one_level_up
from cloud.domain.duties.reached import CallRole
from cloud.domain.duties.register import Equipment, EquipmentKind, party_equipment
from cloud.domain.duties.routing import TraceKind, route
from cloud.domain.duties.surveyed import buildings, possible
from deploy.year import estate as year
from schemas.hazards import hazard
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, description

CONSOLE = Channels(console=True)
HOUR = timedelta(hours=1)


def register():
    """Of each party that has a part in anything somebody is here."""
    firefighter = Member("firefighter", "micro-station", Names("站员", "Firefighter"), Role.RESPONDER)
    told = description()
    return replace(told, members=(*told.members, firefighter)).register(1)


def with_people(known):
    """The estate with a market of channels: everybody has one that is proven."""
    return Channels({name: (Channel("sms", verified=True),) for name in known.members})


def changed(known, **changes):
    return replace(known, _by_closeness={}, **changes)


def without_members(known, *parties):
    return changed(known, members={k: m for k, m in known.members.items() if m.party_id not in parties})


def roster(party, *shifts, rotations=()):
    return Roster(f"{party}-roster", ESTATE, party, Names("班", "Shifts"), tuple(rotations), tuple(shifts))


def holes(known, channels=CONSOLE, **spans):
    found = coverage(known, channels, START, **spans)
    return {(hole.gap, hole.owner_id) for hole in found.holes}


def test_where_everybody_is_reached_there_is_no_hole():
    known = register()
    assert holes(known) == set()
    assert holes(known, with_people(known)) == set()


def test_an_estate_without_any_channel_is_all_holes():
    known = register()
    found = coverage(known, Channels(), START)
    assert {hole.gap for hole in found.holes} == {Gap.NO_CHANNEL}
    assert not any(hole.weak for hole in found.holes if hole.role is CallRole.LEAD)
    assert {(hole.building_id, hole.hazard) for hole in found.holes} == set(found.watched)
    assert all((hole.starts_at, hole.ends_at) == (found.since, found.until) for hole in found.holes)


def test_a_channel_that_nobody_has_proven_is_weak_and_a_hole_where_life_is_at_stake():
    known = register()
    channels = Channels({name: (Channel("sms", verified=False),) for name in known.members})
    found = coverage(known, channels, START).holes
    assert {hole.gap for hole in found} == {Gap.UNPROVEN_CHANNEL}
    assert all(hole.weak is not hazard(hole.hazard).life_safety for hole in found)


def test_a_party_without_people_is_its_own_hole():
    found = coverage(without_members(register(), "lift-firm"), CONSOLE, START).holes
    assert {(hole.gap, hole.owner_id, hole.building_id) for hole in found} == {
        (Gap.NO_MEMBERS, "lift-firm", f"{HOME}/b1")
    }
    assert all(hole.hazard.startswith("lift.") for hole in found)


@pytest.mark.parametrize(
    ("party", "role"),
    [("micro-station", CallRole.SUPPORT), ("grid", CallRole.SUPPORT), ("committee", CallRole.CALLED)],
)
def test_who_helps_or_is_called_by_the_ladder_has_people_too_where_life_is_at_stake(party, role):
    found = coverage(without_members(register(), party), CONSOLE, START).holes
    assert {(hole.gap, hole.owner_id) for hole in found} == {(Gap.NO_MEMBERS, party)}
    grave = [hole for hole in found if hazard(hole.hazard).life_safety]
    assert role in {hole.role for hole in grave}
    assert all(hole.weak is (hole.role is not CallRole.LEAD) for hole in found if hole not in grave)
    assert not any(hole.weak for hole in grave)


def test_an_arbiter_that_nobody_is_here_to_be_is_a_weak_hole_for_another_decides():
    known = without_members(register(), "street")
    found = [hole for hole in coverage(known, CONSOLE, START).holes if hole.owner_id == "street"]
    asked = {hole.hazard: hole.role for hole in found}
    assert asked["lift.door-fault"] is CallRole.ARBITER
    assert all(hole.weak for hole in found if hole.role is CallRole.ARBITER)


def test_a_party_that_leads_helps_and_is_called_has_one_hole_and_a_kind_that_nobody_is_here_has_none():
    found = coverage(without_members(register(), "property"), CONSOLE, START).holes
    smoke = [hole for hole in found if hole.hazard == "fire.smoke"]
    assert [(hole.owner_id, hole.role) for hole in smoke] == [("property", CallRole.SUPPORT)] * len(
        buildings(register())
    )
    assert not register().meant(PartyRef("kind", "owners_committee"), HOME)
    assert {hole.owner_id for hole in found} == {"property"}


def test_a_helper_that_is_closed_is_a_hole_of_its_own():
    known = register()
    office = replace(known.parties["micro-station"], hours=Hours(frozenset(range(1, 6)), time(9), time(18)))
    found = coverage(changed(known, parties={**known.parties, "micro-station": office}), CONSOLE, START).holes
    assert {(hole.gap, hole.owner_id, hole.role) for hole in found} == {
        (Gap.OUTSIDE_HOURS, "micro-station", CallRole.SUPPORT)
    }
    assert {hole.hazard for hole in found} == {"fire.smoke", "fire.manual-call-point", "fire.presumed"}


def test_an_empty_roster_is_a_hole_for_as_long_as_it_is_empty_and_hours_are_merged():
    day_only = roster("lift-firm", Shift(("technician",), time(8), time(20)))
    found = [
        hole
        for hole in coverage(changed(register(), rosters=(day_only,)), CONSOLE, START).holes
        if hole.hazard == "lift.entrapment"
    ]
    assert {hole.role for hole in found} == {CallRole.LEAD}
    assert {hole.gap for hole in found} == {Gap.EMPTY_ROSTER}
    assert [(hole.starts_at - START, hole.ends_at - hole.starts_at) for hole in found[:2]] == [
        (9 * HOUR, 12 * HOUR), (33 * HOUR, 12 * HOUR)
    ]  # fmt: skip
    assert len(found) == 7


def test_shifts_that_follow_each_other_leave_no_hole_between_them():
    shifts = (Shift(("technician",), time(8), time(20)), Shift(("foreman",), time(20), time(8)))
    turns = Rotation(("manager", "guard"), date(2026, 1, 5), time(9), 7)
    known = changed(register(), rosters=(roster("lift-firm", *shifts), roster("property", rotations=(turns,))))
    assert holes(known) == set()


def test_outside_a_partys_service_hours_nobody_leads_and_the_hole_is_that_partys():
    known = register()
    office = replace(known.parties["lift-firm"], hours=Hours(frozenset(range(1, 6)), time(9), time(18)))
    known = changed(known, parties={**known.parties, "lift-firm": office})
    found = [hole for hole in coverage(known, CONSOLE, START).holes if hole.hazard == "lift.door-fault"]
    assert {(hole.gap, hole.owner_id) for hole in found} == {(Gap.OUTSIDE_HOURS, "lift-firm")}
    assert max(hole.ends_at - hole.starts_at for hole in found) == 63 * HOUR
    assert sum((hole.ends_at - hole.starts_at for hole in found), timedelta()) == 7 * 24 * HOUR - 45 * HOUR


def test_who_stands_in_for_a_closed_party_leaves_no_hole():
    known = register()
    office = replace(known.parties["fire-room"], hours=Hours(frozenset(range(1, 6)), time(9), time(18)))
    known = changed(known, parties={**known.parties, "fire-room": office})
    smoke = [hole for hole in coverage(known, CONSOLE, START).holes if hole.hazard == "fire.smoke"]
    assert not smoke


def test_a_row_laid_on_a_floor_whose_lead_has_nobody_is_a_hole_there():
    """Routing finds it by its place; so does coverage."""
    floor = f"{HOME}/b1/f2"
    firm = Party("car-park", PartyKind.PROPERTY_MANAGER, Names("车库公司", "Car park firm"), (floor,))
    known = register()
    smoke = next(row for row in known.matrix.duties if "fire.smoke" in row.hazards)
    own = replace(smoke, id="floor-fire", place_id=floor, leads=(PartyRef("id", firm.id),))
    duties = DutyMatrix(1, (*known.matrix.duties, own))
    known = changed(known, parties={**known.parties, firm.id: firm}, matrix=duties)
    assert route(known, "fire.smoke", floor, START).lead.id == firm.id
    found = coverage(known, CONSOLE, START)
    own_holes = [hole for hole in found.holes if hole.hazard == "fire.smoke"]
    assert {(hole.building_id, hole.owner_id, hole.gap, hole.weak) for hole in own_holes} == {
        (floor, firm.id, Gap.NO_MEMBERS, False)
    }
    assert (floor, "fire.smoke") in found.watched


def test_a_home_of_its_own_is_looked_at_for_nothing_but_its_welfare():
    unit = f"{HOME}/b1/f2"
    family = Party("family", PartyKind.HOUSEHOLD, Names("住户", "Household"), (unit,))
    sensor = Equipment("b1/flat-sensor", EquipmentKind.OTHER, unit, Names("门磁", "Flat sensor"), "b1-node")
    known = changed(
        register(),
        parties={**register().parties, "family": family},
        equipment={**register().equipment, sensor.id: sensor},
    )
    there = {name for place, name in coverage(known, CONSOLE, START).watched if place == unit}
    assert there == {"welfare.no-activity", "welfare.unwatched"}


@pytest.mark.parametrize("place", ["b1", "b1/f2"])
def test_where_nothing_of_a_home_is_watched_nobody_of_it_need_be_there(place):
    """A resident who has moved in is no hole: nothing there could ever tell of their welfare."""
    family = Party("family", PartyKind.HOUSEHOLD, Names("住户", "Household"), (f"{HOME}/{place}",))
    known = changed(register(), parties={**register().parties, "family": family})
    assert not {name for _, name in coverage(known, CONSOLE, START).watched if name.startswith("welfare.")}
    assert holes(known) == holes(register())


def test_a_hazard_that_no_row_covers_is_a_hole_of_whoever_answers_for_the_estate():
    known = changed(register(), matrix=DutyMatrix(1, ()))
    assert holes(known) == {(Gap.NO_PARTY, "property")}


def test_what_cannot_happen_in_a_building_is_not_watched_there():
    known = register()
    b1, b2 = ({one.id for one in possible(known, building)} for building in buildings(known))
    assert "lift.entrapment" in b1
    assert "lift.entrapment" not in b2
    assert "fire.smoke" in b2
    assert "welfare.no-activity" not in b1 | b2
    assert UNCOVERED not in b1 | b2


HOURS = st.builds(
    Hours,
    st.frozensets(st.integers(1, 7), min_size=1),
    st.sampled_from([time(0), time(8), time(18)]),
    st.sampled_from([time(0), time(8), time(22)]),
)


@settings(max_examples=60)
@given(
    closed=st.dictionaries(st.sampled_from(["lift-firm", "property", "fire-room", "committee"]), HOURS),
    rows=st.dictionaries(st.sampled_from(["lift-entrapment", "lift-fault", "fire", "access"]), HOURS),
    empty=st.frozensets(st.sampled_from(["lift-firm", "property", "fire-room"])),
    name=st.sampled_from(["lift.entrapment", "lift.door-fault", "fire.smoke", "access.forced-open"]),
    hours=st.integers(0, 7 * 24 * 4 - 1),
)
def test_at_every_moment_a_hole_is_there_exactly_where_routing_finds_nobody(closed, rows, empty, name, hours):
    known = register()
    parties = {k: replace(p, hours=closed.get(k, p.hours)) for k, p in known.parties.items()}
    duties = tuple(replace(row, hours=rows.get(row.id, row.hours)) for row in known.matrix.duties)
    known = without_members(changed(known, parties=parties, matrix=DutyMatrix(1, duties)), *empty)
    moment, place = START + hours * HOUR / 4, f"{HOME}/b1"
    found = [
        hole
        for hole in coverage(known, CONSOLE, START).holes
        if (hole.building_id, hole.hazard) == (place, name) and hole.starts_at <= moment < hole.ends_at
    ]
    assert len({hole.owner_id for hole in found}) == len(found)
    led = [hole for hole in found if hole.role is CallRole.LEAD]
    routing = route(known, name, place, moment)
    fallback = any(line.kind is TraceKind.FALLBACK for line in routing.trace)
    assert bool(led) == (fallback or routing.lead.id in empty)
    if led and not fallback:
        assert led[0].owner_id == routing.lead.id
    helping = {party.id for party in routing.supports if party.id in empty}
    called = {ref.value for step in routing.duty.ladder.steps for ref in step.targets}
    kinds = {known.parties[party].kind.value for party in empty}
    assert helping <= {hole.owner_id for hole in found}
    others = {hole.owner_id for hole in found if hole.role is not CallRole.LEAD and hole.gap is Gap.NO_MEMBERS}
    assert others <= helping | {party for party in empty if known.parties[party].kind.value in called & kinds}


@pytest.mark.parametrize(
    ("party", "above"),
    [
        ("property", "committee"), ("lift-firm", "property"), ("fire-room", "property"), ("committee", "street"),
        ("operator", "property"), ("grid", "committee"), ("street", "property"),
    ],
)  # fmt: skip
def test_a_hole_is_a_task_for_the_level_above_the_party_that_owns_it(party, above):
    known = register()
    appointed = appointment(known, UNCOVERED, party_equipment(party))
    routing = route(known, UNCOVERED, HOME, START, appointed=appointed)
    assert routing.lead.id == above
    assert party in {one.id for one in routing.supports}
    assert any(line.kind is TraceKind.LEAD and line.subject == above for line in routing.trace)


def test_a_level_without_people_is_passed_over_and_somebody_is_always_found():
    known = without_members(register(), "committee")
    assert one_level_up(known, known.parties["property"], HOME).id == "street"
    known = without_members(known, "committee", "street")
    assert one_level_up(known, known.parties["property"], HOME).id == "operator"
    assert one_level_up(known, known.parties["property"], HOME, {"operator"}).id == "operator"


def test_no_other_hazard_is_led_by_appointment():
    assert appointment(register(), "fire.smoke", party_equipment("property")) is None
    assert appointment(register(), UNCOVERED, "property") is None
    assert appointment(register(), UNCOVERED, party_equipment("nobody")) is None


def processor_time(work: Callable[[], object]) -> float:
    """In seconds."""
    began = machine.process_time()
    work()
    return machine.process_time() - began


def test_the_estate_of_the_year_has_no_hole_and_is_surveyed_in_under_a_second():
    known = year.description().register(1)
    turns = Rotation(("property-first", "property-second"), date(2026, 1, 5), time(8), 1)
    shift = Shift(("lift-firm-first",), time(8), time(20))
    closed = replace(known.parties["grid-worker"], hours=Hours(frozenset(range(1, 6)), time(9), time(18)))
    known = changed(known, parties={**known.parties, "grid-worker": closed})
    known = changed(known, rosters=(roster("property", rotations=(turns,)), roster("lift-firm", shift)))
    # The least of some: what the survey takes, whatever else the machine has to do.
    assert min(processor_time(lambda: coverage(known, with_people(known), START)) for _ in range(3)) < 1.0
    found = coverage(known, with_people(known), START)
    assert len({building for building, _ in found.watched}) == 48
    assert len({name for _, name in found.watched}) >= 35
    assert {hole.gap for hole in found.holes if not hole.weak} == {Gap.EMPTY_ROSTER, Gap.OUTSIDE_HOURS}
    assert {(hole.gap, hole.owner_id) for hole in found.holes if hole.role is not CallRole.LEAD} >= {
        (Gap.OUTSIDE_HOURS, "grid-worker")
    }
    assert holes(year.description().register(1)) == set()
