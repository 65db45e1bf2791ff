"""Photos beside the database: made anew from their pixels, kept under the digest of their bytes."""

from __future__ import annotations

import hashlib
import os
import re
import struct
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cloud.application.assurance_ports import Laundered
from cloud.errors import Invalid, Unavailable

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.Image import Transpose

MAX_BYTES: Final = 10 * 2**20
MAX_PIXELS: Final = 40_000_000
"""A telephone's photo has 12 to 50 million; more than this unpacks to more memory than a photo is worth."""

MAX_UNPACKED: Final = 16_000_000
"""The same of what is unpacked whole before it can be made smaller, a JPEG is not: 1700 bytes of WebP with 40 million pixels
took 640 MiB. No screen has as many.
"""

MOST_WAITING: Final = 6
"""Pictures are worked on one at a time: each takes up to 300 MiB and two seconds, and who sends them has not always signed in.
More than these do not wait, so that pages and alarms still find a thread.
"""

MAX_EDGE: Final = 2048
QUALITY: Final = 82
FORMATS: Final = ("JPEG", "PNG", "WEBP")
SETTLED_AFTER: Final = timedelta(hours=1)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class PhotoShelf:
    """Implements `assurance_ports.PhotoFiles`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def launder(self, raw: bytes) -> Laundered:
        """The content decides what it is, never a name or a declared type. Nothing but pixels comes through."""
        from PIL import Image

        if not 0 < len(raw) <= MAX_BYTES:
            raise Invalid("The photo was not taken.", [f"photo: send 1 to {MAX_BYTES} bytes, not {len(raw)}"])
        try:
            with _in_turn():
                plain = _redrawn(raw)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as why:
            raise Invalid(
                "The photo was not taken.", [f"photo: this is no whole {', '.join(FORMATS)} picture. Send another"]
            ) from why
        out = BytesIO()
        plain.save(out, "JPEG", quality=QUALITY)
        data = out.getvalue()
        return Laundered(data, hashlib.sha256(data).hexdigest(), *plain.size)

    def keep(self, picture: Laundered) -> None:
        path = self._path(picture.digest)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = path.with_suffix(f".{os.getpid()}.{os.urandom(4).hex()}.part")
            with part.open("wb") as file:
                file.write(picture.data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            raise Unavailable(f"The photo could not be stored ({error.strerror}). Try again.") from error

    def read(self, digest: str) -> bytes | None:
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            return None

    def settled(self, now: datetime) -> Iterable[str]:
        for path in sorted(self._folder.glob("??/*")):
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if now - written < SETTLED_AFTER:
                continue
            if path.suffix == ".part":
                path.unlink(missing_ok=True)
            elif _DIGEST.fullmatch(path.stem):
                yield path.stem

    def remove(self, digest: str) -> None:
        self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"not a digest: {digest!r}")
        return self._folder / digest[:2] / f"{digest}.jpg"


_WAITING: Final = threading.BoundedSemaphore(MOST_WAITING)
_WORKING: Final = threading.Lock()


@contextmanager
def _in_turn() -> Iterator[None]:
    """Raises Unavailable where too many wait already."""
    if not _WAITING.acquire(blocking=False):
        raise Unavailable("Too many photos are being sent now. Try again in a moment.", "照片正在集中上传，请稍后重试")
    try:
        with _WORKING:
            yield
    finally:
        _WAITING.release()


def _redrawn(raw: bytes) -> Picture:
    """Upright, small enough, on white where it was transparent. Raises Invalid, and what Pillow raises."""
    from PIL import Image

    with Image.open(BytesIO(raw), formats=FORMATS) as opened:
        _check_size(*opened.size, MAX_PIXELS if opened.format == "JPEG" else MAX_UNPACKED)
        turn = _turn(opened)
        # Before anything else: of a JPEG only as much is unpacked as is kept.
        opened.thumbnail((MAX_EDGE, MAX_EDGE))
        upright = opened if turn is None else opened.transpose(turn)
        plain = Image.new("RGB", upright.size, "white")
        opaque = upright.convert("RGBA")
        plain.paste(opaque, mask=opaque.getchannel("A"))
    return plain


def _turn(opened: Picture) -> Transpose | None:
    """How it has to be turned to stand upright, as far as what the camera wrote can be read: that is no part of the picture,
    and a phone that writes it badly still shows what it saw. Pillow's own `exif_transpose` writes all of it anew, and fails
    where it cannot.
    """
    from PIL.ExifTags import Base
    from PIL.Image import Transpose

    turns = (
        None, None, Transpose.FLIP_LEFT_RIGHT, Transpose.ROTATE_180, Transpose.FLIP_TOP_BOTTOM, Transpose.TRANSPOSE,
        Transpose.ROTATE_270, Transpose.TRANSVERSE, Transpose.ROTATE_90,
    )  # fmt: skip
    try:
        said = opened.getexif().get(Base.Orientation)
    except (OSError, ValueError, SyntaxError, TypeError, LookupError, OverflowError, struct.error):
        return None
    return turns[said] if type(said) is int and 0 <= said < len(turns) else None


def _check_size(width: int, height: int, most: int) -> None:
    """Before anything is unpacked: a small file may hold a picture that fills the memory."""
    if width * height > most:
        raise Invalid(
            "The photo was not taken.",
            [f"photo: it has {width} x {height} pixels; at most {most} are taken. Make it smaller"],
        )
