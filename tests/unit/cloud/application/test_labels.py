"""Labels for every lift and door, and who is told of what is reported behind them."""

from __future__ import annotations

from itertools import count

import pytest

from cloud.application.estates.keep_labels import KeepLabels
from cloud.application.intake.at_the_label import AtTheLabel
from cloud.application.intake.known_here import KnownHere
from cloud.application.tasks.walk_patrols import WalkPatrols
from cloud.domain.incidents.report import Concern
from cloud.domain.records.narrative import sentence
from cloud.domain.records.patrol import Round
from cloud.domain.tasks.task import TaskState
from cloud.errors import Conflict, NotFound
from tests.fakes.estate import ESTATE


@pytest.fixture
def labels(scene):
    numbers = count(1)
    return KeepLabels(scene.units, scene.clock, lambda: f"{next(numbers):08d}")


@pytest.fixture
def at(scene):
    return AtTheLabel(scene.units, scene.clock, KnownHere(scene.units, scene.clock))


def code_of(scene, equipment):
    with scene.units.reading() as uow:
        return next(one.code for one in uow.labels.of(ESTATE) if one.equipment_id == equipment)


def told(here, concern):
    return [[names.en for names in names] for names in (here.told[concern].first, here.told[concern].then)]


def test_each_lift_and_door_has_one_and_nothing_else(scene, labels):
    manager = scene.identity("manager")
    assert labels.sheet(ESTATE, manager).missing == 4
    assert (labels.make(ESTATE, manager), labels.make(ESTATE, manager)) == (4, 0)
    sheet = labels.sheet(ESTATE, manager)
    assert (sorted(one.equipment_id for one in sheet.labels), sheet.missing) == (
        ["b1/door", "b1/lift-1", "b1/lift-2", "b2/door"],
        0,
    )
    assert [one.count for one in sheet.buildings] == [3, 1]
    here = labels.sheet(ESTATE, manager, sheet.buildings[1].id)
    assert [one.equipment_id for one in here.labels] == ["b2/door"]
    assert all(one.number for one in sheet.labels)


def test_a_replaced_code_opens_nothing_and_the_ledger_says_so_without_it(scene, labels, at):
    manager = scene.identity("manager")
    labels.make(ESTATE, manager)
    old = code_of(scene, "b1/lift-1")
    new = labels.replace(ESTATE, old, manager)
    assert labels.replace(ESTATE, old, manager) == new
    assert at(new).equipment_id == "b1/lift-1"
    for code in (old, "", "nonsense", "99999999"):
        with pytest.raises(NotFound):
            at(code)
    with pytest.raises(NotFound):
        labels.one(ESTATE, old, manager)
    last = scene.ledger()[-1]
    assert (last.kind, last.actor, last.data) == ("label.replaced", "member:manager", {"equipment": "b1/lift-1"})
    with scene.units.reading() as uow:
        assert "Lift 1" in sentence(last, uow.registers.find(ESTATE)).en


def test_of_another_estate_nobody_makes_or_replaces_a_label(scene, labels):
    manager = scene.identity("manager")
    labels.make(ESTATE, manager)
    for deed in (
        lambda: labels.make("elsewhere", manager),
        lambda: labels.sheet("elsewhere", manager),
        lambda: labels.replace("elsewhere", code_of(scene, "b1/door"), manager),
        lambda: labels.replace(ESTATE, "99999999", manager),
    ):
        with pytest.raises(NotFound):
            deed()


def test_whom_it_goes_to_is_whom_it_will_go_to(scene, labels, at):
    labels.make(ESTATE, scene.identity("manager"))
    here = at(code_of(scene, "b1/lift-1"))
    first, then = told(here, Concern.TRAPPED)
    assert (first, "Lift maintainer" in then) == (["Property"], True)
    scene.is_reported(Concern.TRAPPED, "b1/lift-1", device="one")
    assert [party for party, _ in scene.told()] == ["property"]
    first, then = told(at(here.code), Concern.LIFT_FAULT)
    made = scene.is_reported(Concern.LIFT_FAULT, "b1/lift-2", device="two")
    with scene.units.reading() as uow:
        register = uow.registers.find(ESTATE)
    assert (sorted(first), then) == (sorted(register.party(one).names.en for one in made.told), [])
    assert told(at(here.code), Concern.TRAPPED)[0] == ["Property"], "who has it already is not who would be asked anew"


def test_the_code_of_a_label_names_its_equipment_wherever_a_code_is_asked_for(scene, labels):
    manager = scene.identity("manager")
    labels.make(ESTATE, manager)
    code = code_of(scene, "b1/door")
    scene.is_reported(Concern.EXIT_OBSTRUCTED, f"{code[:4].lower()}-{code[4:]}", desk_id="guard")
    with scene.units.reading() as uow:
        assert uow.incidents.get(scene.only_task().incident_id).equipment_id == "b1/door"
    walk = WalkPatrols(scene.units, scene.clock, scene.ids)
    walked = walk.record(
        ESTATE, Round.DAILY, [f"https://tocsin.example/at/{code} ", "b2/door"], scene.identity("guard")
    )
    assert [one.en for one in walked.points] == ["North door", "South door"]
    labels.replace(ESTATE, code, manager)
    with pytest.raises(NotFound):
        scene.is_reported(Concern.EXIT_OBSTRUCTED, code)


def test_what_is_known_there_is_what_everybody_may_know(scene, labels, at):
    labels.make(ESTATE, scene.identity("manager"))
    for hazard, equipment in (
        ("access.forced-open", "b1/door"),
        ("access.release-failed", "b1/door"),
        ("welfare.no-activity", "b1/door"),
        ("point.stuck", "b1/door"),
        ("lift.door-fault", "b1/lift-1"),
    ):
        scene.rings(hazard, equipment)
    known = [one.hazard_names.en for one in at(code_of(scene, "b1/door")).spot.known]
    assert len(known) == 1, "that a door stands open is told from afar"
    (matter,) = at(code_of(scene, "b1/lift-1")).spot.known
    assert matter.responsible.en == "Lift maintainer"


def test_a_report_merged_into_what_concerns_a_home_tells_its_reporter_nothing_of_it(scene):
    """Which is refused, and may have been done before it was."""
    token = scene.is_reported(Concern.EXIT_OBSTRUCTED, "b1/door").token
    (reported,) = scene.board()
    scene.rings("welfare.no-activity", "b1/door")
    home = next(one for one in scene.board() if one.id != reported.id)
    scene.act.acknowledge(home.id, "grid-officer")
    scene.act.note(home.id, "grid-officer", "whoever lives there has fallen", public=True)
    with pytest.raises(Conflict, match="a home"):
        scene.merge(reported.id, "street-officer", home.id)
    with scene.units.writing() as uow:
        task, into = uow.tasks.get(reported.id), uow.tasks.get(home.id)
        task.state, task.merged_into, into.merged = TaskState.MERGED, home.incident_id, (reported.incident_id,)
        for one in (task, into):
            uow.tasks.save(one)
        uow.commit()
    view = scene.follow.read(token)
    assert (view.parties, view.steps, view.notes, view.hazard_names.en) == ([], [], [], "Exit obstructed")
    assert (view.responsible, view.open) == (None, True)
