"""An estate's file names rosters, contacts and further parties of its members; loading it lays them down."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from cloud.adapters.estate_file import read_estate
from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.estates.estates_of_member import estates_of
from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.community.names import Names
from cloud.domain.community.party import Membership, Role
from cloud.domain.community.public_days import DayRule
from cloud.domain.community.roster import Override, Rotation
from cloud.domain.community.work_calendar import Running
from cloud.domain.duties.description import NamedContact
from cloud.domain.duties.reach import reach
from cloud.domain.records.ledger import Kind
from cloud.errors import Invalid
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, description
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state
from tests.unit.cloud.application.test_several_estates import other

EXAMPLE = Path(__file__).parents[4] / "deploy" / "example_estate" / "estate.yaml"

FILE = """
estate: {id: small, place: s/small, fallback: pm, zh: 小, en: Small,
  calendar: {region: CN, holidays: [2026-11-26], working_from: 08:30, working_until: 17:30}}
places: [{id: s, kind: street, zh: 街, en: Street}, {id: s/small, kind: estate, zh: 小, en: Small}]
parties:
  - {id: pm, kind: property_manager, serves: s/small, zh: 物业, en: Property, hours: {start: 8:00, end: 20:00}}
  - {id: team, kind: volunteer_team, serves: s/small, zh: 队, en: Team, capabilities: [first-aid]}
members:
  - {id: boss, party: pm, role: manager, zh: 经理, en: Manager, also: [{party: team}],
     contacts: [{channel: sms, address: "+86 138 0000 0000"}]}
rosters:
  - {id: duty, party: pm, zh: 班, en: Duty, rotations: [{participants: [boss], starts_on: 2026-01-05, handoff: 20:30}],
     shifts: [{members: boss, start: 22:00, end: 24:00, days: [6], only: workdays}]}
more_duties:
  - {id: mine, hazards: access.forced-open, lead: "party:pm", tto: 90 s, ttr: 1 h, basis: {zh: 约, en: contract},
     calendar: working-hours}
"""


@pytest.fixture(params=["memory", "sqlite"])
def scene(request, tmp_path):
    if request.param == "memory":
        yield Scene()
        return
    engine = fresh_state(tmp_path / "state.db")
    yield Scene(SqlUnitsOfWork(engine))
    engine.dispose()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "estate.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def contacts(scene, *members):
    with scene.units.reading() as uow:
        return [contact for member in members for contact in uow.contacts.of(member)]


def known(scene, estate=ESTATE):
    with scene.units.reading() as uow:
        return uow.registers.find(estate)


def test_a_file_names_rosters_contacts_parties_and_working_hours(file):
    read = read_estate(file)
    (roster,) = read.rosters
    assert roster.rotations == (Rotation(("boss",), date(2026, 1, 5), time(20, 30)),)
    assert (roster.shifts[0].end, roster.shifts[0].only, roster.laid) == (time(0), DayRule.WORKDAYS, True)
    assert read.contacts == (NamedContact("boss", "sms", "+86 138 0000 0000"),)
    assert read.members[0].also == (Membership("team", Role.RESPONDER),)
    assert (read.parties[0].hours.start, read.parties[0].hours.end) == (time(8), time(20))
    assert not read.estate.days.is_workday(date(2026, 11, 26))
    assert read.duties[-1].running is Running.WORKING_HOURS
    assert read.estate.calendar(Running.WORKING_HOURS).start == time(8, 30)
    assert read.register(1).rosters == read.rosters


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("participants: [boss]", "participants: [nobody]"), "'nobody' is no member of party 'pm'"),
        (
            ("handoff: 20:30", "handoff: noon"),
            r"rosters\[0\] 'duty'\.rotations\[0\]\.handoff: 'noon' is no time of day",
        ),
        (("handoff: 20:30", "handoff: 20:30:15"), "is no time of day"),
        (("also: [{party: team}]", "also: [{party: x}]"), "party 'x' does not exist"),
        (('"+86 138 0000 0000"', "12"), "member 'boss', sms: address: write a telephone number"),
        (("region: CN", "region: XX"), "no public holidays are known for 'XX'"),
        (("working_until: 17:30", "working_until: 08:00"), "working hours end before they begin"),
        (("calendar: working-hours", "calendar: sometimes"), "more_duties"),
    ],
)
def test_a_fault_in_it_is_named_with_its_remedy(file, change, says):
    assert change[0] in FILE
    file.write_text(FILE.replace(*change).replace("address: 12}", 'address: "12"}'), encoding="utf-8")
    with pytest.raises(Invalid, match=says):
        read_estate(file).register(1)


def test_the_example_estate_is_covered_at_every_hour_of_two_years():
    register = read_estate(EXAMPLE).register(1)
    for hour in range(0, 2 * 366 * 24, 3):
        moment = datetime(2026, 1, 6, tzinfo=UTC) + timedelta(hours=hour)
        assert not reach(register, "property", moment).hole, moment
        assert not reach(register, "lift-firm", moment).hole, moment


def test_contacts_that_a_file_lays_have_an_entry_each_without_an_address(scene):
    def laid():
        found = [entry for entry in scene.ledger() if entry.kind == Kind.CONTACTS_LAID]
        assert "138" not in str([entry.data for entry in found])
        return [(entry.actor, entry.subject, entry.data["channels"]) for entry in found]

    load = LoadEstate(scene.units, scene.clock)
    named = replace(description(), contacts=(NamedContact("guard", "sms", "13800000000"),))
    for _ in range(2):
        load(named, actor="user:root")
        assert laid() == [("user:root", "guard", ["sms"])]
    load(description())
    assert laid()[1:] == [("system", "guard", [])]
    assert [line.text.en for line in scene.queries.ledger_since(ESTATE, 0, None).lines][-1] == (
        "the estate's file changed how a member is reached"
    )


def test_contacts_are_laid_down_and_taken_up_with_the_file_and_members_own_stay(scene):
    load = LoadEstate(scene.units, scene.clock)
    named = replace(description(), contacts=(NamedContact("guard", "sms", "13800000000"),))
    assert not load(named).changed
    (laid,) = contacts(scene, "guard")
    assert (laid.laid, laid.relied_upon) == (True, False)
    with scene.units.writing() as uow:
        own = replace(laid, channel="email", address="a@example.org", laid=False, preference=1)
        uow.contacts.replace("guard", [replace(laid, verified_at=START), own])
        uow.commit()
    load(named)
    assert [c.verified_at for c in contacts(scene, "guard")] == [START, None]
    load(description())
    assert contacts(scene, "guard") == [own]
    assert not any("13800000000" in str(entry.data) for entry in scene.ledger())


def test_a_roster_of_the_file_keeps_its_overrides_when_the_file_is_loaded_anew(scene, file):
    load = LoadEstate(scene.units, scene.clock)
    load(read_estate(file))
    override = Override("o", START, START + timedelta(hours=1), ("boss",))
    with scene.units.writing() as uow:
        uow.rosters.save(uow.registers.find("small").rosters[0].with_override(override))
        uow.commit()
    file.write_text(FILE.replace("handoff: 20:30", "handoff: 07:00"), encoding="utf-8")
    assert load(read_estate(file)).changed
    (roster,) = known(scene, "small").rosters
    assert (roster.overrides, roster.rotations[0].handoff) == ((override,), time(7))


def test_one_login_sees_the_estates_of_all_its_parties_and_acts_for_each(scene):
    guard = description().members[1]
    both = replace(guard, also=(Membership("lift-firm", Role.RESPONDER),))
    members = tuple(both if member.id == "guard" else member for member in description().members)
    LoadEstate(scene.units, scene.clock)(replace(description(), members=members))
    LoadEstate(scene.units, scene.clock)(other())
    with scene.units.reading() as uow:
        assert estates_of(uow, uow.registers.member("guard")) == (ESTATE, "other")
        assert estates_of(uow, uow.registers.member("manager")) == (ESTATE,)
    scene.rings("lift.entrapment", "b1/lift-1")
    assert scene.only_task().responsible.id == "lift-firm"
    scene.acknowledge("guard")
    task = scene.only_task()
    assert task.state == "acknowledged"
    assert task.responsible.id == "lift-firm"
    line = next(e for e in scene.ledger() if e.kind == "task.acknowledged")
    assert (line.actor, line.data["party"]) == ("member:guard", "lift-firm")


def test_what_a_member_is_elsewhere_is_not_lost_by_loading_another_estate(scene):
    technician = next(member for member in description().members if member.id == "technician")
    here = replace(technician, also=(Membership("operator", Role.OPERATOR),))
    members = tuple(here if member.id == "technician" else member for member in description().members)
    load = LoadEstate(scene.units, scene.clock)
    load(replace(description(), members=members))
    there = replace(technician, also=(Membership("other-property", Role.RESPONDER),))
    load(replace(other(), members=(there,)))
    parties = {one.party_id for one in known(scene, "other").members["technician"].memberships}
    assert parties == {"lift-firm", "operator", "other-property"}
    load(replace(description(), estate=replace(description().estate, names=Names("新", "New"))))
    parties = {one.party_id for one in known(scene).members["technician"].memberships}
    assert parties == {"lift-firm", "other-property"}
