"""Whom a ladder calls because nobody answers can accept: "until another *eligible* party has accepted" (governance.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.application.estates.load_estate import LoadEstate
from cloud.application.notices.prepare import Calls
from cloud.application.tasks.answer_call import AnswerCall, Keypad, Pressed
from cloud.domain.community.names import Names
from cloud.domain.community.party import PartyRef
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Step
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.task import ResolutionReason as Why
from cloud.errors import NotAllowed
from tests.fakes.channels import FakeChannel, reach, read_key, sender, sends_all
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene


def climbed(scene):
    """A door is forced, the property says nothing, and after ten minutes the ladder has climbed to the committee."""
    scene.rings("access.forced-open", "b1/door")
    scene.passes(minutes=10)
    assert ("committee", "escalated") in scene.told()
    return scene.only_task()


def part(scene, party):
    return next(one for one in scene.only_task().assignments if one.party.id == party)


def test_it_owes_nothing_until_it_accepts_and_the_named_lead_answers_for_the_task(scene):
    task = climbed(scene)
    assert (task.responsible.id, task.state, part(scene, "committee").role) == ("property", "new", "observer")
    scene.passes(minutes=11)
    assert part(scene, "committee").state == "requested", "it was not asked on a clock, so it has refused nothing"


def test_by_accepting_it_takes_the_lead_and_the_ladder_ends(scene):
    task = climbed(scene)
    assert Action.ACKNOWLEDGE in scene.queries.task(task.id, scene.identity("clerk")).allowed
    assert scene.act.acknowledge(task.id, "clerk").state == "acknowledged"
    assert (scene.only_task().responsible.id, part(scene, "committee").role) == ("committee", "lead")
    told = len(scene.told())
    scene.passes(minutes=10)
    assert "escalated" not in {why for _, why in scene.told()[told:]}
    scene.act.start(task.id, "clerk")
    assert scene.act.resolve(task.id, "clerk", Why.FIXED).state == "resolved"


def test_the_key_pressed_in_its_call_accepts():
    scene = Scene()
    voice = FakeChannel(rings=True)
    reach(scene.units, "clerk", "voice:1")
    climbed(scene)
    sends_all(sender(scene, {"voice": voice}, calls=Calls("https://tocsin.example")))
    token = next(one for one in voice.delivered if one.about.party_id == "committee").callback.rpartition("/")[2]
    answer = AnswerCall(scene.units, scene.clock, scene.act, scene.verify, lambda: Keypad("1", read_key))
    assert answer(token, b"key=1", {}) is Pressed.ACCEPTED
    assert scene.only_task().responsible.id == "committee"


def test_whoever_comes_later_joins_what_it_leads(scene):
    task = climbed(scene)
    scene.act.acknowledge(task.id, "clerk")
    scene.act.acknowledge(task.id, "guard")
    assert (scene.only_task().responsible.id, part(scene, "property").role) == ("committee", "support")


def test_where_the_lead_has_answered_meanwhile_it_joins_what_that_one_leads(scene):
    task = climbed(scene)
    scene.act.acknowledge(task.id, "guard")
    scene.act.acknowledge(task.id, "clerk")
    assert (scene.only_task().responsible.id, part(scene, "committee").role) == ("property", "support")
    assert part(scene, "committee").state == "accepted"


def test_a_support_that_had_joined_and_to_which_it_climbs_may_take_the_lead(scene):
    """The maintainer supports, has accepted that, and the ladder climbs to it, because the property is silent."""
    scene.rings("lift.unintended-movement", "b1/lift-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    assert scene.only_task().state == "new", "a supporter's answer stops nothing"
    scene.passes(minutes=3)
    assert ("lift-firm", "escalated") in scene.told()
    assert scene.act.acknowledge(task, "technician").state == "acknowledged"
    assert scene.only_task().responsible.id == "lift-firm"


def test_an_observer_that_no_ladder_has_called_accepts_nothing(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    with pytest.raises(NotAllowed, match="observer"):
        scene.act.acknowledge(scene.only_task().id, "clerk")


def test_who_may_never_lead_is_told_in_other_words_and_accepts_nothing():
    """A matrix whose ladder names volunteers: their tap never makes them lead."""
    scene = Scene(estate=neighbourhood())
    ladder = Step(timedelta(minutes=10), Condition.IF_NOT_ACKNOWLEDGED, (PartyRef("id", "volunteers"),))
    row = Duty(
        id="doors", hazards=("access.*",), leads=(PartyRef("kind", "property_manager"),), tto=timedelta(minutes=10),
        ttr=timedelta(hours=1), basis=Names("约定", "agreed"), ladder=EscalationPolicy((ladder,)),
    )  # fmt: skip
    LoadEstate(scene.units, scene.clock)(replace(neighbourhood(), duties=(row,)))
    scene.rings("access.forced-open", "b1/door")
    scene.passes(minutes=10)
    assert [why for party, why in scene.told() if party == "volunteers"] == ["unattended"]
    seen = scene.queries.task(scene.only_task().id, scene.identity("volunteer"))
    assert Action.ACKNOWLEDGE not in seen.allowed, "nor is it offered"
    with pytest.raises(NotAllowed, match="observer"):
        scene.act.acknowledge(scene.only_task().id, "volunteer")
