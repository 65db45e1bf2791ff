"""An estate's files over REST: places, parties, members, nodes, equipment, duties, tried first and then taken, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Self

from fastapi import File, Query, UploadFile

from cloud.application.estates.import_estate import MOST_FILES, Imported
from cloud.entrypoints.api.access import EstateId, Given
from cloud.entrypoints.api.estate_exports import Chief
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented
from cloud.entrypoints.given_files import given_files

router = Interface("/imports", tags=["exports"])


@dataclass(frozen=True, slots=True)
class TableChanges:
    """By key what of a table changed, or would."""

    table: str
    added: list[str]
    removed: list[str]
    edited: list[str]


@dataclass(frozen=True, slots=True)
class ImportTaken:
    """`version` of the register in force then; no changes where the files say what is known. `tried`: nothing was changed yet.
    `warnings`: what of it will not hold as it stands.
    """

    estate: str
    version: int
    tried: bool
    changes: list[TableChanges]
    warnings: list[str]

    @classmethod
    def of(cls, done: Imported) -> Self:
        changes = [TableChanges(c.table, list(c.added), list(c.removed), list(c.edited)) for c in done.changes]
        return cls(done.estate, done.version, done.tried, changes, list(done.warnings))


@router.post(
    "",
    summary="Take an estate's files in, as the exports give them",
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY),
)
def take_files(
    services: Given,
    member: Chief,
    estate: EstateId,
    files: Annotated[
        list[UploadFile], File(min_length=1, max_length=MOST_FILES, description="Named as their table: places.csv")
    ],
    *,
    dry_run: Annotated[bool, Query(description="Say what it would change, and change nothing.")] = False,
) -> ImportTaken:
    """What is wrong is said with file, line, column and remedy, and then nothing has changed. For administrators."""
    return ImportTaken.of(services.setting_up.files(estate, given_files(files), member, dry_run=dry_run))
