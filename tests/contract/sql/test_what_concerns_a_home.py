"""What concerns a home is seen by the parties with a part in it, overseers of the street and who runs the estate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.application.ledger.export_ledger import ExportLedger
from cloud.application.ledger.inspection import PrintRegister
from cloud.application.sight import WITHHELD
from cloud.domain.records.inspection import Book
from cloud.domain.records.ledger_chain import digest_of
from cloud.domain.tasks.sight import concern_of, outlook
from cloud.domain.tasks.task import TaskState
from cloud.errors import NotAllowed, NotFound
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene

SEE = ["daughter", "walker", "clerk", "manager", "guard", "officer"]
OVERSEE = {"watch", "neighbour", "runner", "engineer"}
"""Of those that do not, who sees everything else there: the fire control room, who works for the street, who lives there, as far as
other fences let them, and who runs the installation."""
DO_NOT = ["technician", "watch", "engineer", "neighbour", "runner", "constable"]


@pytest.fixture
def scene(units):
    made = Scene(units, neighbourhood())
    made.rings("welfare.no-activity", "b1/door")
    made.rings("access.held-open", "b2/door")
    return made


def hazards(scene, member):
    return {task.hazard for task in scene.queries.board(ESTATE, scene.identity(member)).tasks}


def home(scene):
    return next(task for task in scene.board() if task.hazard.startswith("welfare."))


@pytest.mark.parametrize("member", SEE)
def test_parties_with_a_part_the_street_and_who_runs_the_estate_see_it(scene, member):
    scene.passes(minutes=30)  # the family first; then who visits
    viewer, task = scene.identity(member), home(scene)
    door = set() if member in {"daughter", "walker"} else {"access.held-open"}
    assert hazards(scene, member) == {"welfare.no-activity"} | door
    assert scene.queries.incident(task.incident_id, viewer).task.id == task.id
    assert scene.queries.task(task.id, viewer).id == task.id
    page = scene.queries.ledger_since(ESTATE, 0, viewer)
    assert task.incident_id in {line.incident_id for line in page.lines if line.private}


@pytest.mark.parametrize("member", DO_NOT)
def test_to_anybody_else_it_is_not_there(scene, member):
    viewer, task = scene.identity(member), home(scene)
    door = {"access.held-open"} if member in OVERSEE else set()
    assert hazards(scene, member) == door
    assert {one.hazard for one in scene.queries.tasks(ESTATE, viewer)} == door
    assert {one.hazard for one in scene.queries.alerts(ESTATE, viewer)} == door
    assert {one.id for one in scene.queries.equipment(ESTATE, viewer) if one.firing} == ({"b2/door"} if door else set())
    for ask in (lambda: scene.queries.incident(task.incident_id, viewer), lambda: scene.queries.task(task.id, viewer)):
        with pytest.raises(NotFound):
            ask()
    with pytest.raises(NotFound):
        scene.act.note(task.id, member, "I know them")
    page = scene.queries.ledger_since(ESTATE, 0, viewer)
    assert page.seq == scene.ledger()[-1].seq
    assert not [line for line in page.lines if line.private or line.incident_id == task.incident_id]


def test_the_chain_keeps_its_hashes_and_says_nothing_and_a_file_of_it_is_refused(scene):
    task, viewer = home(scene), scene.identity("watch")
    shown = scene.queries.ledger_entries(ESTATE, 0, viewer)
    assert [(one.seq, one.hash) for one in shown] == [(one.seq, one.hash) for one in scene.ledger()]
    veiled = [one for one in shown if one.kind == WITHHELD]
    assert {one.seq for one in veiled} == {e.seq for e in scene.ledger() if e.incident_id == task.incident_id}
    assert all((one.actor, one.incident_id, one.subject, one.data) == (WITHHELD, None, None, {}) for one in veiled)
    assert all(digest_of(one) == one.hash for one in shown if one not in veiled)
    export = ExportLedger(scene.units, scene.clock)
    with pytest.raises(NotAllowed, match="a home"):
        export(ESTATE, viewer)
    assert export(ESTATE, viewer, until=veiled[0].seq - 1).entries == veiled[0].seq - 1
    assert len(list(export(ESTATE, scene.identity("officer")).lines)) == len(shown) + 1


def test_a_list_of_what_is_over_does_not_end_where_something_hidden_was(scene):
    task = home(scene)
    door = next(one for one in scene.board() if one.id != task.id)
    with scene.units.writing() as uow:
        for number, id_ in enumerate((door.id, task.id)):
            kept = uow.tasks.get(id_)
            kept.state, kept.closed_at = TaskState.CLOSED, START + timedelta(minutes=10 + number)
            uow.tasks.save(kept)
        uow.commit()
    viewer = scene.identity("watch")
    assert [one.id for one in scene.queries.tasks(ESTATE, viewer, closed=True, limit=1)] == [door.id]
    assert [one.id for one in scene.queries.tasks(ESTATE, None, closed=True, limit=1)] == [task.id]


def test_registers_leave_it_out(scene):
    task, span = home(scene), (START - timedelta(days=1), START + timedelta(days=1))
    printed = PrintRegister(scene.units, scene.clock)
    for book in Book:
        lines = printed(ESTATE, book, *span, scene.identity("watch")).lines
        assert task.incident_id not in {line.incident_id for line in lines}


def test_a_part_that_is_asked_for_opens_it_and_residents_see_their_own_households_only(scene):
    task = home(scene)
    scene.act.acknowledge(task.id, "daughter")
    assert hazards(scene, "technician") == set()
    scene.joint.ask_for_help(task.id, "daughter", ["lift-firm"])
    assert hazards(scene, "technician") == {"welfare.no-activity"}
    with scene.units.reading() as uow:
        register, kept = uow.registers.find(ESTATE), uow.tasks.get(task.id)
        incident = uow.incidents.get(task.incident_id)
        seen = outlook(register, uow.registers.member("neighbour"))
    assert not seen.sees(concern_of(kept, incident.place_id))
    assert not seen.homes
