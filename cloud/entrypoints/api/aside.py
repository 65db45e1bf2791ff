"""Stepping aside over REST: putting a task on hold, declining a part, handing the lead over."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from cloud.application.tasks.act_on_task import MAX_NOTE
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.moments import Moment
from cloud.entrypoints.api.tasks import ANSWERS, Done, ThisDeed, Words

router = Interface("/tasks", tags=["tasks"])


class Hold(Words):
    """For what the lead waits, and until when at the latest."""

    reason: str = Field(max_length=64, description="One of the task's `pause_reasons`.")
    until: Moment = Field(description="At most 90 days ahead.")


class Decline(BaseModel):
    """Why a part is not this party's. Where life is at stake an empty object says that it cannot come."""

    model_config = ConfigDict(extra="forbid")

    basis: str = Field(default="", max_length=MAX_NOTE, description="The duty or rule it cites; kept as a note.")
    named: str | None = Field(default=None, max_length=128, description="The party that is responsible instead.")


class Transfer(Words):
    """Who is asked to take over the lead."""

    to: str = Field(max_length=128, description="One of the incident's `eligible` parties.")


@router.post("/{task_id}/hold", summary="Put on hold", responses=ANSWERS)
def hold(wait: Hold, deed: ThisDeed) -> Done:
    words = deed.with_words(wait)
    return deed.done(deed.aside.hold(deed.task.id, deed.member_id, wait.reason, wait.until, **words))


@router.post("/{task_id}/decline", summary="Decline the part of the member's party", responses=ANSWERS)
def decline(given: Decline, deed: ThisDeed) -> Done:
    return deed.done(
        deed.aside.decline(deed.task.id, deed.member_id, given.basis, given.named, revision=deed.seen, cause=deed.cause)
    )


@router.post("/{task_id}/transfer", summary="Ask another party to take over the lead", responses=ANSWERS)
def transfer(handover: Transfer, deed: ThisDeed) -> Done:
    return deed.done(deed.aside.transfer(deed.task.id, deed.member_id, handover.to, **deed.with_words(handover)))
