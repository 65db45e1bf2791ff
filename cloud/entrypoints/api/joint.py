"""Joint work over REST: help, whistles, what called parties say, judging, arbitration, merging."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from cloud.application.tasks.act_on_task import MAX_NOTE
from cloud.domain.tasks.calls import Ground
from cloud.domain.tasks.joint_work import MOST_AT_ONCE
from cloud.entrypoints.api.access import AtTheBoard
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.tasks import ANSWERS, Done, ThisDeed, Words

router = Interface("/tasks", tags=["joint work"])

PartyId = Annotated[str, Field(min_length=1, max_length=128)]


class Wanted(Words):
    """Who is to join in: by name, or by what they can do."""

    parties: list[PartyId] = Field(
        default=[], max_length=MOST_AT_ONCE, description="Of the incident's `helpers`; a whistle may name supports too."
    )
    capabilities: list[PartyId] = Field(
        default=[], max_length=MOST_AT_ONCE, description="For each, the closest party at work that has it is called."
    )


class Grounded(Wanted):
    """Who is to join in, and on what ground the street or township may whistle for it."""

    ground: Ground


class Reasoned(BaseModel):
    """A decision is taken with its reason or not at all."""

    model_config = ConfigDict(extra="forbid")

    note: str = Field(min_length=1, max_length=MAX_NOTE, description="Why; it is kept as a note.")


class Judgement(Reasoned):
    """Whether a party is let off what it was bound to."""

    party: PartyId
    consents: bool


class Ruling(Reasoned):
    """Who leads."""

    lead: PartyId = Field(description="One of the incident's `nameable` parties.")


class Merging(Words):
    """In which task this one goes on."""

    into: str = Field(max_length=64, description="The id of one of the incident's `mergeable` tasks.")


@router.post("/{task_id}/help", summary="Ask others for help", responses=ANSWERS)
def ask_for_help(wanted: Wanted, deed: ThisDeed) -> Done:
    words = deed.with_words(wanted)
    return deed.done(
        deed.joint.ask_for_help(deed.task.id, deed.member_id, wanted.parties, wanted.capabilities, **words)
    )


@router.post("/{task_id}/ask-for-whistle", summary="Ask the street or township to whistle", responses=ANSWERS)
def ask_for_whistle(wanted: Grounded, deed: ThisDeed) -> Done:
    ground, parties, able = wanted.ground, wanted.parties, wanted.capabilities
    words = deed.with_words(wanted)
    return deed.done(deed.joint.ask_for_whistle(deed.task.id, deed.member_id, ground, parties, able, **words))


@router.post("/{task_id}/whistle", summary="Call parties with binding effect", responses=ANSWERS)
def whistle(wanted: Grounded, deed: ThisDeed) -> Done:
    """For the street or township that serves the place. Without parties and capabilities: those the lead asked for."""
    ground, parties, able = wanted.ground, wanted.parties, wanted.capabilities
    words = deed.with_words(wanted)
    return deed.done(deed.joint.whistle(deed.task.id, deed.member_id, ground, parties, able, **words))


@router.post("/{task_id}/refuse-whistle", summary="Do not whistle as the lead has asked", responses=ANSWERS)
def refuse_whistle(given: Reasoned, deed: ThisDeed) -> Done:
    return deed.done(
        deed.joint.refuse_whistle(deed.task.id, deed.member_id, given.note, revision=deed.seen, cause=deed.cause)
    )


@router.post("/{task_id}/arrive", summary="A supporting party is on site", responses=ANSWERS)
def arrive(deed: ThisDeed, words: Words | None = None) -> Done:
    return deed.done(deed.joint.arrive(deed.task.id, deed.member_id, **deed.with_words(words)))


@router.post("/{task_id}/finish", summary="A supporting party has done its part", responses=ANSWERS)
def finish(deed: ThisDeed, words: Words | None = None) -> Done:
    return deed.done(deed.joint.finish(deed.task.id, deed.member_id, **deed.with_words(words)))


@router.post("/{task_id}/refused", summary="Whoever obstructs it refuses to clear it", responses=ANSWERS)
def refused(deed: ThisDeed, words: Words | None = None) -> Done:
    """Who may make them is called now, and not when the time to clear it is over."""
    return deed.done(deed.joint.refused(deed.task.id, deed.member_id, **deed.with_words(words)))


@router.post("/{task_id}/judge", summary="Judge what a bound party objected", responses=ANSWERS)
def judge(given: Judgement, deed: ThisDeed) -> Done:
    return deed.done(
        deed.joint.judge(
            deed.task.id, deed.member_id, given.party, given.note, consents=given.consents, revision=deed.seen,
            cause=deed.cause,
        )
    )  # fmt: skip


@router.post("/{task_id}/arbitrate", summary="Decide who leads", responses=ANSWERS)
def arbitrate(given: Ruling, deed: ThisDeed) -> Done:
    return deed.done(
        deed.joint.arbitrate(deed.task.id, deed.member_id, given.lead, given.note, revision=deed.seen, cause=deed.cause)
    )


@router.post("/{task_id}/undo-merge", summary="Undo a merge", responses=ANSWERS)
def undo_merge(deed: ThisDeed, member: AtTheBoard, words: Words | None = None) -> Done:  # noqa: ARG001 - it touches two tasks
    """The merged task is one of its own again, with its alarms; no clock of either begins anew."""
    return deed.done(deed.merge.undo(deed.task.id, deed.member_id, **deed.with_words(words)))


@router.post("/{task_id}/merge", summary="Merge into another task", responses=ANSWERS)
def merge(given: Merging, deed: ThisDeed, member: AtTheBoard) -> Done:  # noqa: ARG001 - it touches two tasks
    """Alerts, open parts and calls go on there; the earliest deadline wins. Life safety merges only into life safety."""
    return deed.done(deed.merge(deed.task.id, deed.member_id, given.into, **deed.with_words(given)))
