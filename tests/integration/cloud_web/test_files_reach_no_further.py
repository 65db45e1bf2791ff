"""An estate's files give nobody a way into estates that are not theirs, and change nothing there."""

from __future__ import annotations

import json

import httpx
import pytest
import yaml

from cloud.domain.community.contacts import Contact
from tests.integration.accounts.second_estate import HOME, OTHER, builds
from tests.integration.cloud_web.house import ESTATE

FIRM = "id,kind,zh,en,serves\nfar-property,property_manager,远方物业,Far property,binhai/example\n"
CHIEF = {"id": "far-chief", "party": "far-property", "role": "administrator", "zh": "远方经理", "en": "Far manager"}
AWAY = [{"channel": "email", "address": "somebody@example.org"}]


@pytest.fixture
def takes(house, address):
    """Takes a file in as the first estate's administrator."""
    builds(house)
    headers = {"authorization": f"Bearer {house.api_token_of('administrator')}"}

    def take(name: str, content: object) -> httpx.Response:
        text = content if isinstance(content, str) else json.dumps(content)
        return httpx.post(
            f"{address}/api/v1/imports", files={"files": (name, text)}, headers=headers, trust_env=False, timeout=30
        )

    return take


def estates(house, member="administrator"):
    return set(house.identity(member).estates)


def members(house, **changed):
    """The administrator's row, with what is changed of it."""
    row = {
        "id": "administrator",
        "party": "operator",
        "role": "administrator",
        "zh": "系统管理员",
        "en": "Administrator",
    }
    return {"members": [{**row, **changed}]}


@pytest.mark.parametrize(
    "changed",
    [
        {"also": [{"party": "far-property", "role": "administrator"}]},
        {"also": [{"party": "far-property", "role": "responder"}]},
        {"party": "far-property"},
    ],
)
def test_nobody_makes_themselves_a_member_of_a_firm_that_serves_an_estate_of_others(house, takes, changed):
    assert takes("parties.csv", FIRM).status_code == 200, "a firm of another estate may be taken on"
    refused = takes("members.json", members(house, **changed))
    assert refused.status_code == 422, refused.text
    assert "far-property" in refused.json()["detail"]
    assert OTHER not in refused.json()["detail"], "which estate that is concerns its own people"
    assert estates(house) == {ESTATE}


def test_nor_anybody_else_new_or_known(house, takes):
    takes("parties.csv", FIRM)
    fresh = {"id": "fresh", "party": "far-property", "role": "administrator", "zh": "新人", "en": "Newcomer"}
    guard = {"id": "guard", "party": "property", "role": "responder", "zh": "值班保安", "en": "Duty guard"}
    also = [{"party": "far-property", "role": "responder"}]
    for row in (fresh, {**guard, "also": also}):
        assert takes("members.json", {"members": [row]}).status_code == 422
    assert estates(house, "guard") == {ESTATE}


def test_who_is_in_that_firm_already_may_be_named_and_gains_the_estate_that_names_them(house, takes):
    takes("parties.csv", FIRM)
    assert takes("members.json", {"members": [CHIEF]}).status_code == 200
    assert estates(house, "far-chief") == {ESTATE, OTHER}
    higher = takes("members.json", {"members": [{**CHIEF, "also": [{"party": "operator", "role": "administrator"}]}]})
    assert higher.status_code == 200, "what they are in this estate is said here"


def test_channels_of_members_of_other_estates_are_neither_given_nor_taken(house, takes):
    """Alarms of the other estate, with links that open them, would go there."""
    with house.units.writing() as uow:
        uow.contacts.replace("far-chief", [Contact("far-chief", "email", "chief@example.org", laid=True)])
        uow.commit()
    takes("parties.csv", FIRM)
    refused = takes("members.json", {"members": [{**CHIEF, "contacts": AWAY}]})
    assert refused.status_code == 422, refused.text
    assert "leave the channels away" in refused.json()["detail"]
    assert takes("members.json", {"members": [CHIEF]}).status_code == 200
    assert takes("members.json", {"members": [{**CHIEF, "contacts": AWAY}]}).status_code == 422, "known here or not"
    with house.units.reading() as uow:
        assert [one.address for one in uow.contacts.of("far-chief")] == ["chief@example.org"]
    ours = {"id": "guard", "party": "property", "role": "responder", "zh": "值班保安", "en": "Duty guard"}
    assert takes("members.json", {"members": [{**ours, "contacts": AWAY}]}).status_code == 200


@pytest.mark.parametrize("place", [OTHER, HOME, f"{OTHER}/new", "binhai", "binhai/example"])
def test_no_estate_is_laid_over_another(house, takes, place):
    """Places beneath an estate are its own: what lies at, in or around another's would end those."""
    path = place.split("/")
    above = [{"id": "/".join(path[:n]), "kind": "street", "zh": "上", "en": "Above"} for n in range(1, len(path))]
    firm = {"id": "new-firm", "kind": "property_manager", "zh": "新物业", "en": "New firm", "serves": [place]}
    document = {
        "estate": {"id": "laid-over", "place": place, "fallback": "new-firm", "zh": "新", "en": "New"},
        "places": [*above, {"id": place, "kind": "estate", "zh": "新", "en": "New"}],
        "parties": [firm],
        "members": [],
    }
    refused = takes("estate.yaml", yaml.safe_dump(document, allow_unicode=True))
    assert refused.status_code == 422, refused.text
    assert "another estate lies at, in or around" in refused.json()["detail"]
    apart = document | {"estate": {**document["estate"], "place": "apart"}, "parties": [{**firm, "serves": ["apart"]}]}
    apart["places"] = [{"id": "apart", "kind": "estate", "zh": "新", "en": "New"}]
    assert takes("estate.yaml", yaml.safe_dump(apart, allow_unicode=True)).status_code == 200


def test_no_table_names_a_place_of_another_estate(house, takes):
    refused = takes("places.csv", f"id,kind,zh,en\n{HOME},building,夺走,Taken\n")
    assert refused.status_code == 422, refused.text
    with house.units.reading() as uow:
        assert uow.registers.find(OTHER).places.get(HOME).names.en == "Far building one"
