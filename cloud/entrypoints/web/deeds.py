"""What people do on pages: plain forms that post, act, and lead back to where they were."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Path
from fastapi.responses import RedirectResponse

from cloud.application.tasks.act_on_task import MAX_NOTE
from cloud.domain.tasks.task import ResolutionReason
from cloud.entrypoints.api.access import CurrentMember, Given

router = APIRouter(include_in_schema=False)

TaskId = Annotated[str, Path(max_length=64)]
Revision = Annotated[int | None, Form(ge=0, lt=2**31)]
Back = Annotated[str, Form(max_length=2048)]
Text = Annotated[str, Form(max_length=MAX_NOTE)]


def local(address: str) -> str:
    """The address, if it lies on this service; else the board. Browsers read a backslash as a slash."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if inside else "/"


def back_to(address: str) -> RedirectResponse:
    return RedirectResponse(local(address), HTTPStatus.SEE_OTHER)


@router.post("/tasks/{task_id}/acknowledge")
def acknowledge(
    task_id: TaskId, services: Given, member: CurrentMember, *, revision: Revision = None, back: Back = "/"
) -> RedirectResponse:
    task = services.queries.task(task_id, member)
    services.act.acknowledge(task.id, member.member.id, revision=revision)
    return back_to(back)


@router.post("/tasks/{task_id}/start")
def start(
    task_id: TaskId, services: Given, member: CurrentMember, *, revision: Revision = None, back: Back = "/"
) -> RedirectResponse:
    task = services.queries.task(task_id, member)
    services.act.start(task.id, member.member.id, revision=revision)
    return back_to(back)


@router.post("/tasks/{task_id}/resolve")
def resolve(
    task_id: TaskId,
    services: Given,
    member: CurrentMember,
    reason: Annotated[ResolutionReason, Form()],
    *,
    note: Text = "",
    revision: Revision = None,
    back: Back = "/",
) -> RedirectResponse:
    task = services.queries.task(task_id, member)
    services.act.resolve(task.id, member.member.id, reason, revision=revision, note=note)
    return back_to(back)


@router.post("/tasks/{task_id}/close")
def close(
    task_id: TaskId,
    services: Given,
    member: CurrentMember,
    *,
    note: Text = "",
    revision: Revision = None,
    back: Back = "/",
) -> RedirectResponse:
    task = services.queries.task(task_id, member)
    services.act.close(task.id, member.member.id, revision=revision, note=note)
    return back_to(back)


@router.post("/tasks/{task_id}/reopen")
def reopen(
    task_id: TaskId,
    services: Given,
    member: CurrentMember,
    *,
    note: Text = "",
    revision: Revision = None,
    back: Back = "/",
) -> RedirectResponse:
    task = services.queries.task(task_id, member)
    services.act.reopen(task.id, member.member.id, revision=revision, note=note)
    return back_to(back)


@router.post("/tasks/{task_id}/note")
def add_note(
    task_id: TaskId,
    services: Given,
    member: CurrentMember,
    text: Text,
    *,
    public: Annotated[bool, Form()] = False,
    back: Back = "/",
) -> RedirectResponse:
    task = services.queries.task(task_id, member)
    services.act.note(task.id, member.member.id, text, public=public)
    return back_to(back)
