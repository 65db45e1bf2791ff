"""Parties and members serve several estates; describing one of them takes nothing from another."""

from dataclasses import replace

import pytest

from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.community.place import Place, PlaceKind
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.register import Estate
from cloud.errors import Invalid
from tests.fakes.estate import ESTATE, HOME, description

OTHER = "street/community/grid-1/other"


def other(*, lift_firm="Lift maintainer", member=None):
    return EstateDescription(
        estate=Estate("other", OTHER, Names("另一小区", "Other estate"), "other-property"),
        places=(*description().places[:3], Place(OTHER, PlaceKind.ESTATE, Names("另一小区", "Other estate"))),
        parties=(
            Party("other-property", PartyKind.PROPERTY_MANAGER, Names("物业", "Property"), (OTHER,)),
            Party("lift-firm", PartyKind.LIFT_MAINTAINER, Names("维保单位", lift_firm), (OTHER,), "12345"),
        ),
        members=() if member is None else (member,),
    )


def test_a_firm_that_a_second_estate_names_serves_both(scene):
    LoadEstate(scene.units, scene.clock)(other())
    with scene.units.reading() as uow:
        served = {name: uow.registers.find(name).parties["lift-firm"].serves for name in (ESTATE, "other")}
    assert HOME in served[ESTATE]
    assert set(served["other"]) == {HOME, OTHER}
    scene.rings("lift.entrapment", "b1/lift-1")
    assert scene.only_task().responsible.id == "lift-firm"


def test_an_area_that_its_own_estate_takes_back_does_not_stay_for_the_others_sake(scene):
    load = LoadEstate(scene.units, scene.clock)
    load(other())
    parties = tuple(p for p in other().parties if p.id != "lift-firm")
    load(replace(other(), parties=parties))
    load(description())
    with scene.units.reading() as uow:
        assert uow.registers.find(ESTATE).parties["lift-firm"].serves == (HOME,)


def test_a_second_estate_cannot_turn_a_party_into_another(scene):
    with pytest.raises(Invalid, match=r"party 'lift-firm'.*estate 'example'"):
        LoadEstate(scene.units, scene.clock)(other(lift_firm="Somebody else"))


def test_a_second_estate_cannot_take_a_member_over(scene):
    thief = Member("technician", "other-property", Names("technician", "technician"), Role.ADMINISTRATOR)
    with pytest.raises(Invalid, match=r"member 'technician'.*estate 'example'"):
        LoadEstate(scene.units, scene.clock)(other(member=thief))
