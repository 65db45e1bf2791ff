"""Limits by role: the property talks to the passenger within a minute; other lift faults are answered by severity."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.adapters.estate_file import default_duties
from cloud.adapters.estate_file.reading import read_duties
from cloud.adapters.estate_file.sheet import YamlSheet
from cloud.adapters.estate_file.writing import write_duties
from cloud.application.estates.change_duties import UNREPLAYED, ChangeDuties
from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.community.party import PartyRef
from cloud.domain.duties.channels import Channels
from cloud.domain.duties.duty import PartLimits
from cloud.domain.duties.reached import who_is_reached
from cloud.domain.duties.routing import route
from cloud.errors import Invalid
from schemas.hazards import Severity
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, description, register
from tests.fakes.scene import Scene

MINUTE = timedelta(minutes=1)
PROPERTY = PartyRef("kind", "property_manager")


@pytest.fixture
def scene(units):
    return Scene(units)


def limited(**limits):
    """The default matrix, in which the property has these limits where somebody is trapped."""
    first, *rest = default_duties()
    return write_duties((replace(first, limits=(PartLimits(PROPERTY, **limits),)), *rest))


def of_duties(warnings):
    """An estate that is loaded says also what its people ask in vain."""
    return [one for one in warnings if not one.startswith("party ")]


def part(scene, party, task=None):
    with scene.units.reading() as uow:
        return uow.tasks.get(task or scene.only_task().id).part_of(party)


def test_the_property_answers_who_is_trapped_within_a_minute_and_the_maintainer_within_three(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    for party, accept in (("property", 1), ("lift-firm", 3)):
        assert part(scene, party).accept_by == START + accept * MINUTE
        assert part(scene, party).arrive_by == START + 30 * MINUTE
    scene.passes(minutes=1)
    assert part(scene, "property").state == "expired"
    assert part(scene, "lift-firm").state == "requested"
    assert scene.acknowledge("guard").state == "new"  # late help is help
    assert part(scene, "property").state == "accepted"


def test_running_tasks_keep_their_limits_and_the_next_has_the_new_ones(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    first = scene.only_task().id
    change = ChangeDuties(scene.units, scene.clock, YamlSheet())
    assert change.replace(
        ESTATE, limited(accept=2 * MINUTE, arrive=10 * MINUTE, finish=90 * MINUTE), None, replayed=UNREPLAYED
    ).changed
    scene.rings("lift.entrapment", "b1/lift-2")
    second = next(task.id for task in scene.board() if task.id != first)
    assert part(scene, "property", first).accept_by == START + MINUTE
    asked = part(scene, "property", second)
    assert (asked.accept_by, asked.arrive_by, asked.finish_by) == (
        START + 2 * MINUTE, START + 10 * MINUTE, START + 90 * MINUTE,
    )  # fmt: skip


def test_a_dry_run_and_who_is_reached_show_them(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    change = ChangeDuties(scene.units, scene.clock, YamlSheet())
    tried = change.dry_run(ESTATE, limited(accept=2 * MINUTE), None)
    (difference,) = tried.differences
    assert [(one.party_id, one.accept, one.arrive) for one in difference.before.limits] == [
        ("property", MINUTE, 30 * MINUTE)
    ]
    assert [one.accept for one in difference.after.limits] == [2 * MINUTE]
    reached = who_is_reached(register(), Channels(console=True), "lift.entrapment", f"{HOME}/b1", START)
    assert [(one.party.id, one.accept, one.arrive) for one in reached.calls[0].parties] == [
        ("lift-firm", 3 * MINUTE, 30 * MINUTE), ("property", MINUTE, 30 * MINUTE), ("committee", None, None),
    ]  # fmt: skip


def test_a_party_that_leads_has_the_limits_of_a_lead_whatever_it_would_have_as_a_support():
    duty = route(register(), "lift.entrapment", f"{HOME}/b1", START).duty
    assert duty.limits_of("property").accept == MINUTE
    assert duty.limits_of("lift-firm").accept == duty.tto


@pytest.mark.parametrize(
    ("severity", "tto"), [(Severity.MINOR, 30 * MINUTE), (Severity.MAJOR, 10 * MINUTE), (Severity.CRITICAL, 3 * MINUTE)]
)
def test_other_lift_faults_are_answered_by_severity(severity, tto):
    assert route(register(), "lift.run-timeout", f"{HOME}/b1", START, severity=severity).duty.tto == tto
    assert route(register(), "lift.overspeed", f"{HOME}/b1", START).lead.id == "property"


def test_what_a_matrix_asks_in_vain_is_said_when_it_is_loaded_and_tried(scene):
    endless = write_duties(default_duties()).replace("every: 10 min\n    times: 5", "every: 10 min\n    times: 9")
    assert endless.count("times: 9") >= 1
    change = ChangeDuties(scene.units, scene.clock, YamlSheet())
    tried, done = change.dry_run(ESTATE, endless, None), change.replace(ESTATE, endless, None, replayed=UNREPLAYED)
    assert tried.warnings == done.warnings
    assert any("duty 'access': the step after 0:10:00 calls again 9 times" in one for one in done.warnings)
    assert all("Write times: 5" in one for one in done.warnings)
    again = LoadEstate(scene.units, scene.clock)(replace(description(), duties=read_duties(endless)))
    assert of_duties(again.warnings) == list(done.warnings)
    with scene.units.reading() as uow:
        held = route(uow.registers.find(ESTATE), "access.forced-open", f"{HOME}/b1", START).duty
    assert max(step.repeat.limit for step in held.ladder.steps if step.repeat) == 5


def test_the_default_matrices_ask_for_nothing_in_vain():
    scene = Scene()
    assert of_duties(LoadEstate(scene.units, scene.clock)(description()).warnings) == []


def test_a_limit_that_is_no_duration_is_an_error_with_its_line():
    text = "- id: a\n  hazards: lift.*\n  lead: property_manager\n  supports:\n    grid_worker:\n      accept: soon\n"
    text += "  tto: 1 min\n  ttr: 1 h\n  basis: {zh: 甲, en: A}\n"
    with pytest.raises(Invalid) as caught:
        read_duties(text)
    (problem,) = caught.value.problems
    assert problem.startswith("line 6: [0] 'a'.supports.grid_worker.accept: 'soon' is no duration")
    with pytest.raises(Invalid) as caught:
        read_duties(text.replace("accept: soon", "acept: 1 min"))
    assert caught.value.problems[0].startswith("line 6: [0] 'a'.supports.grid_worker.acept: nobody knows this key")


def test_a_support_that_is_to_accept_later_than_to_be_done_is_refused(scene):
    change = ChangeDuties(scene.units, scene.clock, YamlSheet())
    with pytest.raises(Invalid) as caught:
        change.replace(ESTATE, limited(accept=2 * MINUTE, finish=MINUTE), None, replayed=UNREPLAYED)
    assert any("'lift-entrapment': property_manager is to accept" in problem for problem in caught.value.problems)
