"""Who may see a photo: whoever may read a note of its kind."""

from __future__ import annotations

from cloud.application.asking.personal_looks import PersonalLooks
from cloud.application.assurance_ports import PhotoFiles
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitsOfWork
from cloud.application.sight import Sight
from cloud.domain.community.party import Role
from cloud.domain.records.personal import PersonalClass
from cloud.domain.tasks.actions import acting
from cloud.errors import NotFound


class ReadPhotos:
    """Raises NotFound for what is not there, was erased, or is not this member's to see."""

    def __init__(self, units: UnitsOfWork, clock: Clock, files: PhotoFiles) -> None:
        self._units, self._files = units, files
        self._looks = PersonalLooks(units, clock)

    def __call__(self, photo_id: str, viewer: Identity) -> bytes:
        with self._units.reading() as uow:
            photo = uow.photos.get(photo_id)
            task = uow.tasks.of_incident(photo.incident_id) if photo else None
            if photo is None or task is None or photo.digest is None or photo.estate not in viewer.estates:
                raise _missing(photo_id)
            if viewer.matters and photo.incident_id not in {one.incident_id for one in viewer.matters}:
                raise _missing(photo_id)
            register = uow.registers.find(photo.estate)
            if register is None or not Sight(uow, register, viewer).task(task):
                raise _missing(photo_id)
            member = acting(task, viewer.member)
            if member.role is Role.RESIDENT or not (photo.public or task.part_of(member.party_id)):
                raise _missing(photo_id)
        data = self._files.read(photo.digest)
        if data is None:
            raise _missing(photo_id)
        if photo.by != viewer.member.id:
            sort = PersonalClass.REPORTER if photo.by.startswith("report:") else PersonalClass.NOTE
            self._looks.note(viewer, photo.estate, photo.incident_id, sort)
        return data


def _missing(photo_id: str) -> NotFound:
    return NotFound(f"There is no photo {photo_id!r} here, or it was erased.", "没有这张照片，或已删除")
