"""Forms of the incident page by which it is verified: checks, photos, the sounder, reports, exercises."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from fastapi.responses import RedirectResponse

from cloud.domain.tasks.dialling import Outcome
from cloud.domain.tasks.witness import Stage
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.verification import Picture, bytes_of
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import PartyId, ThisPosting

router = PageRouter("/tasks")


@router.post("/{task_id}/check")
def check(posted: ThisPosting, services: Given) -> RedirectResponse:
    services.assurance.verify.check(*posted.who, **posted.words)
    return posted.back()


@router.post("/{task_id}/look")
def look(posted: ThisPosting, services: Given) -> RedirectResponse:
    services.assurance.verify.look(*posted.who, **posted.words)
    return posted.back()


@router.post("/{task_id}/cannot-look")
def cannot_look(posted: ThisPosting, services: Given) -> RedirectResponse:
    services.assurance.verify.cannot_look(*posted.who, **posted.words)
    return posted.back()


@router.post("/{task_id}/mute")
def mute(posted: ThisPosting, services: Given) -> RedirectResponse:
    services.assurance.verify.mute(*posted.who, **posted.words)
    return posted.back()


@router.post("/{task_id}/confirm-report")
def confirm_report(posted: ThisPosting, services: Given) -> RedirectResponse:
    services.assurance.verify.confirm(*posted.who, **posted.words)
    return posted.back()


@router.post("/{task_id}/turn-real")
def turn_real(posted: ThisPosting, services: Given) -> RedirectResponse:
    services.assurance.verify.turn_real(*posted.who, **posted.words)
    return posted.back()


@router.post("/{task_id}/photos")
def add_photo(
    posted: ThisPosting,
    services: Given,
    photo: Picture,
    stage: Annotated[Stage, Form()] = Stage.OTHER,
    *,
    public: Annotated[bool, Form()] = False,
) -> RedirectResponse:
    services.assurance.attach(*posted.who, bytes_of(photo), stage, public=public)
    return posted.back()


@router.post("/{task_id}/calls")
def record_call(
    posted: ThisPosting, services: Given, party: PartyId, outcome: Annotated[Outcome, Form()]
) -> RedirectResponse:
    services.assurance.record_call(*posted.who, outcome, party=party, note=posted.note)
    return posted.back()
