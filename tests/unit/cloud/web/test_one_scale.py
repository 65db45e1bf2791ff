"""Lengths come from one scale: what is set in pixels is a border, an outline, a stroke or the text of a drawing."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

STATIC = files("cloud.entrypoints.web") / "static"
SHEETS = sorted(one.name for one in STATIC.iterdir() if one.name.endswith(".css"))
HAIR = re.compile(r"^-?[01]px$")
DRAWN = re.compile(r"^(border|outline|stroke|box-shadow)")
IN_DRAWINGS = re.compile(r"\.(chart|elevation)\b")


def declarations(css: str):
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        for one in body.split(";"):
            name, _, value = one.partition(":")
            yield selector.strip(), name.strip(), value.strip()


@pytest.mark.parametrize("sheet", SHEETS)
def test_no_length_is_outside_the_scale(sheet):
    css = (STATIC / sheet).read_text(encoding="utf-8")
    stray = [
        f"{selector} {{ {name}: {value} }}"
        for selector, name, value in declarations(css)
        if any(not HAIR.match(one) for one in re.findall(r"-?[\d.]+px", value))
        and not DRAWN.match(name)
        and not (name == "font-size" and IN_DRAWINGS.search(selector))
    ]
    assert not stray, "\n".join(stray)


@pytest.mark.parametrize("sheet", [one for one in SHEETS if one != "tokens.css"])
def test_type_comes_from_the_scale(sheet):
    """On a wall it grows with the screen, on paper it is measured in points, and in a drawing in the drawing's own units."""
    known = re.compile(r"^(var\(--text-|clamp\(|inherit$|0$|[\d.]+pt$|[\d.]+%$|1em$)")
    css = (STATIC / sheet).read_text(encoding="utf-8")
    stray = [
        f"{selector} {{ font-size: {value} }}"
        for selector, name, value in declarations(css)
        if name == "font-size" and not known.match(value) and not IN_DRAWINGS.search(selector)
    ]
    assert not stray, "\n".join(stray)
