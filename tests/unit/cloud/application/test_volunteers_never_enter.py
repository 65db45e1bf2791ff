"""Volunteers never enter where it burns, however they came to take part (governance.md, Duties)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.domain.community.party import PartyRef
from cloud.domain.duties.description import matrix_problems
from cloud.domain.records.ledger import Kind
from cloud.errors import CloudError
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene

VOLUNTEERS = PartyRef("kind", "volunteer_team")


@pytest.fixture
def scene():
    return Scene(estate=neighbourhood())


def told(scene, since=0):
    return [reason for party, reason in scene.told()[since:] if party == "volunteers"]


def part(scene, task_id):
    shown = scene.queries.task(task_id, None)
    return next(one for one in shown.assignments if one.party.id == "volunteers")


def task(scene, hazard):
    return next(one for one in scene.board() if one.hazard == hazard)


def helped(scene, hazard, equipment, *, accepted=True):
    """Volunteers help with what is no fire."""
    scene.rings(hazard, equipment)
    known = task(scene, hazard)
    lead = {"property": "guard", "fire-room": "watch"}[known.responsible.id]
    scene.act.acknowledge(known.id, lead)
    scene.joint.ask_for_help(known.id, lead, ["volunteers"])
    if accepted:
        scene.act.acknowledge(known.id, "volunteer")
    return known.id


def kept_out(scene):
    return [one.data["to"] for one in scene.ledger() if one.kind == Kind.KEPT_OUT]


@pytest.mark.parametrize("accepted", [True, False])
def test_a_pre_alarm_that_becomes_a_fire_tells_them_to_stay_away(scene, accepted):
    known = helped(scene, "fire.smoke-prealarm", "b1/smoke-1", accepted=accepted)
    before = len(scene.told())
    scene.rings("fire.smoke", "b1/smoke-1")
    assert told(scene, before) == ["stay_away"]
    assert part(scene, known).state == "released"
    assert kept_out(scene) == [["volunteers"]]
    for deed in (scene.act.acknowledge, scene.act.start):
        with pytest.raises(CloudError):
            deed(known, "volunteer")


def test_they_hear_nothing_more_that_would_bring_them_there(scene):
    helped(scene, "fire.smoke-prealarm", "b1/smoke-1")
    scene.rings("fire.smoke", "b1/smoke-1")
    before = len(scene.told())
    for _ in range(10):
        scene.passes(minutes=1)
    scene.rings("fire.smoke", "b1/smoke-2")
    assert "fire_presumed" in {reason for _, reason in scene.told()[before:]}
    assert told(scene, before) == []


def test_who_has_not_answered_in_time_may_be_on_the_way_and_is_told_as_well(scene):
    known = helped(scene, "fire.smoke-prealarm", "b1/smoke-1", accepted=False)
    scene.passes(hours=9)
    assert part(scene, known).state == "expired"
    before = len(scene.told())
    scene.rings("fire.smoke", "b1/smoke-1")
    assert told(scene, before) == ["stay_away"]
    with pytest.raises(CloudError):
        scene.act.acknowledge(known, "volunteer")


def test_what_is_merged_into_a_fire_does_not_bring_them_into_it(scene):
    door = helped(scene, "access.held-open", "b2/door")
    scene.rings("fire.smoke", "b1/smoke-1")
    fire = task(scene, "fire.smoke").id
    scene.act.acknowledge(fire, "guard")
    before = len(scene.told())
    scene.merge(door, "officer", fire)
    assert told(scene, before) == ["stay_away"]
    assert part(scene, fire).state == "released"


def test_other_parties_are_asked_again_as_before(scene):
    known = helped(scene, "fire.smoke-prealarm", "b1/smoke-1")
    before = len(scene.told())
    scene.rings("fire.smoke", "b1/smoke-1")
    again = {party for party, reason in scene.told()[before:] if reason == "worsened"}
    assert {"fire-room", "property"} <= again
    others = [one for one in scene.queries.task(known, None).assignments if one.party.id != "volunteers"]
    assert not any(one.state == "released" for one in others)


def rows(**changes):
    duties = neighbourhood().duties
    return [replace(one, **changes) if one.id == "fire" else one for one in duties]


def problems(duties):
    estate = neighbourhood()
    return [one for one in matrix_problems(duties, estate.register(1).places, estate.parties) if "enters" in one]


def test_no_row_on_fires_asks_them_to_come():
    assert problems(neighbourhood().duties) == []
    by_kind, by_id = problems(rows(supports=(VOLUNTEERS,))), problems(rows(supports=(PartyRef("id", "volunteers"),)))
    assert len(by_kind) == len(by_id) == 1
    assert "never enters where it burns" in by_kind[0]
    fire = next(one for one in neighbourhood().duties if one.id == "fire")
    step = replace(fire.ladder.steps[0], targets=(VOLUNTEERS,))
    assert len(problems(rows(ladder=replace(fire.ladder, steps=(step,))))) == 1
    assert problems(rows(observers=(VOLUNTEERS,))) == [], "they may be told of it"


def from_before(**changes):
    """An estate whose row on fires was put in force before it was looked at for who enters."""
    scene = Scene(estate=neighbourhood())
    with scene.units.writing() as uow:
        register = uow.registers.find("example")
        matrix = replace(register.matrix, duties=tuple(rows(**changes)))
        uow.registers.store(replace(register, version=register.version + 1, matrix=matrix), "from before")
        uow.commit()
    return scene


def test_a_ladder_from_before_that_climbs_to_them_calls_whom_else_it_names_and_not_them():
    fire = next(one for one in neighbourhood().duties if one.id == "fire")
    step = replace(fire.ladder.steps[1], targets=(VOLUNTEERS, PartyRef("kind", "property_manager")))
    scene = from_before(ladder=replace(fire.ladder, steps=(step,)))
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.passes(minutes=1)
    assert ("property", "escalated") in scene.told()
    for _ in range(10):
        scene.passes(minutes=1)
    assert told(scene) == []


def test_a_matrix_from_before_that_asks_them_passes_them_over():
    scene = from_before(supports=(VOLUNTEERS,))
    scene.rings("fire.smoke", "b1/smoke-1")
    known = scene.only_task()
    assert "volunteers" not in {one.party.id for one in known.assignments}
    assert any("never enters" in line.text.en for line in scene.incident(known).trace)
