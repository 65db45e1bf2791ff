"""A photo: made anew from its pixels, with nothing else of it and in bounds, or refused."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image

from cloud.adapters.photos import MAX_EDGE, PhotoShelf
from cloud.errors import Invalid
from tests.fuzz.target import Target, said

SECRET = b"tocsin-fuzz-comment"
_FOLDER = tempfile.TemporaryDirectory(prefix="tocsin-fuzz-")
SHELF = PhotoShelf(Path(_FOLDER.name))


def one(data: bytes) -> bool:
    try:
        found = SHELF.launder(data)
    except Invalid as error:
        for problem in error.problems:
            said(problem)
        return False
    assert max(found.width, found.height) <= MAX_EDGE
    assert SECRET not in found.data, "nothing but pixels comes through"
    with Image.open(BytesIO(found.data)) as again:
        assert (again.format, again.size) == ("JPEG", (found.width, found.height))
    return True


def _picture(kind: str, mode: str) -> bytes:
    out = BytesIO()
    made = Image.new(mode, (16, 9))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, SECRET.decode()
    made.save(out, kind, exif=exif)
    return out.getvalue()


TARGET = Target(
    [
        _picture("JPEG", "RGB"),
        _picture("JPEG", "CMYK"),
        _picture("PNG", "RGBA"),
        _picture("PNG", "P"),
        _picture("WEBP", "RGBA"),
    ],
    one,
)
