"""A step's targets (party, role, roster, member): whom each calls, and that one which is nobody is passed and not widened."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from cloud.adapters.estate_file.sheet import YamlSheet
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Membership, PartyRef, Role
from cloud.domain.community.roster import Roster, Shift
from cloud.domain.duties.channels import Answering, Channel, Channels
from cloud.domain.duties.coverage import Gap, coverage
from cloud.domain.duties.duty import Duty, DutyMatrix, with_safety_floor
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Repeat, Step
from cloud.domain.duties.oversight import one_level_up
from cloud.domain.duties.reach import Ground, callable_members, reach
from cloud.domain.duties.reached import CallRole, who_is_reached
from cloud.domain.duties.target import Narrowed, Only
from cloud.domain.duties.target_problems import target_problems, target_warnings
from cloud.domain.duties.targets import next_level, targets_of
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, description

MINUTE, PLACE = timedelta(minutes=1), f"{HOME}/b1"
PROPERTY = PartyRef("kind", "property_manager")
BY_DAY, BY_NIGHT = (time(8), time(20)), (time(20), time(8))


def role(name, party=PROPERTY):
    return Narrowed(Only("role", name), party)


def roster(name):
    return Narrowed(Only("roster", name))


def member(name):
    return Narrowed(Only("member", name))


def step(*targets, after=10, **extra):
    return Step(after * MINUTE, Condition.IF_NOT_ACKNOWLEDGED, targets, **extra)


def shifts(name, who, hours, party="property"):
    return Roster(name, ESTATE, party, Names("夜班", "Nights"), (), (Shift(who, *hours),))


def estate(*steps, rosters=(), hazard="lift.entrapment", **duty):
    """The property has a director and a deputy with the manager's role, and one ladder."""
    told = description()
    chief = Member("director", "property", Names("主任", "Director"), Role.MANAGER)
    row = Duty(
        "row", (hazard,), (PartyRef("kind", "lift_maintainer"),), 3 * MINUTE, 60 * MINUTE, Names("约定", "agreed"),
        ladder=EscalationPolicy(steps), **duty,
    )  # fmt: skip
    known = replace(told, members=(*told.members, chief), duties=(row,), rosters=tuple(rosters))
    return known.register(1)


def called(register, *targets, life=False, **extra):
    """Whom a step of these targets calls now, party by party: those at once, those after them."""
    meant = targets_of(register, step(*targets, **extra), PLACE, START, life_safety=life)
    people = {}
    for party in meant.called:
        found = reach(register, party.id, START, meant.only.get(party.id, ()))
        people[party.id] = ([one.id for one in found.first], [one.id for one in found.then])
    return people


def test_a_role_calls_those_on_duty_with_it_first_and_the_others_with_it_after_them():
    known = estate(rosters=[shifts("day", ("guard", "manager"), BY_DAY)])
    assert called(known, role("manager")) == {"property": (["manager"], ["director"])}
    assert reach(known, "property", START, (Only("role", "manager"),)).ground is Ground.BY_ROLE


def test_a_role_that_nobody_on_duty_has_calls_all_who_have_it():
    known = estate(rosters=[shifts("day", ("guard",), BY_DAY)])
    assert called(known, role("manager")) == {"property": (["manager", "director"], [])}


def test_a_roster_calls_those_on_duty_by_it_and_nobody_else():
    known = estate(rosters=[shifts("day", ("guard",), BY_DAY), shifts("duty", ("director",), BY_DAY)])
    assert called(known, roster("duty")) == {"property": (["director"], [])}
    assert called(known, PROPERTY) == {"property": (["guard", "director"], ["manager"])}


def test_a_member_is_called_in_person_for_the_party_that_serves_the_place():
    known = estate()
    elsewhere = Member(
        "director", "nowhere", Names("主任", "Director"), Role.MANAGER, also=(Membership("property", Role.MANAGER),)
    )
    assert called(known, member("director")) == {"property": (["director"], [])}
    moved = replace(known, members={**known.members, "director": elsewhere}, _by_closeness={})
    assert called(moved, member("director")) == {"property": (["director"], [])}


def test_two_targets_of_one_party_are_one_call_in_which_everybody_is_called_once():
    known = estate(rosters=[shifts("day", ("guard", "manager"), BY_DAY)])
    assert called(known, role("manager"), member("director")) == {"property": (["manager", "director"], [])}
    assert (
        reach(known, "property", START, (Only("role", "manager"), Only("member", "director"))).ground is Ground.BY_STEP
    )
    assert called(known, role("manager"), PROPERTY) == {"property": (["guard", "manager"], ["director"])}


@pytest.mark.parametrize(
    "target", [role("operator"), roster("night"), roster("gone"), member("gone"), member("neighbour")]
)
def test_a_target_that_is_nobody_is_missed_and_not_widened_to_its_party(target):
    known = estate(rosters=[shifts("night", ("guard",), BY_NIGHT)])
    meant = targets_of(known, step(target), PLACE, START, life_safety=True)
    assert (meant.reaches_nobody, meant.missed, meant.stood_in) == (True, (target,), False)
    assert meant.unreached == [str(target)]


def test_where_a_call_sheet_names_people_their_partys_telephone_is_dialled_whoever_is_there():
    known = estate(rosters=[shifts("night", ("guard",), BY_NIGHT)])
    for target in (role("manager"), roster("night")):
        meant = targets_of(known, step(target, call_sheet=True), PLACE, START, life_safety=True)
        assert [one.phone for one in meant.numbers] == ["12345"]


NOBODY = st.sampled_from([role("operator"), roster("night"), roster("gone"), member("gone")])


@given(st.lists(st.lists(NOBODY, min_size=1, max_size=3), min_size=1, max_size=3), st.booleans(), st.booleans())
def test_a_life_safety_ladder_whose_targets_are_all_nobody_ends_in_the_call_sheet(ladder, endless, numbered):
    repeat = Repeat(2 * MINUTE) if endless else None
    sheet = (PartyRef("phone", "119"),) if numbered else ()
    steps = [step(*targets, after=number + 1, repeat=repeat) for number, targets in enumerate(ladder)]
    known = estate(rosters=[shifts("night", ("guard",), BY_NIGHT)])
    row = replace(known.matrix.duties[0], ladder=EscalationPolicy(tuple(steps)), call_sheet=sheet)
    last = [one for one in with_safety_floor(row, PartyRef("id", "property")).ladder.steps if one.call_sheet]
    assert last
    for one in last:
        meant = targets_of(known, one, PLACE, START, life_safety=True)
        assert one.endless
        assert meant.numbers, "somebody is phoned"
        assert meant.called or numbered


def test_whoever_was_called_in_part_may_still_take_over_as_a_whole():
    known = estate(step(member("director")), hazard="access.forced-open")
    lead, row = known.parties["lift-firm"], known.matrix.duties[0]
    above = one_level_up(known, lead, PLACE)
    assert next_level(known, row, lead, place_id=PLACE, moment=START, asked={lead.id}) == above
    assert above.id == "property"


def test_who_is_reached_tonight_shows_the_manager_on_duty_then_the_director_by_name_and_who_is_missed():
    known = estate(
        step(role("manager")), step(member("director"), after=20), step(roster("night"), after=30), hazard="lift.door-fault",
        rosters=[shifts("day", ("manager", "guard"), BY_DAY), shifts("night", ("guard",), BY_NIGHT)],
    )  # fmt: skip
    _, ten, twenty, thirty, _ = who_is_reached(known, Channels(console=True), "lift.door-fault", PLACE, START).calls
    assert [(one.party.id, [p.member.id for p in one.first]) for one in ten.parties] == [("property", ["manager"])]
    assert [p.member.id for p in ten.parties[0].then] == ["director"]
    assert ten.parties[0].ground is Ground.BY_ROLE
    assert [p.member.id for p in twenty.parties[0].first] == ["director"]
    assert twenty.parties[0].ground is Ground.BY_NAME
    assert (thirty.reaches_nobody, thirty.missed) == (True, (roster("night"),))


def test_how_surely_is_judged_by_those_who_are_meant_and_not_by_their_colleagues():
    known = estate(step(member("director")))
    channels = Channels({"guard": (Channel("sms", verified=True),), "director": ()})
    calls = who_is_reached(known, channels, "lift.entrapment", PLACE, START).calls
    (director,) = [one for call in calls for one in call.parties if one.only]
    assert director.answering is Answering.NOBODY


def holes(register, channels=None):
    proven = {name: (Channel("sms", verified=True),) for name in register.members}
    found = coverage(register, channels or Channels(proven), START).holes
    return [one for one in found if one.role is CallRole.CALLED and one.only and one.hazard == "lift.entrapment"]


def test_a_roster_that_a_ladder_names_is_a_hole_for_the_hours_in_which_nobody_is_on_it():
    known = estate(step(roster("night")), rosters=[shifts("night", ("guard",), BY_NIGHT)])
    found = holes(known)
    assert {(one.gap, one.owner_id, one.weak) for one in found} == {(Gap.EMPTY_ROSTER, "property", False)}
    local = {known.estate.local(one.starts_at).time() for one in found if one.starts_at != START}
    assert local == {time(8)}


@pytest.mark.parametrize(
    ("target", "gap", "owner"),
    [
        (member("gone"), Gap.NO_MEMBERS, "property"), (roster("gone"), Gap.NO_MEMBERS, "property"),
        (role("operator", PartyRef("kind", "lift_maintainer")), Gap.NO_MEMBERS, "lift-firm"),
    ],
)  # fmt: skip
def test_a_life_safety_ladder_that_names_nobody_is_a_hole_at_every_hour(target, gap, owner):
    known = estate()
    row = replace(known.matrix.duties[0], ladder=EscalationPolicy((step(target),)))
    known = replace(known, matrix=DutyMatrix(2, (row,)), _by_closeness={})
    assert {(one.gap, one.owner_id, one.weak, one.only) for one in holes(known)} == {
        (gap, owner, False, (target.only,))
    }
    assert all((one.starts_at, one.ends_at) == (START, START + timedelta(days=7)) for one in holes(known))


def test_a_named_person_without_a_channel_is_a_hole_although_the_party_has_others_who_are_reached():
    known = estate(step(member("director")))
    channels = Channels({n: (Channel("sms", verified=True),) for n in known.members if n != "director"})
    assert {(one.gap, one.owner_id) for one in holes(known, channels)} == {(Gap.NO_CHANNEL, "property")}
    assert holes(known) == []


def problems(*targets, hazard="lift.*"):
    known = estate(step(*targets), hazard=hazard) if not targets else estate(hazard=hazard)
    row = replace(known.matrix.duties[0], hazards=(hazard,), ladder=EscalationPolicy((step(*targets),)))
    return list(
        target_problems([row], known.parties.values(), known.members.values(), [shifts("day", ("guard",), BY_DAY)])
    )


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (roster("nigt"), "duty 'row': roster:nigt is no roster of this estate; make it, or name one that there is: day"),
        (member("direktor"), "duty 'row': member:direktor is no member here; add them, or correct the id"),
        (member("neighbour"), "duty 'row': member:neighbour is called for their own household only; name somebody who acts"),
        (role("manager", PartyRef("kind", "external")), "duty 'row': external/manager has no members here; name it by its"),
    ],
)  # fmt: skip
def test_a_target_that_cannot_be_is_refused_with_what_to_do(target, said):
    (found,) = problems(target)
    assert found.startswith(said)


def test_a_role_that_nobody_has_today_is_no_fault_but_a_warning():
    assert problems(role("operator"), role("manager"), roster("day"), member("director")) == []
    known = estate(step(role("operator"), role("manager"), member("director")))
    (warned,) = target_warnings(known)
    assert "property_manager/operator is nobody here (it has no operators)" in warned
    left = {name: one for name, one in known.members.items() if name != "director"}
    assert any(
        "member:director is nobody" in one for one in target_warnings(replace(known, members=left, _by_closeness={}))
    )


def test_the_estates_file_may_be_loaded_again_although_a_row_in_force_names_who_has_left():
    known = estate(step(member("director")))
    told = replace(description(), duties=known.matrix.duties)
    assert told.register(2, known.matrix).matrix.duties == known.matrix.duties
    edited = replace(known.matrix.duties[0], tto=4 * MINUTE)
    with pytest.raises(Exception, match="member:director is no member here"):
        replace(told, duties=(edited,)).register(2, known.matrix)


MATRIX = TypeAdapter(tuple[Duty, ...])
BEFORE = '[{"by":"kind","value":"property_manager"},{"by":"phone","value":"119"}]'


def test_a_matrix_that_was_stored_before_loads_and_is_stored_as_it_was():
    (row,) = estate(step(PROPERTY, PartyRef("phone", "119"))).matrix.duties
    stored = MATRIX.dump_json((row,))
    assert f'"targets":{BEFORE}'.encode() in stored
    assert MATRIX.validate_json(stored) == (row,)


@given(
    st.lists(
        st.sampled_from([PROPERTY, role("manager"), roster("night"), member("x"), PartyRef("phone", "119")]), min_size=1
    )
)
def test_what_is_stored_and_what_is_written_down_read_back_as_the_same(targets):
    row = replace(estate().matrix.duties[0], ladder=EscalationPolicy((step(*targets),)))
    assert MATRIX.validate_json(MATRIX.dump_json((row,))) == (row,)
    assert YamlSheet().read(YamlSheet().write((row,))) == (row,)


def test_nobody_of_a_party_is_called_who_does_not_act_for_it():
    known = estate()
    for who in (role("resident"), member("neighbour")):
        assert called(known, who) == {}
    assert {one.id for one in callable_members(known, "property")} == {"manager", "guard", "director"}


def test_nobody_is_warned_of_who_serves_a_part_of_the_estate_alone():
    known = estate(step(member("director"), role("manager")))
    inside = replace(known.parties["property"], serves=(PLACE,))
    there = replace(known, parties={**known.parties, "property": inside}, _by_closeness={})
    assert list(target_warnings(there)) == []
    assert called(there, member("director")) == {"property": (["director"], [])}


def test_only_where_life_is_at_stake_does_the_fallback_party_stand_in_for_who_is_nobody():
    again = step(PartyRef("kind", "police"), repeat=Repeat(2 * MINUTE))
    known = estate()
    assert targets_of(known, again, PLACE, START, life_safety=True).stood_in
    meant = targets_of(known, again, PLACE, START, life_safety=False)
    assert (meant.reaches_nobody, meant.stood_in) == (True, False), "its ladder goes one level up"
