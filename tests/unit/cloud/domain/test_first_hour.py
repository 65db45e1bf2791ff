"""What a new estate still lacks until an alarm in it reaches somebody."""

from __future__ import annotations

from dataclasses import replace

from cloud.adapters.estate_file.first_estate import first_estate
from cloud.application.accounts.make_administrator import FirstPlace
from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, PartyKind
from cloud.domain.community.quick_building import read_buildings
from cloud.domain.duties.amending import amended, changes, described
from cloud.domain.duties.first_hour import FirstHour, Step
from cloud.domain.duties.laying_out import laid_out
from tests.fakes.estate import description

HOME = "street/community/estate-1"


def empty():
    return first_estate(FirstPlace(Names("花园", "Garden"), Names("运维", "Operator")))


def hour(register, *, spoken=(), peopled=(), tested=False):
    return FirstHour(register, frozenset(spoken), frozenset(peopled), tested)


def test_of_an_empty_estate_everything_is_missing_and_the_first_step_comes_first():
    begun = hour(empty())
    assert [step for step in Step if begun.done(step)] == []
    assert begun.next is Step.ESTATE


def test_who_leads_is_missing_as_long_as_no_row_has_anybody_and_no_longer():
    register = empty()
    assert PartyKind.LIFT_MAINTAINER in hour(register).unplayed
    assert not {PartyKind.HOUSEHOLD, PartyKind.EXTERNAL} & set(hour(register).unplayed)
    for kind in (PartyKind.PROPERTY_MANAGER, PartyKind.LIFT_MAINTAINER, PartyKind.RESIDENTS_COMMITTEE):
        party = Party(kind.replace("_", "-"), kind, Names("某", "Some"), (HOME,))
        register = replace(register, parties={**register.parties, party.id: party})
    assert hour(register).unplayed == (), "where there is a property manager no fire control room is missing"
    assert [party.id for party in hour(register, peopled=["operator"]).empty] == [
        "lift-maintainer", "property-manager", "residents-committee",
    ]  # fmt: skip


def test_people_are_done_when_of_each_party_that_leads_somebody_has_a_proven_way():
    known = hour(description().register(1))
    led = [party.id for one in known.roles if one.needed for party in one.parties]
    assert not replace(known, peopled=frozenset(led)).done(Step.MEMBERS), "they are there, and nobody can reach them"
    assert [party.id for party in replace(known, reachable=frozenset(led[1:])).unreached] == led[:1]
    assert replace(known, peopled=frozenset(led), reachable=frozenset(led)).done(Step.MEMBERS)


def test_a_node_of_another_estate_or_none_that_speaks_is_not_enough():
    known = description().register(1)
    assert not hour(known, spoken=["stranger"]).done(Step.NODE)
    assert hour(known, spoken=["b1-node"]).done(Step.NODE)


def test_a_line_said_again_adds_only_what_is_new():
    known = described(empty())
    once = amended(known, laid_out(known, read_buildings("3, floors 2, lifts 1")))
    again = amended(once, laid_out(once, read_buildings("building 3, floors 3, lifts 1")))
    assert changes(once, once) == ()
    (found,) = changes(once, again)
    assert (found.table, found.added) == ("places", (f"{HOME}/b3/f3",))
    again.register(2)
