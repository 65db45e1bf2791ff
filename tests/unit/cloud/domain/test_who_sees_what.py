"""What a member sees: their area, their parts, what duties name them for, and of homes nothing but their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.domain.community.names import Names
from cloud.domain.community.party import OVERSEES, Member, Membership, PartyKind, PartyRef, Role
from cloud.domain.duties.duty import DutyMatrix
from cloud.domain.duties.register import EquipmentKind
from cloud.domain.duties.routing import route
from cloud.domain.tasks.calls import Call, CallKind
from cloud.domain.tasks.sight import Concern, concern_at, concern_of, concerns_equipment, outlook
from cloud.domain.tasks.transitions import open_task
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME
from tests.fakes.neighbourhood import neighbourhood

REGISTER = neighbourhood().register(1)
DOOR = Concern("access.forced-open", f"{HOME}/b1", parts=frozenset({"property"}))
HOMES = Concern("welfare.no-activity", f"{HOME}/b1", parts=frozenset({"property", "family"}))


def member(party: str, role: Role = Role.RESPONDER, *also: Membership) -> Member:
    return Member("somebody", party, Names("某人", "Somebody"), role, also=also)


def of_kind(kind: PartyKind, *serves: str):
    """The register with one more party."""
    more = replace(REGISTER.parties["locksmith"], id="more", kind=kind, serves=serves)
    return replace(REGISTER, parties={**REGISTER.parties, "more": more}, _by_closeness={})


@pytest.mark.parametrize("kind", [one for one in PartyKind if one is not PartyKind.EXTERNAL])
def test_who_answers_for_an_area_sees_all_of_it_and_nothing_beside_it(kind):
    eyes = outlook(of_kind(kind, f"{HOME}/b1"), member("more"))
    assert eyes.sees(DOOR) is (kind in OVERSEES)
    assert not eyes.sees(replace(DOOR, place_id=f"{HOME}/b2"))
    assert not eyes.sees(replace(DOOR, place_id=f"{HOME}/b11")), "another building whose name begins the same"


@pytest.mark.parametrize("kind", [PartyKind.LIFT_MAINTAINER, PartyKind.VOLUNTEER_TEAM, PartyKind.SOCIAL_ORGANISATION])
def test_a_part_opens_a_matter_whatever_came_of_it_and_wherever_it_is(kind):
    eyes = outlook(of_kind(kind, f"{HOME}/b1"), member("more"))
    assert eyes.sees(replace(DOOR, parts=frozenset({"more"})))
    assert eyes.sees(replace(DOOR, place_id=f"{HOME}/b2", parts=frozenset({"more"})))


def test_what_an_organisation_has_a_part_in_is_not_a_residents_to_see_who_belongs_to_it():
    """Of homes above all: who only lives there sees their own household's."""
    register = of_kind(PartyKind.OWNERS_COMMITTEE, HOME)
    theirs = replace(HOMES, parts=frozenset({"more"}))
    assert not outlook(register, member("more", Role.RESIDENT)).sees(theirs)
    assert outlook(register, member("more", Role.RESPONDER)).sees(theirs)


@pytest.mark.parametrize("ref", [PartyRef("kind", "lift_maintainer"), PartyRef("id", "more")])
def test_whom_the_duty_names_sees_it_where_they_serve(ref):
    eyes = outlook(of_kind(PartyKind.LIFT_MAINTAINER, f"{HOME}/b1"), member("more"))
    named = replace(DOOR, named=frozenset({ref}))
    assert eyes.sees(named)
    assert not eyes.sees(replace(named, place_id=f"{HOME}/b2"))
    assert not eyes.sees(
        replace(DOOR, named=frozenset({PartyRef("kind", "police"), PartyRef("id", "lift_maintainer")}))
    )


def test_of_homes_a_name_in_a_duty_and_an_area_open_nothing():
    for party in ("fire-room", "lift-firm", "police", "volunteers"):
        named = replace(HOMES, named=frozenset({PartyRef("id", party)}))
        assert not outlook(REGISTER, member(party, Role.ADMINISTRATOR)).sees(named)
    assert outlook(REGISTER, member("family", Role.RESIDENT)).sees(HOMES)
    assert outlook(REGISTER, member("street", Role.OVERSEER)).sees(replace(HOMES, parts=frozenset()))
    assert not outlook(REGISTER, member("street", Role.RESPONDER)).sees(replace(HOMES, parts=frozenset()))


def test_one_who_acts_for_several_parties_sees_what_each_of_them_does():
    both = member("lift-firm", Role.RESPONDER, Membership("committee", Role.RESPONDER))
    assert outlook(REGISTER, both).sees(DOOR)
    at_home = member("lift-firm", Role.RESPONDER, Membership("committee", Role.RESIDENT))
    assert not outlook(REGISTER, at_home).sees(DOOR), "who lives there oversees nothing"


def test_who_runs_the_installation_sees_what_its_nodes_raise_all_over_the_estate_but_nothing_of_homes():
    assert outlook(REGISTER, member("operator", Role.ADMINISTRATOR)).sees(DOOR)
    assert outlook(REGISTER, member("operator", Role.OPERATOR)).sees(DOOR)
    assert not outlook(REGISTER, member("operator", Role.RESPONDER)).sees(DOOR)
    assert not outlook(REGISTER, member("operator", Role.OPERATOR)).sees(replace(HOMES, parts=frozenset()))
    silent = concern_at(REGISTER, "node.silent", f"{HOME}/b1")
    assert outlook(REGISTER, member("operator", Role.OPERATOR)).sees(silent)


def test_who_decides_disputes_sees_whatever_may_be_in_dispute():
    estate = replace(REGISTER.estate, arbiter_party_id="police")
    assert outlook(replace(REGISTER, estate=estate), member("police")).sees(DOOR)
    assert not outlook(REGISTER, member("police")).sees(DOOR)


def test_whom_nobody_knows_here_sees_nothing():
    assert not outlook(REGISTER, member("elsewhere", Role.ADMINISTRATOR)).sees(DOOR)


def test_what_is_the_estates_own_is_everybodys():
    assert outlook(REGISTER, member("volunteers")).sees(None)


def test_a_row_that_another_always_outranks_names_nobody():
    general, exact = (
        replace(row, id=id_, hazards=(pattern,), leads=(PartyRef("kind", kind),), supports=(), observers=())
        for row in REGISTER.matrix.duties[:1]
        for id_, pattern, kind in (("general", "access.*", "police"), ("exact", "access.forced-open", "grid_worker"))
    )
    known = replace(REGISTER, matrix=DutyMatrix(1, (general, exact)))
    assert concern_at(known, "access.forced-open", f"{HOME}/b1").named >= {PartyRef("kind", "grid_worker")}
    assert PartyRef("kind", "police") not in concern_at(known, "access.forced-open", f"{HOME}/b1").named
    assert PartyRef("kind", "police") in concern_at(known, "access.held-open", f"{HOME}/b1").named


def test_a_lift_firm_has_to_do_with_lifts_and_not_with_doors():
    lifts = outlook(REGISTER, member("lift-firm"))
    found = {item.kind for item in REGISTER.equipment.values() if concerns_equipment(REGISTER, lifts, item)}
    assert found == {EquipmentKind.LIFT}
    property_ = outlook(REGISTER, member("property"))
    assert all(concerns_equipment(REGISTER, property_, item) for item in REGISTER.equipment.values())


def test_who_was_called_sees_it_for_as_long_as_the_call_is_on_record():
    """As after a merger: the part has gone on into the other task, and the call stays where it was answered."""
    ids = iter(range(100))
    task = open_task(
        "t", estate=ESTATE, incident_id="i", hazard="lift.door-fault", life_safety=False, mode="real",
        routing=route(REGISTER, "lift.door-fault", f"{HOME}/b1", START), now=START, new_id=lambda: f"a{next(ids)}",
    )  # fmt: skip
    eyes = outlook(REGISTER, member("locksmith"))
    assert not eyes.sees(concern_of(task, f"{HOME}/b1"))
    task.calls.append(Call("c", CallKind.HELP, "lift-firm", "technician", "locksmith", START, finished_at=START))
    assert eyes.sees(concern_of(task, f"{HOME}/b1"))
