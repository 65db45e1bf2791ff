"""What a backup says of itself: `backup.json`, written last, with the digest of every file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from cloud.errors import Invalid

NAME: Final = "backup.json"
FORMAT: Final = 1
_AT_ONCE: Final = 4 * 2**20

Told = Callable[[str, int, int | None], None]
"""(what is being done, bytes so far, bytes in all where that is known)."""


STATE: Final = "state.db"
DUMP: Final = "state.dump"
READINGS: Final = "readings.db"
AUTHORITY: Final = "authority"
BESIDE: Final = ("photos", "imports")
"""Folders of the data directory that are copied as they are: files in them are written whole and never changed."""


def _inside(path: str) -> str:
    """What is not one of these would land where somebody else wants it."""
    first, *rest = PurePosixPath(path).parts or ("",)
    if path.startswith("/") or ".." in rest or first not in (STATE, DUMP, READINGS, AUTHORITY, *BESIDE):
        raise ValueError(f"{path!r} is no part of a backup")
    return path


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Kept(_Part):
    """One file, by its path inside the folder."""

    path: Annotated[str, AfterValidator(_inside)]
    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class LedgerThen(_Part):
    """Where an estate's ledger stood: what is restored must reach it."""

    estate: str
    seq: int
    hash: str

    @property
    def head(self) -> str:
        return f"{self.seq}:{self.hash}"


class Contents(_Part):
    """`revision`: the database's, as its migrations count."""

    format: Literal[1] = FORMAT
    tocsin: str
    made_at: AwareDatetime
    database: Literal["sqlite", "postgresql"]
    revision: str
    ledgers: tuple[LedgerThen, ...]
    files: tuple[Kept, ...]

    @property
    def keys(self) -> bool:
        """Whether the keys are in it."""
        return any(one.path.startswith(f"{AUTHORITY}/") for one in self.files)

    @property
    def bytes(self) -> int:
        return sum(one.bytes for one in self.files)


def contents_of(
    folder: Path, *, tocsin: str, at: datetime, database: Literal["sqlite", "postgresql"], revision: str,
    ledgers: tuple[LedgerThen, ...], told: Told,
) -> Contents:  # fmt: skip
    """Reads every file of the folder for its digest."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    total, done, files = sum(path.stat().st_size for path in paths), 0, []
    for path in paths:
        digest = hashlib.sha256()
        for block in _blocks(path):
            digest.update(block)
            done += len(block)
            told("reading back", done, total)
        name = path.relative_to(folder).as_posix()
        files.append(Kept(path=name, bytes=path.stat().st_size, sha256=digest.hexdigest()))
    return Contents(
        tocsin=tocsin, made_at=at, database=database, revision=revision, ledgers=ledgers, files=tuple(files)
    )


def read_contents(folder: Path) -> Contents:
    """Raises Invalid where the folder is no backup that this version understands."""
    path = folder / NAME
    try:
        return Contents.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise Invalid(
            f"{folder} is no backup: it has no {NAME}. Name a folder that `tocsin db backup` wrote; one that ends in .part was "
            "never finished."
        ) from error
    except OSError as error:
        raise Invalid(f"{path} cannot be read ({error.strerror}). Give this user the folder.") from error
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise Invalid(
            f"{path} cannot be understood ({where}: {fault['msg']}): it was changed, or a later version of Tocsin wrote it. "
            "Use another backup, or that version."
        ) from error


def copied(source: Path, to: Path, wanted: Kept, progressed: Callable[[int], None]) -> None:
    """A file taken out of a backup, readable to this user only. Raises Invalid where its bytes are not what was written."""
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    try:
        with to.open("xb") as file:
            to.chmod(0o600)
            for block in _blocks(source):
                digest.update(block)
                file.write(block)
                progressed(len(block))
    except FileNotFoundError as error:
        raise Invalid(f"The backup is not whole: {source} is missing. Use another backup.") from error
    if digest.hexdigest() != wanted.sha256:
        raise Invalid(f"The backup is damaged: {source} is not what was written. Use another backup.")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_AT_ONCE):
            yield block
