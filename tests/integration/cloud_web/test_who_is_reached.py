"""Who is reached tonight, and coverage: over REST, on the page, on the command line - and never an address."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from cloud.domain.community.contacts import Contact
from deploy.commandline.root import app
from deploy.example import ESTATE_FILE
from tests.integration.cloud_web.house_register import HOME

REACHED, COVERAGE = "/api/v1/duties/reached", "/api/v1/duties/coverage"
SECRET = "13800004711"


@pytest.fixture
def proven(house):
    """The technician's telephone is proven; nobody else has any channel."""
    with house.units.writing() as uow:
        uow.contacts.replace("technician", [Contact("technician", "sms", SECRET, verified_at=house.clock.now())])
        uow.commit()
    return house


def test_calls_are_told_in_order_with_kinds_of_channels_and_why(proven, program):
    answer = program.get(REACHED, params={"hazard": "lift.entrapment", "place": f"{HOME}/b3"})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    at_once, ladder, *_ = body["calls"]
    assert [(one["id"], one["role"]) for one in at_once["parties"]] == [
        ("lifts", "lead"), ("property", "support"), ("committee", "observer")
    ]  # fmt: skip
    technician = at_once["parties"][0]["first"][0]
    assert technician["channels"] == [{"kind": "sms", "verified": True}]
    assert technician["answering"] == "sure"
    assert at_once["parties"][1]["answering"] == "nobody"
    assert (ladder["after_s"], [one["phone"] for one in ladder["numbers"]]) == (180, ["96333", "119"])
    assert body["trace"][0]["kind"] == "won"
    assert SECRET not in answer.text


def test_a_place_may_be_said_within_the_estate_and_an_hour_with_its_offset(program):
    inside = program.get(REACHED, params={"hazard": "fire.smoke", "place": "b1/f7", "at": "2026-11-26T23:00:00+08:00"})
    assert inside.status_code == 200, inside.text
    assert inside.json()["place_id"] == f"{HOME}/b1/f7"


@pytest.mark.parametrize(
    "asked",
    [
        {"hazard": "lift.unheard-of"}, {"hazard": "nonsense"}, {},
        {"hazard": "fire.smoke", "place": "elsewhere"},
        {"hazard": "fire.smoke", "at": "2026-11-26T23:00:00"},
        {"hazard": "fire.smoke", "at": "1999-01-01T00:00:00Z"},
    ],
)  # fmt: skip
def test_what_there_is_not_is_refused_with_what_to_write(program, asked):
    refused = program.get(REACHED, params=asked)
    assert refused.status_code == 422
    assert refused.json()["problems"]


def test_holes_are_listed_with_whose_they_are_and_who_sees_to_them(proven, program):
    answer = program.get(COVERAGE)
    assert answer.status_code == 200, answer.text
    holes = answer.json()["holes"]
    assert {(hole["gap"], hole["owner_id"], hole["above_id"]) for hole in holes} == {
        ("no_channel", "property", "committee"), ("no_channel", "control-room", "property"),
        ("no_party", "property", "committee"), ("no_members", "station", "property"),
        ("no_channel", "street", "property"),
    }  # fmt: skip
    assert {hole["role"] for hole in holes if hole["owner_id"] == "street"} == {"arbiter"}
    assert {hole["role"] for hole in holes if hole["owner_id"] == "station"} == {"support"}
    trapped = {(hole["owner_id"], hole["role"]) for hole in holes if "lift.entrapment" in hole["hazards"]}
    assert trapped == {("property", "support"), ("street", "arbiter")}
    assert SECRET not in answer.text


def test_the_page_asks_and_answers_without_scripts_in_both_languages(proven, manager):
    for language, words in (("en", "Who is reached tonight"), ("zh", "今晚能呼叫到谁")):
        page = manager.get("/duties", params={"lang": language, "hazard": "lift.entrapment", "place": f"{HOME}/b3"})
        assert page.status_code == 200, page.text
        assert words in page.text
        assert "96333" in page.text
        assert SECRET not in page.text
    assert "短信" in page.text
    assert "无联系方式" in page.text
    asked = manager.get("/duties", params={"lang": "en", "hazard": "fire.smoke", "at": "2026-11-26T23:00"})
    assert 'value="2026-11-26T23:00"' in asked.text
    assert "Control room operator" in asked.text


def test_a_wrong_question_is_told_on_the_page_and_the_rest_stands(manager):
    page = manager.get("/duties", params={"lang": "en", "at": "tomorrow"})
    assert page.status_code == 422
    assert "is no hour" in page.text
    assert "The matrix" in page.text


def test_members_of_the_estate_may_look_and_residents_may_not(house, visitor):
    for member, status in (("technician", 200), ("officer", 200), ("tenant", 403)):
        visitor.cookies.set("tocsin_session", house.session_of(member))
        assert visitor.get("/duties").status_code == status
        assert (
            visitor.get(COVERAGE, headers={"authorization": f"Bearer {house.api_token_of(member)}"}).status_code
            == status
        )


def test_the_commands_tell_who_is_reached_and_where_nobody_is(tmp_path):
    def tocsin(*words, **env):
        return CliRunner().invoke(app, [*map(str, words), "--data", str(tmp_path / "data")], env=env)

    assert tocsin("cloud", "estate", "load", ESTATE_FILE).exit_code == 0
    night = tocsin("duties", "reached", "example", "lift.entrapment", "b1", "--at", "2026-11-26T23:00")
    assert night.exit_code == 0, night.output
    assert "at once:" in night.output
    assert "Lift technician by NO CHANNEL" in night.output
    assert "保安 Security guard" in night.output
    assert "then: 物业值班经理 Duty manager" in night.output
    assert "a person dials 96333" in night.output
    told = json.loads(tocsin("duties", "reached", "example", "fire.smoke", "b2/f9", "--json").output)
    assert told["calls"][0]["parties"][0]["id"] == "control-room"
    wrong = tocsin("duties", "reached", "example", "fire.smoke", "b9")
    assert wrong.exit_code == 2
    assert "place: 'b9' is none of this estate" in wrong.output
    bare = tocsin("duties", "coverage", "example")
    assert bare.exit_code == 1
    assert "no_channel" in bare.output
    tried = tocsin("duties", "coverage", "example", TOCSIN_DUTIES__CONSOLE_ANSWERS="true")
    assert tried.exit_code == 0, tried.output
    assert "0 holes" in tried.output
