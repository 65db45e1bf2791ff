"""What people do on pages: plain forms that post, act, and lead back to where they were."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Form
from fastapi.responses import RedirectResponse

from cloud.domain.tasks.task import ResolutionReason
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import PartyId, Text, ThisPosting

router = PageRouter("/tasks")


@router.post("/{task_id}/acknowledge")
def acknowledge(posted: ThisPosting) -> RedirectResponse:
    posted.act.acknowledge(*posted.who, **posted.whenever)
    return posted.back()


@router.post("/{task_id}/start")
def start(posted: ThisPosting) -> RedirectResponse:
    posted.act.start(*posted.who, **posted.words)
    return posted.back()


@router.post("/{task_id}/resolve")
def resolve(posted: ThisPosting, reason: Annotated[ResolutionReason, Form()]) -> RedirectResponse:
    posted.act.resolve(*posted.who, reason, **posted.words)
    return posted.back()


@router.post("/{task_id}/close")
def close(posted: ThisPosting) -> RedirectResponse:
    posted.act.close(*posted.who, **posted.words)
    return posted.back()


@router.post("/{task_id}/reopen")
def reopen(posted: ThisPosting) -> RedirectResponse:
    posted.act.reopen(*posted.who, **posted.words)
    return posted.back()


@router.post("/{task_id}/note")
def add_note(posted: ThisPosting, text: Text, *, public: Annotated[bool, Form()] = False) -> RedirectResponse:
    posted.act.note(*posted.who, text, public=public)
    return posted.back()


@router.post("/{task_id}/hold")
def hold(
    posted: ThisPosting,
    reason: Annotated[str, Form(max_length=64)],
    hours: Annotated[int, Form(ge=1, le=90 * 24)],
) -> RedirectResponse:
    until = posted.clock.now() + timedelta(hours=hours)
    posted.aside.hold(*posted.who, reason, until, **posted.words)
    return posted.back()


@router.post("/{task_id}/decline")
def decline(posted: ThisPosting, *, basis: Text = "", named: PartyId = "") -> RedirectResponse:
    posted.aside.decline(*posted.who, basis, named or None)
    return posted.back()


@router.post("/{task_id}/transfer")
def transfer(posted: ThisPosting, to: PartyId) -> RedirectResponse:
    posted.aside.transfer(*posted.who, to, **posted.words)
    return posted.back()
