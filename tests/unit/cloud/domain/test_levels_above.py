"""One rule says who stands above whom, for holes, for what is taken over and for disputes; a township has a street's powers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.domain.community.emergency import ANYWHERE, numbers_of, numbers_of_all, rescue_number
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.consultation.terms import CONVENES, acting_for
from cloud.domain.duties.call_sheet import first_number
from cloud.domain.duties.oversight import ABOVE, levels_above, one_level_up
from cloud.domain.tasks.arbitration import first_arbiter, higher_arbiter
from cloud.domain.tasks.joint_refusals import may_whistle
from tests.fakes.clocks import START
from tests.fakes.estate import HOME, description, register

PARTIES = [party.id for party in register().parties.values() if not party.external]


def in_the_country():
    """The same estate outside town: a township where the street office was."""
    plain = description()
    parties = [replace(one, kind=PartyKind.TOWNSHIP) if one.id == "street" else one for one in plain.parties]
    return replace(plain, parties=tuple(parties)).register(1)


@pytest.mark.parametrize("party", PARTIES)
def test_who_decides_over_a_party_is_who_takes_over_from_it(party):
    known = register()
    one = known.parties[party]
    above = higher_arbiter(known, one, HOME, ())
    if above is None:
        assert one.kind is PartyKind.STREET_OFFICE, "above the street nobody is"
    else:
        assert above == one_level_up(known, one, HOME)


def test_an_arbiter_that_is_in_the_dispute_gives_way_to_the_next_level_that_is_not():
    plain = description()
    known = replace(plain, estate=replace(plain.estate, arbiter_party_id="property")).register(1)
    assert first_arbiter(known, HOME, ()).id == "property"
    assert first_arbiter(known, HOME, {"property"}).id == "committee"
    assert first_arbiter(known, HOME, {"property", "committee"}).id == "street"


def test_nobody_decides_who_has_no_people_here():
    known = register()
    known = replace(
        known, _by_closeness={}, members={k: m for k, m in known.members.items() if m.party_id != "committee"}
    )
    assert higher_arbiter(known, known.parties["property"], HOME, ()).id == "street"


def test_where_nobody_of_the_arbiter_is_here_somebody_decides_all_the_same():
    known = register()
    gone = {"street"}
    for disputing, decides in (
        (set(), "committee"),
        ({"committee"}, "property"),
        ({"committee", "property"}, "property"),
    ):
        left = {k: m for k, m in known.members.items() if m.party_id not in gone}
        assert first_arbiter(replace(known, _by_closeness={}, members=left), HOME, disputing).id == decides


def test_a_party_organisation_stands_with_the_community_and_below_the_street():
    plain = description()
    body = Party("party-branch", PartyKind.PARTY_ORGANISATION, Names("党支部", "Party branch"), (HOME,))
    parties = (*(one for one in plain.parties if one.id != "committee"), body)
    members = tuple(one for one in plain.members if one.party_id != "committee")
    secretary = Member("secretary", body.id, Names("书记", "Secretary"), Role.OVERSEER)
    known = replace(plain, parties=parties, members=(*members, secretary)).register(1)
    assert [one.id for one in levels_above(known, known.parties["property"], HOME)] == ["party-branch", "street"]
    assert [one.id for one in levels_above(known, body, HOME)] == ["street"]


def test_a_township_has_the_powers_of_a_street():
    known = in_the_country()
    officer = known.members["street-officer"]
    assert known.arbiter.id == "street"
    assert may_whistle(known, officer, HOME)
    assert not may_whistle(known, replace(officer, role=Role.RESPONDER), HOME)
    assert acting_for(known, officer, CONVENES) == "street"
    assert one_level_up(known, known.parties["committee"], HOME).id == "street"
    assert [one.id for one in known.streets(HOME)] == ["street"]


def test_every_kind_with_an_account_has_its_place_below_or_is_the_top():
    top = {PartyKind.STREET_OFFICE, PartyKind.TOWNSHIP}
    assert ABOVE.keys() == set(PartyKind) - top - {PartyKind.EXTERNAL}


def test_the_numbers_of_a_country_are_said_once():
    assert numbers_of("GB").by_number() == {"999": ("fire", "ambulance", "police")}
    assert numbers_of("CN").by_number()["96333"] == ("lifts",)
    assert rescue_number("DE") == ANYWHERE
    assert len(numbers_of_all(["CN", "GB", "CN"])) == 2


def test_whom_one_dials_first_is_on_the_estates_own_call_sheet():
    known = register()
    assert first_number(known, "lift.entrapment", f"{HOME}/b1", START) == "96333"
    assert first_number(known, "fire.smoke", f"{HOME}/b1", START) == "119"
    assert first_number(known, "access.held-open", f"{HOME}/b1", START) is None
    bare = replace(known, matrix=replace(known.matrix, duties=()))
    assert first_number(bare, "lift.entrapment", f"{HOME}/b1", START) == "119", "failing that, fire and rescue"
