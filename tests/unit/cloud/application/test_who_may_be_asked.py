"""Whoever is asked serves the place, has people here and is at work; and who may not lead never does (governance.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.community.hours import Hours
from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, PartyKind, PartyRef
from cloud.domain.incidents.report import Concern
from cloud.errors import Invalid
from tests.fakes.estate import HOME
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene

SHUT = Hours(frozenset(range(1, 8)), time(4), time(4, 1))
"""The scene begins at another hour."""


def estate(*shut: str, empty: tuple[str, ...] = (), **changes):
    plain = replace(neighbourhood("street"), **changes)
    return replace(
        plain,
        parties=tuple(replace(one, hours=SHUT) if one.id in shut else one for one in plain.parties),
        members=tuple(one for one in plain.members if one.party_id not in empty),
    )


def named(leads: str, hazards: str = "access.*"):
    """The matrix with another lead for those hazards."""
    plain = neighbourhood("street")
    return tuple(
        replace(one, leads=(PartyRef("id", leads),)) if one.hazards == (hazards,) else one for one in plain.duties
    )


def asked_to_lead(scene):
    return [party for party, reason in scene.told() if reason == "asked_to_lead"]


def test_out_of_its_service_hours_a_party_is_asked_to_lead_only_as_the_last():
    answers = replace(neighbourhood("street").estate, fallback_party_id="operator")
    scene = Scene(estate=estate("property", estate=answers))
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task().id
    scene.aside.decline(task, "technician")
    assert asked_to_lead(scene) == ["operator"], "the property supports, but at this hour nobody of it is at work"
    scene.aside.decline(task, "engineer")
    assert asked_to_lead(scene) == ["property"], "nobody else is in line, and to ask nobody would be worse"


def test_whoever_is_at_work_is_asked_before_who_is_not():
    second = Party("second-firm", PartyKind.LIFT_MAINTAINER, Names("二", "two"), (HOME,))
    plain = neighbourhood("street")
    foreman = next(one for one in plain.members if one.id == "foreman")
    members = (*plain.members, replace(foreman, id="second-foreman", party_id="second-firm"))
    scene = Scene(estate=estate("second-firm", parties=(*plain.parties, second), members=members))
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.aside.decline(scene.only_task().id, "technician")
    assert asked_to_lead(scene) == ["property"]


def test_a_party_without_people_is_never_the_next_in_line_nor_named():
    scene = Scene(estate=estate(empty=("operator",)))
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task().id
    assert "operator" not in {one.id for one in scene.incident(scene.only_task()).eligible}
    with pytest.raises(Invalid, match="has people here"):
        scene.aside.decline(task, "technician", named="operator")
    scene.act.acknowledge(task, "technician")
    with pytest.raises(Invalid, match="choose one"):
        scene.joint.ask_for_help(task, "technician", ["operator"])


def test_a_row_of_which_nobody_is_here_is_led_by_the_next_that_has_people():
    scene = Scene(estate=estate(empty=("family",)))
    scene.rings("welfare.no-activity", "b1/door")
    task = scene.only_task()
    assert task.responsible.id == "grid"
    assert any("family has nobody here" in line.text.en for line in scene.incident(task).trace)


def test_nobody_waits_three_minutes_for_a_property_that_is_shut():
    scene = Scene(estate=estate("property"))
    scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    assert "lift-firm" in asked_to_lead(scene)


@pytest.mark.parametrize(
    ("party", "kind"), [("volunteers", "volunteer_team"), ("family", "household"), ("fire-119", "external")]
)
def test_who_may_not_lead_is_refused_by_the_matrix_however_it_is_named(party, kind):
    scene = Scene(estate=neighbourhood())
    with pytest.raises(Invalid) as refused:
        LoadEstate(scene.units, scene.clock)(replace(neighbourhood(), duties=named(party)))
    assert any(f"a {kind} never leads" in problem for problem in refused.value.problems)


def test_a_number_does_not_lead_either():
    rows = tuple(
        replace(one, leads=(PartyRef("phone", "119"),)) if one.hazards == ("access.*",) else one
        for one in neighbourhood().duties
    )
    with pytest.raises(Invalid) as refused:
        replace(neighbourhood(), duties=rows).register(1)
    assert any("never leads" in problem for problem in refused.value.problems)


def test_a_household_leads_where_its_own_familys_welfare_is_concerned_and_nowhere_else():
    scene = Scene(estate=neighbourhood())
    scene.rings("welfare.no-activity", "b1/door")
    assert scene.only_task().responsible.id == "family"
    assert scene.acknowledge("daughter").state == "acknowledged"
    rows = tuple(
        replace(one, leads=(PartyRef("kind", "household"),)) if one.hazards == ("access.*",) else one
        for one in neighbourhood().duties
    )
    with pytest.raises(Invalid) as refused:
        replace(neighbourhood(), duties=rows).register(1)
    assert any("but for the welfare of its own family" in problem for problem in refused.value.problems)


def test_a_volunteers_tap_never_makes_a_volunteer_lead_whatever_an_old_matrix_says(monkeypatch):
    monkeypatch.setattr("cloud.domain.duties.description._lead_problems", lambda *_: ())
    scene = Scene(estate=replace(neighbourhood(), duties=named("volunteers")))
    monkeypatch.undo()
    scene.rings("access.forced-open", "b1/door")
    task = scene.only_task()
    assert task.responsible.id == "property"
    assert any("may not lead" in line.text.en for line in scene.incident(task).trace)


def test_a_volunteer_that_an_old_task_asks_to_lead_joins_as_support_and_the_estate_answers():
    scene = Scene(estate=neighbourhood())
    scene.rings("access.forced-open", "b1/door")
    with scene.units.writing() as uow:
        task = uow.tasks.get(scene.only_task().id)
        task.assignments = [replace(task.lead, party_id="volunteers")]
        task.named_lead_id = "volunteers"
        uow.tasks.save(task)
        uow.commit()
    scene.acknowledge("volunteer")
    task = scene.only_task()
    assert (task.state, task.responsible.id) == ("new", "property")
    assert {part.party.id: part.role for part in task.assignments} == {"volunteers": "support", "property": "lead"}
    assert scene.told()[-1] == ("property", "asked_to_lead")


@pytest.mark.parametrize("how", ["declines", "says nothing"])
def test_a_community_is_not_made_to_lead_what_it_only_assists(how):
    """The grid worker sees to people who need help; that others do not come makes nobody of the community lead a fire."""
    scene = Scene(estate=estate())
    scene.rings("fire.smoke", "b1/smoke-1")
    task = scene.only_task().id
    if how == "declines":
        for member in ("watch", "guard"):
            scene.aside.decline(task, member)
    else:
        for _ in range(6):
            scene.passes(minutes=1)
    assert not {"grid", "committee"} & set(asked_to_lead(scene))
    assert scene.only_task().arbitration is not None, "the arbiter decides, and the ladder goes on meanwhile"
    assert scene.act.acknowledge(task, "grid-officer").state == "new"
    assert scene.only_task().responsible.id == "fire-room"


def test_a_community_that_the_duty_names_for_want_of_others_is_asked():
    scene = Scene(estate=estate())
    scene.is_reported(Concern.EXIT_OBSTRUCTED, "b1/f2")
    scene.aside.decline(scene.only_task().id, "guard", "not our exit")
    assert asked_to_lead(scene)[-1] == "committee"


def nobody_stirs(scene):
    scene.rings("welfare.no-activity", "b1/door")
    assert {party for party, _ in scene.told()} == {"family"}, (
        "it is nobody else's to know before the family could answer"
    )
    return scene.only_task().id


def test_the_family_is_called_first_and_who_visits_half_an_hour_later_where_nobody_of_it_answers():
    scene = Scene(estate=estate())
    nobody_stirs(scene)
    scene.passes(minutes=29)
    assert {party for party, _ in scene.told()} == {"family"}
    scene.passes(minutes=1)
    assert {"grid", "committee"} <= {party for party, _ in scene.told()}


def test_a_family_that_answers_is_left_to_it_for_two_hours():
    scene = Scene(estate=estate())
    scene.act.acknowledge(nobody_stirs(scene), "daughter")
    scene.passes(minutes=119)
    assert {party for party, _ in scene.told()} == {"family"}
    scene.passes(minutes=1)
    assert {"grid", "committee"} <= {party for party, _ in scene.told()}, "somebody visits, whatever the family says"
