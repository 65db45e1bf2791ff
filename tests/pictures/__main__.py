"""`make pictures`: the pictures of docs/pictures anew, from the house of the tests. `make pictures ARGS="board fleet"`: only these."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.conftest import ARGUMENTS
from tests.e2e.estate import chromium_path
from tests.integration.cloud_web.house import built_in
from tests.integration.cloud_web.serving import served
from tests.pictures.scenes import Evening

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pictures"
LARGEST: Final = 250_000
"""Bytes of one picture: they travel with every clone."""
COLOURS: Final = 200
"""Enough for what is drawn in flat colours; a third of the bytes."""
AN_EVENING: Final = datetime(2026, 5, 12, 11, 4, 10, tzinfo=UTC)
"""Always the same, so that a picture changes when its page has."""
PHONE: Final = (390, 844)
DESK: Final = (1280, 800)
PAPER: Final = (794, 640)
"""As wide as A4 at 96 to the inch; the rest of the sheet is white."""


@dataclass(frozen=True)
class Picture:
    """`address`: or what gives it; `before`: what happens, after the pictures before this one; `live`: only once the link stands."""

    name: str
    address: str | Callable[[Evening], str]
    size: tuple[int, int]
    lang: str
    member: str | None = "manager"
    before: tuple[Callable[[Evening], object], ...] = ()
    live: bool = True


PICTURES: Final = (
    Picture("board", "/", DESK, "en", before=(Evening.doors, Evening.somebody_is_trapped)),
    Picture("board-phone", "/", PHONE, "zh", before=(Evening.stands,)),
    Picture("duty-room", "/duty-room", (1280, 980), "en", "technician", (Evening.stands,)),
    Picture("incident-phone", lambda here: here.incident(here.trapped), PHONE, "en", "technician", (Evening.stands,)),
    Picture("incident", Evening.smoke, (1280, 1000), "en", "controller"),
    Picture("label-phone", lambda here: f"/at/{here.label}", PHONE, "zh", None, (Evening.labels,), live=False),
    Picture("follow-phone", lambda here: here.followed, PHONE, "zh", None, (Evening.somebody_reports,), live=False),
    Picture("transparency", "/public/example", (1280, 900), "en", None, live=False),
    Picture(
        "rules-trial",
        "/nodes/b3-gateway/rules/b1/detector-7a/smoke-obscuration?days=7&way=when.above&value=4#trial",
        (1280, 900),
        "en",
        before=(Evening.a_weeks_readings,),
        live=False,
    ),
    Picture("fleet", "/fleet", DESK, "en", "engineer", (Evening.a_fleet,), live=False),
    Picture(
        "building",
        "/buildings/binhai/example/b9",
        (1280, 900),
        "en",
        before=(Evening.a_tower, Evening.the_tower_is_heard),
    ),
    Picture("register", "/registers/control-room", PAPER, "zh", live=False),
)


def take(browser: Browser, site: str, here: Evening, one: Picture) -> Path:
    width, height = one.size
    context = browser.new_context(
        base_url=site,
        viewport={"width": width, "height": height},
        device_scale_factor=1.5 if one.size == PHONE else 1,
        color_scheme="light",
    )
    cookies = [{"name": "tocsin_lang", "value": one.lang, "url": site}]
    if one.member:
        cookies.append({"name": "tocsin_session", "value": here.house.session_of(one.member), "url": site})
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(one.address if isinstance(one.address, str) else one.address(here))
    if one.live:
        page.wait_for_selector("#link[data-state=live]")
    if one.size == PAPER:
        page.emulate_media(media="print")
        page.evaluate(
            "document.body.style.padding = '14mm 12mm'"
        )  # the margins of the sheet, which a screen has none of
    kept = FOLDER / f"{one.name}.png"
    page.screenshot(path=kept)
    context.close()
    return kept


def shrink(kept: Path) -> int:
    """Its bytes afterwards."""
    with Image.open(kept) as picture:
        flat = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE)
    flat.save(kept, optimize=True)
    return kept.stat().st_size


def main() -> int:
    parser = argparse.ArgumentParser(prog="make pictures", description=__doc__)
    parser.add_argument("only", nargs="*", help="names; none: all")
    only, large = parser.parse_args().only, []
    if unknown := set(only) - {one.name for one in PICTURES}:
        parser.error(
            f"no such picture: {', '.join(sorted(unknown))}; there are {', '.join(one.name for one in PICTURES)}"
        )
    with (
        TemporaryDirectory() as folder,
        built_in(Path(folder), AN_EVENING) as house,
        served(house) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        here = Evening(house)
        for one in PICTURES:
            for happens in one.before:
                happens(here)
            if only and one.name not in only:
                continue
            kept = take(browser, site, here, one)
            size = shrink(kept)
            print(f"{kept.relative_to(FOLDER.parents[1])}  {size / 1000:.0f} kB")
            large += [one.name] if size > LARGEST else []
        browser.close()
    if large:
        print(f"Too large, over {LARGEST / 1000:.0f} kB: {', '.join(large)}.", file=sys.stderr)
    return bool(large)


if __name__ == "__main__":
    sys.exit(main())
