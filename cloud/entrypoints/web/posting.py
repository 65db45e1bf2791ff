"""A form that a person posts about a task: what every one of them carries, and the way back to where they were."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, TypedDict

from fastapi import Depends, Form, Path
from fastapi.responses import RedirectResponse

from cloud.application.tasks.act_on_task import MAX_NOTE
from cloud.entrypoints.api.access import CurrentMember, Given

Text = Annotated[str, Form(max_length=MAX_NOTE)]
Back = Annotated[str, Form(max_length=2048)]
PartyId = Annotated[str, Form(max_length=128)]
PartyIds = Annotated[list[Annotated[str, Form(max_length=128)]], Form(max_length=64)]


def local(address: str) -> str:
    """The address, if it lies on this service; else the board. Browsers read a backslash as a slash."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if inside else "/"


def back_to(address: str) -> RedirectResponse:
    return RedirectResponse(local(address), HTTPStatus.SEE_OTHER)


class WithWords(TypedDict):
    """What the use cases take with every form."""

    revision: int | None
    note: str


class Posting:
    """The task, if this member may see it at all; the revision they saw, their words, and where they come from."""

    def __init__(
        self,
        task_id: Annotated[str, Path(max_length=64)],
        services: Given,
        member: CurrentMember,
        *,
        note: Text = "",
        revision: Annotated[int | None, Form(ge=0, lt=2**31)] = None,
        back: Back = "/",
    ) -> None:
        self.task_id, self.member_id = services.queries.task(task_id, member).id, member.member.id
        self.act, self.aside, self.joint, self.merge = services.act, services.aside, services.joint, services.merge
        self.stand_down = services.stand_down
        self.clock, self.note, self.revision, self._back = services.clock, note, revision, back

    @property
    def who(self) -> tuple[str, str]:
        """The task and the member who acts on it."""
        return self.task_id, self.member_id

    @property
    def words(self) -> WithWords:
        return WithWords(revision=self.revision, note=self.note)

    @property
    def whenever(self) -> WithWords:
        """For what somebody says of their own part - they come, they are there: the clocks change a task every few seconds
        of a bad night, and nobody who is willing is told to look at a newer page first.
        """
        return WithWords(revision=None, note=self.note)

    def back(self) -> RedirectResponse:
        return back_to(self._back)


ThisPosting = Annotated[Posting, Depends(Posting)]
