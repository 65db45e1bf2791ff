"""A photo goes with a task: made anew, kept as a file, noted in the ledger by its salted digest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from cloud.application.assurance_ports import Laundered, PhotoFiles
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.tasks.deeds import Acted, Deeds
from cloud.domain.community.party import Member
from cloud.domain.records.ledger import Kind
from cloud.domain.records.personal import digest, new_salt
from cloud.domain.records.photo import PhotoRecord
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.task import Task
from cloud.domain.tasks.transitions import permit
from cloud.domain.tasks.witness import Photo, Stage
from cloud.errors import Conflict

MOST_PHOTOS: Final = 40
"""On one incident: enough to show it, few enough that nobody fills the disk through it."""


class AttachPhoto(Deeds):
    """Raises Invalid for what is no picture; see `Deeds` for the rest."""

    def __init__(
        self, units: UnitsOfWork, clock: Clock, ids: Ids, files: PhotoFiles, *, salts: Callable[[], str] = new_salt
    ) -> None:
        super().__init__(units, clock, ids)
        self._files, self._salts = files, salts

    def __call__(
        self, task_id: str, member_id: str, raw: bytes, stage: Stage, *, public: bool = False, cause: str | None = None
    ) -> Acted:
        with self._units.reading() as uow:
            # Before it is worked on and kept: nobody fills memory or disk with what is not theirs to add.
            self._permitted(uow, task_id, member_id)
        picture = self._files.launder(raw)
        self._files.keep(picture)
        with self._units.writing() as uow:
            now = self._clock.now()
            self._hold(uow, task_id)
            task, member = self._permitted(uow, task_id, member_id)
            photo = add_photo(
                uow, task, picture, stage, by=member.id, party=member.party_id, public=public, photo_id=self._ids.new(now), salt=self._salts(),
                now=now,
            )  # fmt: skip
            task.heard_from(member.party_id, now)
            uow.tasks.save(task)
            doing = self._deed(uow, task, member, now, cause)
            return self._record(uow, doing, [doing.draft(Kind.PHOTO_ADDED, facts_of(photo))])

    def _permitted(self, uow: UnitOfWork, task_id: str, member_id: str) -> tuple[Task, Member]:
        task, member = self._seen(uow, task_id, member_id)
        permit(Action.NOTE, task, member, self._clock.now())
        _room(uow, task)
        return task, member


def add_photo(
    uow: UnitOfWork, task: Task, picture: Laundered, stage: Stage, *, by: str, party: str | None, public: bool,
    photo_id: str, salt: str, now: datetime,
) -> PhotoRecord:  # fmt: skip
    """Saving the task is the caller's. Raises Conflict when there are too many."""
    known = uow.photos.of_incidents([task.incident_id])
    standing = {one.id for one in task.photos}
    same = [one for one in known if (one.digest, one.by, one.stage) == (picture.digest, by, stage.value)]
    if any(one.id in standing for one in same):
        # Whoever heard no answer sends it again.
        raise Conflict("This photo is there already.", "该照片已添加")
    _room(uow, task)
    photo = PhotoRecord(
        photo_id, task.estate, task.incident_id, stage.value, now, by, party, picture.width, picture.height,
        len(picture.data), public, salt, picture.digest,
    )  # fmt: skip
    uow.photos.put(photo)
    task.photos += (Photo(photo.id, stage, now, by),)
    return photo


def _room(uow: UnitOfWork, task: Task) -> None:
    """Raises Conflict when there is none for another photo."""
    if len(uow.photos.of_incidents([task.incident_id])) >= MOST_PHOTOS:
        raise Conflict(f"This incident has {MOST_PHOTOS} photos already: more are not taken.", "照片数量已达上限")


def facts_of(photo: PhotoRecord) -> dict[str, str | bool]:
    attested = digest(photo.salt, photo.digest or "")
    return {"photo": photo.id, "digest": attested, "stage": photo.stage, "public": photo.public}


class SweepPhotos:
    """Pictures that no record names any more - erased ones, and those of a deed that was refused - leave the disk."""

    def __init__(self, units: UnitsOfWork, clock: Clock, files: PhotoFiles) -> None:
        self._units, self._clock, self._files = units, clock, files

    def __call__(self) -> int:
        settled = set(self._files.settled(self._clock.now()))
        if not settled:
            return 0
        with self._units.reading() as uow:
            gone = settled - uow.photos.living()
        for one in gone:
            self._files.remove(one)
        return len(gone)
