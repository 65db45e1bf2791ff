"""One chain, visible end to end: alarms → topic → ballot → task → effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cloud.application.consultation.depict import subject
from cloud.application.consultation.views import ChainView, LinkView
from cloud.application.ports import UnitOfWork
from cloud.domain.community.names import Names
from cloud.domain.consultation.ballot import Ballot, BallotState
from cloud.domain.consultation.topic import Topic
from cloud.domain.duties.register import Register
from cloud.domain.records.consultation_told import WORDS
from cloud.domain.tasks.task import Task
from schemas.hazards import hazard


def chain_of(uow: UnitOfWork, topic: Topic, ballots: Sequence[Ballot], register: Register) -> ChainView:
    task = uow.tasks.get(topic.resolution_task) if topic.resolution_task else None
    return ChainView(
        topic.id, [*_alarms(uow, topic, register), *_decided(topic, ballots, register), *_done(topic, task, register)]
    )


def _alarms(uow: UnitOfWork, topic: Topic, register: Register) -> Iterator[LinkView]:
    known = uow.incidents.among(topic.evidence)
    for incident in sorted(known.values(), key=lambda one: (one.opened_at, one.id)):
        what, where = hazard(incident.hazard), register.names_of(incident.equipment_id)
        told = Names(f"{where.zh}：{what.zh}", f"{what.en} at {where.en}")
        yield LinkView("alarm", incident.id, incident.opened_at, told, f"/api/v1/incidents/{incident.id}")


def _decided(topic: Topic, ballots: Sequence[Ballot], register: Register) -> Iterator[LinkView]:
    yield LinkView("topic", topic.id, topic.opened_at, subject(topic, register), f"/api/v1/topics/{topic.id}")
    for ballot in ballots:
        matter = WORDS[ballot.matter]
        if ballot.result is None:
            word, tail = WORDS["voting"], Names("", "")
        else:
            took, of = ballot.result.participating.heads, ballot.result.roll.heads
            word = WORDS[ballot.result.outcome]
            tail = Names(f"，{of} 位业主中 {took} 位参与", f", {took} of {of} owners took part")
        told = Names(f"{matter.zh}：{word.zh}{tail.zh}", f"{matter.en}: {word.en}{tail.en}")
        at = ballot.closed_at if ballot.state is BallotState.CLOSED and ballot.closed_at else ballot.opened_at
        yield LinkView("ballot", ballot.id, at, told, f"/api/v1/ballots/{ballot.id}")


def _done(topic: Topic, task: Task | None, register: Register) -> Iterator[LinkView]:
    if task is not None:
        lead = register.party(task.responsible_id).names
        over = Names("已办结", "closed") if task.closed_at else Names("办理中", "under way")
        told = Names(f"{lead.zh}落实决议：{over.zh}", f"{lead.en} carries out the resolution: {over.en}")
        yield LinkView("task", task.id, task.opened_at, told, f"/api/v1/tasks/{task.id}")
    if topic.effect is not None:
        yield LinkView("effect", topic.id, topic.effect.measured_at, topic.effect.told(), None)
