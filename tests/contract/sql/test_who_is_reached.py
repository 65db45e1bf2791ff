"""Rosters, contacts, handovers and memberships are kept as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

from cloud.domain.community.contacts import Contact
from cloud.domain.community.names import Names
from cloud.domain.community.party import Membership, Role
from cloud.domain.community.public_days import DayRule, PublicDays
from cloud.domain.community.roster import Override, Roster, Rotation, Shift
from cloud.domain.records.handover import Handover, Item, ItemKind, Signature
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, register

ROSTER = Roster(
    "guards",
    ESTATE,
    "property",
    Names("保安", "Guards"),
    (Rotation(("guard", "manager"), date(2026, 11, 1), time(8, 30), 7, DayRule.WORKDAYS),),
    (Shift(("guard",), time(20), time(8), frozenset({6, 7}), DayRule.HOLIDAYS, date(2026, 1, 1), date(2027, 1, 1)),),
    (Override("o", START, START + timedelta(hours=1), ("manager",), "guard", "ill"),),
    laid=True,
)


def stored(units, **changes):
    with units.writing() as uow:
        uow.registers.store(replace(register(), **changes), "digest")
        uow.commit()


def found(units):
    with units.reading() as uow:
        return uow.registers.find(ESTATE)


def test_a_register_is_kept_with_its_rosters_calendar_and_memberships(units):
    days = PublicDays("DE", frozenset({date(2026, 11, 26)}), frozenset({date(2026, 11, 28)}))
    estate = replace(register().estate, days=days, working_from=time(8), working_until=time(17))
    both = replace(register().members["manager"], also=(Membership("operator", Role.OPERATOR),))
    stored(units, estate=estate, rosters=(ROSTER,), members={**register().members, "manager": both})
    known = found(units)
    assert (known.estate, known.rosters) == (estate, (ROSTER,))
    assert known.members["manager"] == both
    with units.reading() as uow:
        assert uow.registers.member("manager") == both


def test_a_language_that_a_member_chose_outlasts_the_file_and_one_that_is_rolled_back_is_none(units):
    stored(units)
    assert found(units).members["guard"].language == "zh"
    with units.writing() as uow:
        uow.registers.choose_language("guard", "en")
        assert uow.registers.find(ESTATE).members["guard"].language == "en"
    assert found(units).members["guard"].language == "zh"
    with units.writing() as uow:
        uow.registers.choose_language("guard", "en")
        uow.commit()
    assert found(units).members["guard"].language == "en"
    stored(units)
    assert {one.id: one.language for one in found(units).members.values() if one.language == "en"} == {"guard": "en"}
    with units.reading() as uow:
        assert uow.registers.member("guard").language == "en"


def test_a_roster_that_changes_is_in_the_next_register_and_one_that_is_rolled_back_is_not(units):
    stored(units)
    assert found(units).rosters == ()
    with units.writing() as uow:
        uow.rosters.save(ROSTER)
        assert uow.registers.find(ESTATE).rosters == (ROSTER,)
    assert found(units).rosters == ()
    changed = replace(ROSTER, revision=2, overrides=())
    for roster in (ROSTER, changed):
        with units.writing() as uow:
            uow.rosters.save(roster)
            uow.commit()
        assert found(units).rosters == (roster,)
    assert found(units) is found(units)
    with units.writing() as uow:
        uow.rosters.remove(ESTATE, "guards")
        uow.commit()
    assert found(units).rosters == ()


def test_contacts_are_kept_by_member_in_order_of_preference(units):
    stored(units)
    first = Contact("guard", "sms", "13800000000", START, 0, time(22), time(7), True, True, "ab" * 32, START, 2)
    second = Contact("guard", "email", "a@example.org", preference=1)
    with units.writing() as uow:
        uow.contacts.replace("guard", [second, first])
        uow.contacts.replace("manager", [replace(second, member_id="manager")])
        uow.commit()
    with units.writing() as uow:
        assert uow.contacts.of("guard") == [first, second]
        uow.contacts.replace("guard", [replace(second, verified_at=START)])
        uow.commit()
    with units.reading() as uow:
        assert uow.contacts.of("guard") == [replace(second, verified_at=START)]
        assert len(uow.contacts.of("manager")) == 1
        assert uow.contacts.of("nobody") == []


def test_handovers_are_kept_newest_first(units):
    item = Item(ItemKind.TASK, "t", Names("电梯", "Lift"), "new", life_safety=True)
    old = Handover("1", ESTATE, "property", START, "guard", (item,), "note", Signature("guard", START))
    new = replace(old, id="2", drawn_at=START + timedelta(hours=8), coming=Signature("manager", START))
    with units.writing() as uow:
        for handover in (old, new, replace(old, id="3", party_id="lift-firm")):
            uow.handovers.save(handover)
        uow.commit()
    with units.reading() as uow:
        assert uow.handovers.get("2") == new
        assert [h.id for h in uow.handovers.of(ESTATE)] == ["2", "3", "1"]
        assert uow.handovers.of(ESTATE, parties=["property"], limit=1) == [new]
        assert uow.handovers.of("elsewhere") == []


def test_contacts_of_several_members_are_read_at_once(units):
    sms, mail = Contact("guard", "sms", "13800001111"), Contact("guard", "email", "x@example.org", preference=1)
    other = Contact("manager", "sms", "13800002222")
    stored(units)
    with units.writing() as uow:
        uow.contacts.replace("guard", [mail, sms])
        uow.contacts.replace("manager", [other])
        uow.commit()
    with units.reading() as uow:
        assert {name: list(found) for name, found in uow.contacts.among(["guard", "nobody"]).items()} == {
            "guard": [sms, mail]
        }
        many = uow.contacts.among([*(f"m{number}" for number in range(600)), "manager"])
        assert {name: list(found) for name, found in many.items()} == {"manager": [other]}
