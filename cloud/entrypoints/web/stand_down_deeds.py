"""Calling work off on pages: plain forms that cancel a task or release a helper."""

from __future__ import annotations

from fastapi.responses import RedirectResponse

from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import PartyId, ThisPosting

router = PageRouter("/tasks")


@router.post("/{task_id}/cancel")
def cancel(posted: ThisPosting) -> RedirectResponse:
    posted.stand_down.cancel(*posted.who, posted.note, revision=posted.revision)
    return posted.back()


@router.post("/{task_id}/release")
def release(posted: ThisPosting, party: PartyId) -> RedirectResponse:
    posted.stand_down.release(*posted.who, party, posted.note, revision=posted.revision)
    return posted.back()
