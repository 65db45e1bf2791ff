"""Tasks over REST: what a member does with them. Every answer lists what may be done next."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final, TypedDict

from fastapi import Depends, Header, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass

from cloud.application.asking.views import TaskView
from cloud.application.tasks.act_on_task import MAX_NOTE, Acted
from cloud.domain.tasks.task import ResolutionReason
from cloud.entrypoints.api.access import CurrentMember, Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import Fault, Refusal, documented

router = Interface("/tasks", tags=["tasks"])

ANSWERS: Final = documented(
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.PRECONDITION_FAILED,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)


def known_task(task_id: Annotated[str, Path(max_length=64)], services: Given, member: CurrentMember) -> TaskView:
    """The task, if this member may see it at all; to anyone else it does not exist."""
    return services.queries.task(task_id, member)


KnownTask = Annotated[TaskView, Depends(known_task)]


def seen_revision(
    task: KnownTask,
    if_match: Annotated[
        str | None,
        Header(
            max_length=64,
            description='The revision seen, as in the ETag: "7".',
            json_schema_extra={"pattern": r'^(\*|(W/)?"[0-9]{1,9}")$'},
        ),
    ] = None,
) -> int | None:
    """The revision the client saw. One that is old already is refused here with 412, as RFC 9110 has it."""
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - digits of any revision there will be
        fault = Fault(where="header.If-Match", what='give the revision seen, in quotes, such as "7"')
        raise Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "If-Match does not name a revision.", problems=[fault]
        )
    if int(text) != task.revision:
        detail = f"The task is at revision {task.revision}; you saw {text}. Read it again and decide anew."
        raise Refusal(
            HTTPStatus.PRECONDITION_FAILED, "precondition-failed", detail, headers={"ETag": f'"{task.revision}"'}
        )
    return int(text)


SeenRevision = Annotated[int | None, Depends(seen_revision)]


def cause_of(request: Request) -> str | None:
    """What brought a deed about, for the ledger: the request's id, where the client gave one."""
    given = request.headers.get("x-request-id", "")
    return f"request:{given}" if given.isascii() and given.isprintable() and 0 < len(given) <= 64 else None  # noqa: PLR2004 - a UUID and some


Cause = Annotated[str | None, Depends(cause_of)]


# pydantic's own, so that the two dozen routes that answer with it share its schema: of a plain dataclass each has its own,
# 200 KiB.
@dataclass(frozen=True, slots=True)
class Done:
    """What came of a deed; the task with the actions allowed next, and the ledger's sequence it was recorded under."""

    task: TaskView
    seq: int


class Claim(BaseModel):
    """The claim that a task is done, and in which sense."""

    model_config = ConfigDict(extra="forbid")

    reason: ResolutionReason
    note: str = Field(default="", max_length=MAX_NOTE, description="Words for the timeline.")


class Words(BaseModel):
    """What somebody wants to say with a deed; it is recorded together with it or not at all."""

    model_config = ConfigDict(extra="forbid")

    note: str = Field(default="", max_length=MAX_NOTE, description="Words for the timeline.")


class Remark(BaseModel):
    """Words for the timeline."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=MAX_NOTE)
    public: bool = Field(default=False, description="Whether the reporter and residents may read it.")


class WithWords(TypedDict):
    """What the use cases take with every deed."""

    revision: int | None
    note: str
    cause: str | None


class Deed:
    """A deed in the making: the task as this member sees it, the revision they saw, and what brought it about."""

    def __init__(
        self,
        *,
        task: KnownTask,
        services: Given,
        member: CurrentMember,
        seen: SeenRevision,
        cause: Cause,
        response: Response,
    ) -> None:
        self.task, self.cause, self.seen = task, cause, seen
        self.act, self.aside, self.joint, self.merge = services.act, services.aside, services.joint, services.merge
        self.stand_down = services.stand_down
        self.member_id = member.member.id
        self._queries, self._member, self._response = services.queries, member, response

    def with_words(self, words: Words | None) -> WithWords:
        """What goes with every deed: the revision seen, the words, the cause."""
        return WithWords(revision=self.seen, note=words.note if words else "", cause=self.cause)

    def done(self, acted: Acted) -> Done:
        """The task read anew, so that the answer says what may be done next."""
        self._response.headers["ETag"] = f'"{acted.revision}"'
        return Done(self._queries.task(acted.task_id, self._member), acted.seq)


ThisDeed = Annotated[Deed, Depends(Deed)]


@router.get("/{task_id}", summary="One task", responses=documented(HTTPStatus.NOT_FOUND))
def read_task(task: KnownTask, response: Response) -> TaskView:
    response.headers["ETag"] = f'"{task.revision}"'
    return task


@router.post("/{task_id}/acknowledge", summary="Accept the part of the member's party", responses=ANSWERS)
def acknowledge(deed: ThisDeed, words: Words | None = None) -> Done:
    return deed.done(deed.act.acknowledge(deed.task.id, deed.member_id, **deed.with_words(words)))


@router.post("/{task_id}/start", summary="Begin the work", responses=ANSWERS)
def start(deed: ThisDeed, words: Words | None = None) -> Done:
    return deed.done(deed.act.start(deed.task.id, deed.member_id, **deed.with_words(words)))


@router.post("/{task_id}/resolve", summary="Claim that it is done", responses=ANSWERS)
def resolve(claim: Claim, deed: ThisDeed) -> Done:
    return deed.done(
        deed.act.resolve(
            deed.task.id, deed.member_id, claim.reason, revision=deed.seen, note=claim.note, cause=deed.cause
        )
    )


@router.post("/{task_id}/close", summary="Verify and close", responses=ANSWERS)
def close(deed: ThisDeed, words: Words | None = None) -> Done:
    return deed.done(deed.act.close(deed.task.id, deed.member_id, **deed.with_words(words)))


@router.post("/{task_id}/reopen", summary="It is not over", responses=ANSWERS)
def reopen(deed: ThisDeed, words: Words | None = None) -> Done:
    return deed.done(deed.act.reopen(deed.task.id, deed.member_id, **deed.with_words(words)))


@router.post("/{task_id}/notes", summary="Add a note", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def add_note(remark: Remark, deed: ThisDeed) -> Done:
    text, public = remark.text, remark.public
    return deed.done(deed.act.note(deed.task.id, deed.member_id, text, public=public, cause=deed.cause))
