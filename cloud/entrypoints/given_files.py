"""Files of an estate as they come in with a request, from a page or a program."""

from __future__ import annotations

from pathlib import PurePath

from fastapi import UploadFile

from cloud.application.estates.import_estate import GivenFile
from cloud.entrypoints.guarded_sizes import MAX_FILES
from cloud.errors import Refused


def given_files(files: list[UploadFile]) -> list[GivenFile]:
    """Browsers send an empty one where none was chosen. Raises Refused."""
    given = [GivenFile(_name(file), file.file.read()) for file in files if file.filename]
    if not given:
        raise Refused("Choose a file first.", "请先选择文件")
    if sum(len(one.content) for one in given) > MAX_FILES:
        raise Refused("The files are too large together.", "文件总大小超出限制")
    return given


def _name(file: UploadFile) -> str:
    """Without any folder, and nothing that does not print."""
    name = PurePath((file.filename or "").replace("\\", "/")).name
    return "".join(letter for letter in name if letter.isprintable())[:64] or "file"
