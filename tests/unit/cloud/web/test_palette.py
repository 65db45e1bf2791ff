"""WCAG 2.2 AA contrast, computed from the tokens."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

TOKENS = (files("cloud.entrypoints.web") / "static" / "tokens.css").read_text(encoding="utf-8")

TEXT = [  # text on ground: 4.5 to 1 (1.4.3)
    ("ink", "ground"), ("ink", "surface"), ("ink", "raised"), ("ink", "changed"), ("ink", "life-ground"),
    ("ink-2", "ground"), ("ink-2", "surface"), ("ink-2", "raised"), ("ink-2", "changed"), ("ink-2", "life-ground"),
    ("link", "surface"), ("link", "ground"), ("link", "raised"),
    ("on-action", "action"), ("on-action", "action-hover"),
    ("on-life", "life-fill"), ("on-life", "life-hover"), ("life", "surface"), ("life", "life-ground"),
    ("on-amber", "amber"), ("amber-text", "surface"), ("amber-text", "life-ground"), ("amber-text", "ground"),
    ("amber-text", "changed"), ("life", "changed"), ("life", "ground"), ("life", "raised"), ("good", "surface"),
    ("good", "life-ground"), ("link", "life-ground"), ("link", "changed"),
]  # fmt: skip
SHAPES = [  # what must be seen but is no text: 3 to 1 (1.4.11)
    ("line-strong", "surface"), ("signal", "surface"), ("good", "surface"), ("focus", "surface"), ("focus", "ground"),
    ("signal", "envelope"), ("life-fill", "ground"), ("life", "raised"), ("amber-text", "raised"), ("focus", "raised"),
    ("focus", "life-ground"), ("focus", "changed"), ("line-strong", "ground"), ("line-strong", "life-ground"), ("ink-2", "raised"),
]  # fmt: skip


def palettes() -> dict[str, dict[str, str]]:
    light, _, dark = TOKENS.partition("@media (prefers-color-scheme: dark)")
    read = lambda css: dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});", css))  # noqa: E731 - said twice
    return {"light": read(light), "dark": read(light) | read(dark)}


def luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_is_the_standards():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_can_be_read(scheme, text, ground):
    palette = palettes()[scheme]
    assert contrast(palette[text], palette[ground]) >= 4.5, f"{scheme}: {text} on {ground}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes_can_be_seen(scheme, shape, ground):
    palette = palettes()[scheme]
    assert contrast(palette[shape], palette[ground]) >= 3.0, f"{scheme}: {shape} on {ground}"


def test_every_colour_in_use_is_a_token():
    static = files("cloud.entrypoints.web") / "static"
    for sheet in sorted(one.name for one in static.iterdir() if one.name.endswith(".css") and one.name != "tokens.css"):
        screen = (static / sheet).read_text(encoding="utf-8").partition("@media print")[0]
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b", screen), f"{sheet} has a colour of its own"
        used = set(re.findall(r"var\(--([a-z0-9-]+)\)", screen))
        assert used <= set(re.findall(r"--([a-z0-9-]+):", TOKENS)), f"{sheet} uses a token that is not there"
