"""Joint work on pages: plain forms that call others, answer for a part, judge, decide and merge."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from fastapi.responses import RedirectResponse

from cloud.domain.tasks.calls import Ground
from cloud.entrypoints.api.access import AtTheBoard
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import PartyId, PartyIds, ThisPosting

router = PageRouter("/tasks")

OnGround = Annotated[Ground, Form()]


@router.post("/{task_id}/help")
def ask_for_help(posted: ThisPosting, parties: PartyIds = [], capabilities: PartyIds = []) -> RedirectResponse:  # noqa: B006 - pydantic copies it
    posted.joint.ask_for_help(*posted.who, parties, capabilities, **posted.words)
    return posted.back()


@router.post("/{task_id}/ask-for-whistle")
def ask_for_whistle(
    posted: ThisPosting,
    ground: OnGround,
    parties: PartyIds = [],  # noqa: B006 - pydantic copies it
    capabilities: PartyIds = [],  # noqa: B006 - pydantic copies it
) -> RedirectResponse:
    posted.joint.ask_for_whistle(*posted.who, ground, parties, capabilities, **posted.words)
    return posted.back()


@router.post("/{task_id}/whistle")
def whistle(
    posted: ThisPosting,
    ground: OnGround,
    parties: PartyIds = [],  # noqa: B006 - pydantic copies it
    capabilities: PartyIds = [],  # noqa: B006 - pydantic copies it
) -> RedirectResponse:
    posted.joint.whistle(*posted.who, ground, parties, capabilities, **posted.words)
    return posted.back()


@router.post("/{task_id}/refuse-whistle")
def refuse_whistle(posted: ThisPosting) -> RedirectResponse:
    posted.joint.refuse_whistle(*posted.who, posted.note, revision=posted.revision)
    return posted.back()


@router.post("/{task_id}/refused")
def refused(posted: ThisPosting) -> RedirectResponse:
    posted.joint.refused(*posted.who, **posted.words)
    return posted.back()


@router.post("/{task_id}/arrive")
def arrive(posted: ThisPosting) -> RedirectResponse:
    posted.joint.arrive(*posted.who, **posted.whenever)
    return posted.back()


@router.post("/{task_id}/finish")
def finish(posted: ThisPosting) -> RedirectResponse:
    posted.joint.finish(*posted.who, **posted.words)
    return posted.back()


@router.post("/{task_id}/judge")
def judge(posted: ThisPosting, party: PartyId, consents: Annotated[bool, Form()]) -> RedirectResponse:
    posted.joint.judge(*posted.who, party, posted.note, consents=consents, revision=posted.revision)
    return posted.back()


@router.post("/{task_id}/arbitrate")
def arbitrate(posted: ThisPosting, lead: PartyId) -> RedirectResponse:
    posted.joint.arbitrate(*posted.who, lead, posted.note, revision=posted.revision)
    return posted.back()


@router.post("/{task_id}/undo-merge")
def undo_merge(posted: ThisPosting, member: AtTheBoard) -> RedirectResponse:  # noqa: ARG001 - it touches two tasks
    posted.merge.undo(*posted.who, **posted.words)
    return posted.back()


@router.post("/{task_id}/merge")
def merge(
    posted: ThisPosting,
    member: AtTheBoard,  # noqa: ARG001 - it touches two tasks
    into: Annotated[str, Form(max_length=64)],
) -> RedirectResponse:
    posted.merge(*posted.who, into, **posted.words)
    return posted.back()
