"""Stepping aside on pages: plain forms that put a task on hold, decline a part or hand the lead over."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse

from cloud.entrypoints.api.access import CurrentMember, Given
from cloud.entrypoints.web.deeds import Back, Revision, TaskId, Text, back_to

router = APIRouter(include_in_schema=False)

PartyId = Annotated[str, Form(max_length=128)]


@router.post("/tasks/{task_id}/hold")
def hold(
    task_id: TaskId,
    services: Given,
    member: CurrentMember,
    reason: Annotated[str, Form(max_length=64)],
    hours: Annotated[int, Form(ge=1, le=90 * 24)],
    *,
    note: Text = "",
    revision: Revision = None,
    back: Back = "/",
) -> RedirectResponse:
    task = services.queries.task(task_id, member)
    until = services.clock.now() + timedelta(hours=hours)
    services.aside.hold(task.id, member.member.id, reason, until, revision=revision, note=note)
    return back_to(back)


@router.post("/tasks/{task_id}/decline")
def decline(
    task_id: TaskId,
    services: Given,
    member: CurrentMember,
    *,
    basis: Text = "",
    named: PartyId = "",
    revision: Revision = None,
    back: Back = "/",
) -> RedirectResponse:
    task = services.queries.task(task_id, member)
    services.aside.decline(task.id, member.member.id, basis, named or None, revision=revision)
    return back_to(back)


@router.post("/tasks/{task_id}/transfer")
def transfer(
    task_id: TaskId,
    services: Given,
    member: CurrentMember,
    to: PartyId,
    *,
    note: Text = "",
    revision: Revision = None,
    back: Back = "/",
) -> RedirectResponse:
    task = services.queries.task(task_id, member)
    services.aside.transfer(task.id, member.member.id, to, revision=revision, note=note)
    return back_to(back)
