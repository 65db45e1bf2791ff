"""What phones write beside the picture turns it upright where it can be read, and costs nobody their photo where it cannot."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageOps

from cloud.adapters.photos import MAX_EDGE, PhotoShelf

CORNERS = {"red": (0, 0), "blue": (1, 0), "black": (0, 1), "white": (1, 1)}


def photo(kind: str, orientation: int, size: tuple[int, int] = (40, 24), title: str = "lift") -> bytes:
    """Four fields of a colour each, and the words of a camera."""
    width, height = size
    made = Image.new("RGB", size)
    for colour, (x, y) in CORNERS.items():
        made.paste(colour, (x * width // 2, y * height // 2, (x + 1) * width // 2, (y + 1) * height // 2))
    words = Image.Exif()
    words[0x010E], words[0x0112] = title, orientation
    out = BytesIO()
    made.save(out, kind, exif=words, **({"lossless": True} if kind == "WEBP" else {}))
    return out.getvalue()


def fields(picture: Image.Image) -> list[tuple[int, ...]]:
    """The colours in the middle of the four fields, as far as JPEG leaves them apart."""
    width, height = picture.size
    middles = [(width * x // 4, height * y // 4) for y in (1, 3) for x in (1, 3)]
    return [tuple(round(part / 255) for part in picture.convert("RGB").getpixel(at)) for at in middles]


def laundered(tmp_path, raw: bytes) -> Image.Image:
    return Image.open(BytesIO(PhotoShelf(tmp_path).launder(raw).data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_as_its_camera_was_held(tmp_path, kind, orientation):
    raw = photo(kind, orientation)
    upright = ImageOps.exif_transpose(Image.open(BytesIO(raw)))
    found = laundered(tmp_path, raw)
    assert (found.size, fields(found)) == (upright.size, fields(upright))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_a_turn_that_there_is_not_is_none(tmp_path, orientation):
    assert laundered(tmp_path, photo("JPEG", orientation)).size == (40, 24)


def test_a_large_photo_is_made_smaller_whichever_way_it_is_turned(tmp_path):
    assert laundered(tmp_path, photo("JPEG", 6, (4096, 1024))).size == (MAX_EDGE // 4, MAX_EDGE)


def test_words_of_a_camera_that_contradict_themselves_cost_nobody_their_photo(tmp_path):
    """A width that is said to be a text: Pillow reads it, and cannot write it anew (found by tests/fuzz/photo.py)."""
    raw = bytearray(photo("JPEG", 6))
    tag = raw.index(b"Exif\0\0") + 16
    assert raw[tag : tag + 2] == b"\x01\x0e"
    raw[tag + 1] = 0
    assert laundered(tmp_path, bytes(raw)).size == (24, 40)
