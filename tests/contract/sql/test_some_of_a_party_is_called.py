"""After ten minutes the manager on duty, after twenty the director by name: a ladder that calls some of a party alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from cloud.adapters.estate_file.sheet import YamlSheet
from cloud.application.estates.change_duties import UNREPLAYED, ChangeDuties
from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.domain.community.roster import Roster, Shift
from cloud.errors import Invalid
from tests.fakes.channels import FakeChannel, reach, sender, sends_all
from tests.fakes.estate import ESTATE, description
from tests.fakes.scene import Scene

DOOR, TRAPPED = ("access.forced-open", "b1/door"), ("lift.entrapment", "b1/lift-1")
PEOPLE = ("manager", "guard", "director", "technician", "foreman", "clerk")
ROW = """
- id: row
  hazards: [access.*, lift.entrapment]
  lead: lift_maintainer
  tto: {tto}
  ttr: 4 h
  call_sheet: ["119"]
  ladder:
{ladder}
    - {{after: 230 min, unless: acknowledged, call: [street_office]}}
  basis: {{zh: 约定, en: agreed}}
"""
USUAL = ("after: 10 min, call: [property_manager/manager]", "after: 20 min, call: [member:director]")


def matrix(*steps, tto="60 min"):
    """The lead has long to accept and the ladder a late end, so that its steps alone call others."""
    return ROW.format(tto=tto, ladder="\n".join(f"    - {{{step}, unless: acknowledged}}" for step in steps))


def shift(name, who, since=time(0), until=time(0)):
    shift = Shift(who, since, until, since=date(2026, 1, 1))
    return Roster(name, ESTATE, "property", Names("值班", "Duty"), shifts=(shift,), laid=True)


@pytest.fixture
def scene(units):
    """By day the guard and the manager are on duty; the director and a deputy have the manager's role too."""
    told = description()
    chiefs = (Member(name, "property", Names(name, name), Role.MANAGER) for name in ("director", "deputy"))
    rosters = (shift("desk", ("guard", "manager")), shift("nights", ("deputy",), time(22), time(6)))
    return Scene(units, replace(told, members=(*told.members, *chiefs), rosters=rosters))


@pytest.fixture
def sms(scene):
    for member in PEOPLE:
        reach(scene.units, member, f"sms:{member}")
    return FakeChannel()


@pytest.fixture
def send(scene, sms):
    return sender(scene, {"sms": sms})


def puts(scene, *steps, **row):
    change = ChangeDuties(scene.units, scene.clock, YamlSheet())
    return change.replace(ESTATE, matrix(*steps, **row), None, replayed=UNREPLAYED)


def told(scene, kind):
    return [line for line in scene.incident(scene.only_task()).timeline if line.kind == kind]


def called(scene):
    """Whom of the property a message went to, and why these."""
    lines = [line.data for line in told(scene, "notification.called") if line.data["party"] == "property"]
    return [(line["members"], line["ground"], line.get("only")) for line in lines]


def test_the_manager_on_duty_is_called_then_the_director_by_name_and_nobody_else(scene, send, sms):
    puts(scene, *USUAL)
    scene.rings(*DOOR)
    sends_all(send)
    sms.delivered.clear()
    scene.passes(minutes=10)
    sends_all(send)
    assert sms.addresses == ["manager"]
    scene.passes(minutes=10)
    sends_all(send)
    assert "director" in sms.addresses
    assert "guard" not in sms.addresses
    assert called(scene)[0] == (["manager"], "by_role", ["role:manager"])
    assert (["director"], "by_name", ["member:director"]) in called(scene)
    first = next(line for line in told(scene, "notification.called") if line.data.get("only"))
    assert first.text.zh == "呼叫物业：manager（按职责升级步骤指定的角色，当班者优先）"
    assert "by their role" in first.text.en
    assert scene.acknowledge("director").state == "acknowledged"


def test_when_the_manager_on_duty_does_not_answer_the_others_with_that_role_are_called_and_no_others(scene, send, sms):
    puts(scene, USUAL[0])
    reach(scene.units, "deputy", "sms:deputy")
    scene.rings(*DOOR)
    scene.passes(minutes=10)
    sends_all(send)
    scene.clock.advance(minutes=30)  # half of the time to accept
    sends_all(send)
    first, (members, ground, only) = called(scene)
    assert first == (["manager"], "by_role", ["role:manager"])
    assert (sorted(members), ground, only) == (["deputy", "director"], "second_round", ["role:manager"])
    assert "guard" not in sms.addresses


def test_a_roster_with_nobody_on_it_is_an_empty_step_that_is_passed_at_once_and_recorded(scene, send, sms):
    puts(scene, "after: 10 min, call: [roster:nights]", "after: 30 min, call: [member:director]")
    scene.rings(*DOOR)
    scene.passes(minutes=10)
    sends_all(send)
    assert "director" in sms.addresses, "twenty minutes before its time"
    (passed,) = told(scene, "ladder.step-passed")
    assert (passed.data["targets"], passed.failure) == (["roster:nights"], True)
    assert passed.text.en == "step 1 of the ladder was passed: reaches nobody (on duty by Duty)"
    assert passed.text.zh == "升级第 1 步：无人可通知（“值班”当班人员）"


def test_a_roster_is_asked_who_is_on_it_when_the_step_is_taken(scene, send, sms):
    puts(scene, "after: 12 h, call: [roster:nights]")
    reach(scene.units, "deputy", "sms:deputy")
    scene.rings(*DOOR)
    scene.passes(hours=12)  # eleven at night there
    sends_all(send)
    assert (["deputy"], "by_roster", ["roster:nights"]) in called(scene)


def test_who_has_left_is_an_empty_step_and_the_estate_may_be_loaded_all_the_same(scene, send, sms):
    puts(scene, "after: 10 min, call: [member:director]", "after: 30 min, call: [member:clerk]")
    told_again = replace(description(), matrix_given=False, rosters=(shift("desk", ("guard",)),))
    loaded = LoadEstate(scene.units, scene.clock)(told_again)
    assert any("member:director is nobody here" in one for one in loaded.warnings)
    scene.rings(*DOOR)
    scene.passes(minutes=10)
    sends_all(send)
    assert [line.data["targets"] for line in told(scene, "ladder.step-passed")] == [["member:director"]]
    assert "clerk" in sms.addresses


@pytest.mark.parametrize("ways", [{"verified_at": None}, None])
def test_who_has_no_proven_channel_where_life_is_at_stake_is_passed_and_recorded(scene, send, sms, ways):
    puts(scene, "after: 2 min, call: [member:director]", "after: 60 min, call: [member:clerk]", tto="10 min")
    address = "pager:1" if ways is None else "sms:director"
    reach(scene.units, "director", address, **(ways or {}))
    scene.rings(*TRAPPED)
    sends_all(send)
    scene.passes(minutes=2)
    sends_all(send)
    unheard = [line for line in told(scene, "notification.not-sent") if line.data.get("party") == "property"]
    assert {line.data["reason"] for line in unheard} & {"not_proven", "nobody_reached"}
    scene.timers()
    steps = [line.data["targets"] for line in told(scene, "ladder.step-taken")]
    assert steps[0] == ["property"]
    assert len(steps) > 1, "the next is taken long before its time"
    assert all(
        line.data["members"] == ["director"] for line in told(scene, "notification.called") if line.data.get("only")
    )


def test_a_life_safety_ladder_of_people_who_are_nobody_ends_in_the_call_sheet(scene, send, sms):
    puts(scene, "after: 2 min, call: [roster:nights]", "after: 5 min, call: [property_manager/operator]", tto="10 min")
    scene.rings(*TRAPPED)
    scene.passes(minutes=2)
    for _ in range(8):
        scene.passes(minutes=2)
    assert len(told(scene, "ladder.step-passed")) == 2
    assert ("lift-firm", "call_sheet") in scene.told()
    assert ("property", "escalated") in scene.told()


def test_a_running_task_keeps_whom_its_ladder_named(scene, send, sms):
    puts(scene, *USUAL)
    scene.rings(*DOOR)
    puts(scene, "after: 10 min, call: [residents_committee]")
    scene.passes(minutes=10)
    sends_all(send)
    assert called(scene) == [(["manager"], "by_role", ["role:manager"])]


def test_a_restart_between_the_step_and_the_sending_loses_nobody(scene, sms):
    puts(scene, *USUAL)
    scene.rings(*DOOR)
    scene.passes(minutes=10)
    for worker in (sender(scene, {"sms": sms}), sender(scene, {"sms": sms})):
        sends_all(worker)
    assert called(scene) == [(["manager"], "by_role", ["role:manager"])]
    assert sms.addresses.count("manager") == 1


def test_a_dry_run_shows_whom_the_changed_ladder_would_have_called(scene):
    puts(scene, *USUAL)
    scene.rings(*DOOR)
    change = ChangeDuties(scene.units, scene.clock, YamlSheet())
    (difference,) = change.dry_run(ESTATE, matrix(USUAL[0], "after: 20 min, call: [roster:desk]"), None).differences
    assert difference.before.ladder[1].calls == ("member:director",)
    assert difference.after.ladder[1].calls == ("roster:desk",)


def test_what_there_is_not_is_refused_with_its_line(scene):
    with pytest.raises(Invalid) as caught:
        puts(scene, "after: 10 min, call: [roster:desks]")
    assert caught.value.problems == (
        "line 2: duty 'row': roster:desks is no roster of this estate; make it, or name one that there is: desk, nights",
    )
    with pytest.raises(Invalid) as caught:
        puts(scene, "after: 10 min, call: [property_manager/boss]")
    (problem,) = caught.value.problems
    assert problem.startswith(
        "line 9: [0] 'row'.ladder[0].call[0]: 'property_manager/boss': 'boss' is no role; write one of"
    )


def test_a_roster_that_is_taken_away_leaves_its_step_empty_and_says_so(scene, send, sms):
    done = puts(scene, "after: 10 min, call: [roster:nights]")
    assert done.warnings == ()
    with scene.units.writing() as uow:
        uow.rosters.remove(ESTATE, "nights")
        uow.commit()
    scene.rings(*DOOR)
    scene.passes(minutes=10)
    assert [line.data["targets"] for line in told(scene, "ladder.step-passed")] == [["roster:nights"]]
