"""Calling work off over REST: an officer cancels a task, a lead releases a helper."""

from __future__ import annotations

from pydantic import Field

from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.joint import PartyId, Reasoned
from cloud.entrypoints.api.tasks import ANSWERS, Done, ThisDeed

router = Interface("/tasks", tags=["joint work"])


class Release(Reasoned):
    """Which helper the lead lets go."""

    party: PartyId = Field(description="One of the incident's `releasable` parties.")


@router.post("/{task_id}/cancel", summary="Cancel", responses=ANSWERS)
def cancel(given: Reasoned, deed: ThisDeed) -> Done:
    """For a manager of who runs the estate, an overseer or an administrator. Never life safety."""
    return deed.done(
        deed.stand_down.cancel(deed.task.id, deed.member_id, given.note, revision=deed.seen, cause=deed.cause)
    )


@router.post("/{task_id}/release", summary="Let a helper go", responses=ANSWERS)
def release(given: Release, deed: ThisDeed) -> Done:
    """For the lead: a party that was asked for help and has an open part."""
    return deed.done(
        deed.stand_down.release(
            deed.task.id, deed.member_id, given.party, given.note, revision=deed.seen, cause=deed.cause
        )
    )
