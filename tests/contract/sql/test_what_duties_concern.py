"""What the database narrows a list to is what the judgement says of each task, for everybody there is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.domain.tasks.sight import concern_of, outlook
from cloud.domain.tasks.task import TaskState
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene


def of_one_building():
    """The same, where the lift firm serves building 2 alone, and the committee and one locksmith building 1."""
    plain = neighbourhood()
    near = {"lift-firm": f"{HOME}/b2", "committee": f"{HOME}/b1", "smith-two": f"{HOME}/b1"}
    parties = tuple(replace(one, serves=(near[one.id],)) if one.id in near else one for one in plain.parties)
    return replace(plain, parties=parties)


@pytest.fixture(params=[neighbourhood, of_one_building])
def scene(units, request):
    made = Scene(units, request.param())
    for hazard, where in (
        ("lift.entrapment", "b1/lift-1"),
        ("lift.run-timeout", "b1/lift-2"),
        ("access.forced-open", "b1/door"),
        ("access.held-open", "b2/door"),
        ("fire.co", "b1/co-1"),
        ("welfare.no-activity", "b1/door"),
        ("node.silent", "node/b1-gateway"),
    ):
        made.rings(hazard, where)
    doors = {task.hazard: task.id for task in made.board() if task.hazard.startswith("access.")}
    made.act.acknowledge(doors["access.forced-open"], "guard")
    made.joint.ask_for_help(doors["access.forced-open"], "guard", ["police", "volunteers", "locksmith"])
    made.aside.decline(doors["access.forced-open"], "constable", "not ours")
    made.stand_down.cancel(doors["access.held-open"], "street-officer", "a trial")
    return made


def everything(uow):
    return [*uow.tasks.open(ESTATE), *uow.tasks.closed(ESTATE)]


def test_a_list_is_narrowed_to_what_the_judgement_says_of_each(scene):
    with scene.units.reading() as uow:
        register, tasks = uow.registers.find(ESTATE), everything(uow)
        places = {id_: one.place_id for id_, one in uow.incidents.among([t.incident_id for t in tasks]).items()}
        seen = {}
        for member in register.members.values():
            eyes = outlook(register, member)
            said = {task.id for task in tasks if eyes.sees(concern_of(task, places[task.incident_id]))}
            listed = [*uow.tasks.open(ESTATE, eyes), *uow.tasks.closed(ESTATE, seen_by=eyes)]
            assert {task.id for task in listed} == said, member.id
            assert len(listed) == len(said)
            seen[member.id] = {task.hazard for task in tasks if task.id in said}
    every = {task.hazard for task in tasks}
    assert seen["guard"] == every
    assert seen["street-officer"] == every
    assert seen["watch"] == every - {"welfare.no-activity"}
    assert seen["constable"] == seen["volunteer"] == {"access.forced-open"}
    assert "access.held-open" not in seen["technician"]
    everywhere = register.parties["lift-firm"].serves == (HOME,)
    assert ("lift.entrapment" in seen["technician"]) is ("lift.run-timeout" in seen["technician"]) is everywhere
    assert ("access.held-open" in seen["clerk"]) is everywhere, "the committee's area ends at its building"


def test_whom_a_task_concerns_is_kept_as_it_changes(scene):
    with scene.units.reading() as uow:
        tasks = everything(uow)
        kept = uow.tasks.concerns([task.incident_id for task in tasks])
        incidents = uow.incidents.among([task.incident_id for task in tasks])
    assert kept == {task.incident_id: concern_of(task, incidents[task.incident_id].place_id) for task in tasks}
    assert {"property", "police", "volunteers", "locksmith"} <= kept[by(tasks, "access.forced-open").incident_id].parts


def by(tasks, hazard):
    return next(task for task in tasks if task.hazard == hazard)


def test_what_a_task_no_longer_says_is_not_kept(scene):
    with scene.units.writing() as uow:
        task = by(uow.tasks.open(ESTATE), "fire.co")
        task.duty = replace(task.duty, supports=(), observers=())
        uow.tasks.save(task)
        uow.commit()
    with scene.units.reading() as uow:
        place = uow.incidents.get(task.incident_id).place_id
        assert uow.tasks.concerns([task.incident_id])[task.incident_id] == concern_of(task, place)


def test_pages_of_what_is_over_follow_one_another_for_who_sees_part_of_it(scene):
    with scene.units.writing() as uow:
        for number, task in enumerate(uow.tasks.open(ESTATE)):
            task.state, task.closed_at = TaskState.CLOSED, START + timedelta(minutes=10 + number // 2)
            uow.tasks.save(task)
        uow.commit()
    with scene.units.reading() as uow:
        register = uow.registers.find(ESTATE)
        eyes = outlook(register, register.members["clerk"])
        whole = uow.tasks.closed(ESTATE, seen_by=eyes)
        paged, before = [], None
        while page := uow.tasks.closed(ESTATE, limit=1, before=before, seen_by=eyes):
            paged += page
            before = (page[-1].closed_at, page[-1].id)
    assert [task.id for task in paged] == [task.id for task in whole] != []
