"""Verification over REST: an independent check, photos, the sounder, a report that is true, an exercise that is real."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import File, Form, Path, Response, UploadFile

from cloud.application.tasks.act_on_task import Acted
from cloud.domain.tasks.witness import Stage
from cloud.entrypoints.api.access import CurrentViewer, Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented
from cloud.entrypoints.api.tasks import ANSWERS, Done, ThisDeed, Words
from cloud.entrypoints.guarded_sizes import MAX_PHOTO

router = Interface(tags=["verification"])

PICTURE: Final[dict[int | str, dict[str, Any]]] = {200: {"description": "The picture.", "content": {"image/jpeg": {}}}}
Picture = Annotated[UploadFile, File(description="JPEG, PNG or WebP; it is made anew from its pixels.")]


def bytes_of(photo: UploadFile) -> bytes:
    """At most one byte more than is taken: the use case says that it is too much."""
    return photo.file.read(MAX_PHOTO + 1)


@router.post("/tasks/{task_id}/check", summary="Somebody who did not do the work finds it done", responses=ANSWERS)
def check(deed: ThisDeed, services: Given, words: Words | None = None) -> Done:
    return deed.done(services.assurance.verify.check(deed.task.id, deed.member_id, **deed.with_words(words)))


@router.post("/tasks/{task_id}/look", summary="Go and look after what is claimed", responses=ANSWERS)
def look(deed: ThisDeed, services: Given, words: Words | None = None) -> Done:
    return deed.done(services.assurance.verify.look(deed.task.id, deed.member_id, **deed.with_words(words)))


@router.post("/tasks/{task_id}/cannot-look", summary="Not be able to go and look after all", responses=ANSWERS)
def cannot_look(deed: ThisDeed, services: Given, words: Words | None = None) -> Done:
    return deed.done(services.assurance.verify.cannot_look(deed.task.id, deed.member_id, **deed.with_words(words)))


@router.post("/tasks/{task_id}/mute", summary="Mute the sounder for 15 minutes, from on site", responses=ANSWERS)
def mute(deed: ThisDeed, services: Given, words: Words | None = None) -> Done:
    return deed.done(services.assurance.verify.mute(deed.task.id, deed.member_id, **deed.with_words(words)))


@router.post("/tasks/{task_id}/confirm-report", summary="A report is true: call the others", responses=ANSWERS)
def confirm_report(deed: ThisDeed, services: Given, words: Words | None = None) -> Done:
    return deed.done(services.assurance.verify.confirm(deed.task.id, deed.member_id, **deed.with_words(words)))


@router.post("/tasks/{task_id}/turn-real", summary="This exercise is real", responses=ANSWERS)
def turn_real(deed: ThisDeed, services: Given, words: Words | None = None) -> Done:
    return deed.done(services.assurance.verify.turn_real(deed.task.id, deed.member_id, **deed.with_words(words)))


@router.post("/tasks/{task_id}/photos", summary="Add a photo", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def add_photo(
    deed: ThisDeed,
    services: Given,
    photo: Picture,
    stage: Annotated[Stage, Form()] = Stage.OTHER,
    *,
    public: Annotated[bool, Form()] = False,
) -> Done:
    acted: Acted = services.assurance.attach(
        deed.task.id, deed.member_id, bytes_of(photo), stage, public=public, cause=deed.cause
    )
    return deed.done(acted)


@router.get(
    "/photos/{photo_id}",
    summary="A photo, for whoever may read notes of its kind",
    response_class=Response,
    responses={**documented(HTTPStatus.NOT_FOUND), **PICTURE},
)
def read_photo(photo_id: Annotated[str, Path(max_length=64)], services: Given, member: CurrentViewer) -> Response:
    return picture(services.assurance.photos(photo_id, member))


def picture(data: bytes) -> Response:
    """Ours by type and name, whatever the uploader called it; kept by no cache, since it can be erased."""
    headers = {
        "Content-Disposition": 'inline; filename="photo.jpg"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(data, media_type="image/jpeg", headers=headers)
