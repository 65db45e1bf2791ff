"""The call sheet names the officers after the numbers; numbers of persons are for duty rooms (governance.md, Vertical)."""

from dataclasses import replace
from datetime import time

import pytest

from cloud.application.asking.duty_room import AskDutyRoom
from cloud.domain.community.access import Purpose
from cloud.domain.community.names import Names
from cloud.domain.community.roster import Roster, Shift
from tests.fakes.channels import reach
from tests.fakes.estate import ESTATE, description
from tests.fakes.scene import Scene

MOBILE = "13800138000"


def estate(*, rostered: bool = True):
    """Its firms have telephones of their own, the lift firm but for the street; a technician is on duty."""
    known = description()
    numbers = {"street": None} | {
        party.id: f"0576-{n:04}" for n, party in enumerate(known.parties) if party.id != "street"
    }
    parties = tuple(p if p.external else replace(p, phone=numbers[p.id]) for p in known.parties)
    roster = Roster(
        "r", ESTATE, "lift-firm", Names("值班", "On call"), shifts=(Shift(("technician",), time(0), time(0)),)
    )
    return replace(known, parties=parties, rosters=(roster,) if rostered else ())


def sheet(scene, member):
    return {
        one.party.id: one
        for one in scene.queries.incident(scene.only_task().incident_id, scene.identity(member)).officers
    }


def room(scene, member, purpose=Purpose.SESSION):
    viewer = replace(scene.identity(member), purpose=purpose)
    return {one.party.id: one for one in AskDutyRoom(scene.units, scene.clock)(ESTATE, viewer).officers}


@pytest.fixture
def scene():
    scene = Scene(estate=estate())
    reach(scene.units, "technician", "email:t@example.org", f"sms:{MOBILE}", f"voice:{MOBILE}")
    scene.rings("lift.entrapment", "b1/lift-1")
    return scene


def test_after_the_numbers_come_who_has_a_part_in_it_and_whom_its_ladder_calls_and_nobody_phones_themselves(scene):
    incident = scene.queries.incident(scene.only_task().incident_id, scene.identity("manager"))
    assert [call.phone for call in incident.call_sheet] == ["96333", "119"]
    parties = [one.party.id for one in incident.officers]
    assert parties[0] == "lift-firm", "who leads comes first"
    assert "property" not in parties
    assert {one.phone for one in incident.officers}.isdisjoint({"96333", "119", None})
    assert "property" in sheet(scene, "technician")
    assert all(one.people == () for one in incident.officers)


def test_who_has_declined_is_phoned_no_more_and_who_has_not_answered_still_is(scene):
    scene.passes(minutes=31)
    (part,) = (one for one in scene.only_task().assignments if one.party.id == "lift-firm")
    assert part.state == "expired"
    assert "lift-firm" in sheet(scene, "manager")
    other = Scene(estate=estate())
    other.rings("lift.entrapment", "b1/lift-1")
    other.aside.decline(other.only_task().id, "technician", "another firm's lift")
    assert "lift-firm" not in sheet(other, "manager")


@pytest.mark.parametrize(
    ("member", "sees"), [("guard", True), ("watch", True), ("street-officer", False), ("clerk", False)]
)
def test_the_number_of_a_person_is_on_the_duty_rooms_sheet_of_property_and_control_room_only(scene, member, sees):
    people = [(one.names.en, one.phone) for one in room(scene, member)["lift-firm"].people]
    assert people == ([("technician", MOBILE)] if sees else [])
    assert MOBILE not in str(sheet(scene, member))


def test_a_program_sees_no_number_of_a_person_and_nor_does_a_resident(scene):
    for member, purpose in (("guard", Purpose.API), ("neighbour", Purpose.SESSION)):
        assert MOBILE not in str(room(scene, member, purpose))


def test_where_no_life_is_at_stake_no_number_of_a_person_is_shown():
    scene = Scene(estate=estate())
    reach(scene.units, "technician", f"sms:{MOBILE}")
    scene.rings("lift.overspeed", "b1/lift-1")
    assert (room(scene, "guard")["lift-firm"].people, room(scene, "guard")["lift-firm"].phone) == ((), "0576-0003")


def test_only_who_is_on_duty_by_a_roster_with_a_number_that_was_proven_is_named(scene):
    reach(scene.units, "technician", f"sms:{MOBILE}", verified_at=None)
    assert room(scene, "guard")["lift-firm"].people == ()
    unrostered = Scene(estate=estate(rostered=False))
    reach(unrostered.units, "technician", f"sms:{MOBILE}")
    unrostered.rings("lift.entrapment", "b1/lift-1")
    officer = room(unrostered, "guard")["lift-firm"]
    assert (officer.people, officer.phone) == ((), "0576-0003")


def test_a_matter_without_danger_to_life_and_without_numbers_names_nobody_to_phone():
    scene = Scene(estate=estate())
    scene.rings("access.forced-open", "b1/door")
    assert sheet(scene, "street-officer") == {}
