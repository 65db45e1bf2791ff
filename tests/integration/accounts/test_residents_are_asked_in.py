"""A resident is asked in by where they live: they belong to a home there, bear no firm's name and see their building alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.community.names import Names
from cloud.domain.community.party import PartyKind
from cloud.domain.community.place import PlaceTree
from cloud.domain.duties.amending import described
from cloud.domain.duties.consent import own_home
from cloud.domain.duties.register import Equipment, EquipmentKind
from cloud.domain.duties.register_warnings import register_warnings
from tests.integration.accounts.at_the_door import again, link_in
from tests.integration.accounts.test_invitations import as_member, newcomer
from tests.integration.cloud_web.house import ESTATE

B3, B3_F7 = "binhai/example/b3", "binhai/example/b3/f7"


def asks_in(client, home, **more):
    form = {"role": "resident", "home": home, "zh": "七层新住户", "en": "New neighbour", **more}
    return client.post("/members/invitations", params={"lang": "en"}, data=form)


def comes(client, answer, login="neighbour"):
    assert client.post(link_in(answer.text, "invitation"), data=again("stairs smell of rain", login)).status_code == 303


def home_of(house, member):
    return house.services.queries.register(ESTATE, None).party(member.party_id)


def test_they_bear_no_firms_name_and_see_only_their_buildings_matters(house, manager, another):
    asked = asks_in(manager, B3_F7)
    comes(another, asked)
    member = newcomer(house)
    home = home_of(house, member)
    assert (home.kind, home.serves, member.role) == (PartyKind.HOUSEHOLD, (B3_F7,), "resident")
    house.goes_wrong("lift.out-of-service", "b3/lift-2")
    house.goes_wrong("lift.door-fault", "b1/lift-1")
    page = another.get("/", params={"lang": "en"}).text
    assert "Property office" not in page.partition("<main")[0]
    assert "Home in floor 7, Building 3" in page
    assert "Building 1" not in page
    assert "Lift 2" in page
    assert another.get("/buildings/binhai/example/b1").status_code == 404
    assert "Property office" not in another.get("/neighbours", params={"lang": "en"}).text.partition("<main")[0]


def test_family_joins_a_home_that_is_there_already(house, manager, another, browsers):
    comes(another, asks_in(manager, B3_F7))
    first = newcomer(house)
    shown = manager.get("/members", params={"lang": "en"}).text
    assert f'<option value="{first.party_id}">' in shown
    comes(browsers(), asks_in(manager, first.party_id, en="Their sister"), "sister")
    members = house.services.queries.register(ESTATE, None).members_of(first.party_id)
    assert len(members) == 2


def test_two_who_are_asked_in_at_one_place_have_a_home_each(house, manager, another, browsers):
    comes(another, asks_in(manager, B3))
    comes(browsers(), asks_in(manager, B3), "second")
    homes = [one for one in house.services.queries.register(ESTATE, None).parties.values() if one.serves == (B3,)]
    assert len({one.id for one in homes if one.kind is PartyKind.HOUSEHOLD}) == 2


def test_who_is_asked_again_before_they_came_has_one_home(house, manager):
    for _ in range(2):
        asks_in(manager, B3)
    asks_in(manager, B3, en="Somebody else")
    homes = [one for one in house.services.queries.register(ESTATE, None).parties.values() if one.serves == (B3,)]
    assert len(homes) == 2


@pytest.mark.parametrize("party", ["property", "lifts"])
def test_nobody_is_asked_into_a_firm_as_a_resident(house, manager, party):
    refused = manager.post(
        "/members/invitations", params={"lang": "en"}, data={"role": "resident", "party": party, "zh": "某", "en": "X"}
    )
    assert refused.status_code == 422
    assert "asked in where they live" in refused.text


def test_who_answers_for_no_area_asks_nobody_home(house, visitor, browsers):
    with house.units.writing() as uow:
        register = uow.registers.find(ESTATE)
        boss = replace(register.members["technician"], role=register.members["manager"].role)
        changed = replace(
            register, version=register.version + 1, members={**register.members, boss.id: boss}, _by_closeness={}
        )
        uow.registers.store(changed, "a boss")
        uow.commit()
    client = as_member(house, browsers, "technician")
    before = house.services.queries.register(ESTATE, None).version
    assert asks_in(client, B3).status_code == 422
    assert "Where they live" not in client.get("/members", params={"lang": "en"}).text
    assert house.services.queries.register(ESTATE, None).version == before


@pytest.mark.parametrize("place", ["binhai", "binhai/example", "binhai/example/b9", "nowhere/at/all"])
def test_a_home_lies_in_a_building_of_the_estate(house, manager, place):
    assert asks_in(manager, place).status_code == 404


def test_loading_the_estates_file_again_leaves_homes_with_who_lives_there(house, manager, another):
    comes(another, asks_in(manager, B3_F7))
    asks_in(manager, B3)  # not come yet
    member = newcomer(house)
    register = house.services.queries.register(ESTATE, None)
    homes = {one.id for one in register.parties.values() if one.kind is PartyKind.HOUSEHOLD}
    assert len(homes) == 2
    known = described(register)
    file = replace(
        known,
        parties=tuple(one for one in known.parties if one.id not in homes),
        members=tuple(one for one in known.members if one.id != member.id),
    )
    assert LoadEstate(house.units, house.clock)(file).changed
    kept = house.services.queries.register(ESTATE, None)
    assert homes <= kept.parties.keys()
    assert another.get("/", params={"lang": "en"}).status_code == 200


def test_programs_ask_in_the_same_way(house, visitor):
    visitor.headers["authorization"] = f"Bearer {house.api_token_of('manager')}"
    address, names = f"/api/v1/estates/{ESTATE}/invitations", {"zh": "某", "en": "Somebody"}
    made = visitor.post(address, json={"role": "resident", "home": B3, "names": names})
    assert made.status_code == 201
    refused = visitor.post(address, json={"role": "resident", "party_id": "property", "names": names})
    assert refused.status_code == 422
    assert "where they live" in refused.json()["detail"]


def test_a_whole_building_of_several_floors_is_nobodys_home_whose_doors_they_may_have_watched(house, manager, another):
    comes(another, asks_in(manager, B3))
    register = house.services.queries.register(ESTATE, None)
    door = Equipment("b3/door", EquipmentKind.ACCESS_GATE, B3, Names("大门", "Door"), "b3-gateway")
    register = replace(register, equipment={**register.equipment, door.id: door}, _by_closeness={})
    assert own_home(register, newcomer(house)) == {}
    floors = [one for one in register.places if not one.id.startswith(f"{B3}/")]
    alone = replace(register, places=PlaceTree(floors), _by_closeness={})
    assert set(own_home(alone, newcomer(house))) == {"b3/door"}, "a house by itself is one family's"


def test_a_file_that_puts_residents_into_a_firm_is_warned_of(house):
    register = house.services.queries.register(ESTATE, None)
    warned = [one for one in register_warnings(register) if "tenant" in one]
    assert len(warned) == 1
    assert "household" in warned[0]
