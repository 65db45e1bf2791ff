"""WCAG 2.2 AA: axe finds nothing on any page, in both languages, light and dark; the board is worked by keyboard."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse

from cloud.application.consultation.watch_patterns import WatchPatterns
from cloud.application.identifiers import RandomIds
from cloud.entrypoints.app import create_app

pytestmark = pytest.mark.browser

STANDARD = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
}
COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}


@dataclass(frozen=True)
class Looked:
    """A page at which axe looks. `route`: whose page it is; `presses`: what leads on from the address to the page."""

    route: str
    address: str
    member: str | None = "manager"
    presses: str = ""


PAGES = (
    Looked("/", "/"),
    Looked("/", "/?hazard=lift&mine=1"),
    Looked("/", "/?hazard=welfare"),
    Looked("/duty-room", "/duty-room", "controller"),
    Looked("/incidents/{incident_id}", "{fire}", "controller"),
    Looked("/incidents/{incident_id}", "{door}"),
    Looked("/fleet", "/fleet", "administrator"),
    Looked("/nodes/{node}/revocations", "/nodes/b3-gateway/revocations", "administrator"),
    Looked("/nodes/{node}/claims", "/fleet", "administrator", "form[action*='/claims'] button"),
    Looked("/dead-letters", "/dead-letters"),
    Looked("/duties", "/duties"),
    Looked("/planned", "/planned"),
    Looked("/topics", "/topics"),
    Looked("/topics/{topic_id}", "{topic}"),
    Looked("/registers", "/registers"),
    Looked("/registers/{book}", "/registers/control-room"),
    Looked("/public/{estate}/ledger", "/public/example/ledger", None),
    Looked("/public/{estate}/ballots", "/public/example/ballots", None),
    Looked("/sign-in", "/sign-in", None),
    Looked("/enter/{token}", "/enter/something", None),
    Looked("", "/nowhere"),
)


def shown(house) -> set[str]:
    """The routes of pages: what is not among PAGES is looked at by nobody."""
    routes = (one for one in create_app(house.services).routes if isinstance(one, APIRoute))
    return {one.path for one in routes if "GET" in one.methods and one.response_class is HTMLResponse}


@pytest.fixture
def addresses(house) -> dict[str, str]:
    """A building in which much is amiss, so that every page has something to show."""
    house.node_connects()
    house.nonsense_arrives(b"\xff\x00{", "is not JSON")
    for hazard in ("lift.door-fault", "lift.maintenance-overdue", "lift.inspection-due"):
        house.goes_wrong(hazard, "b3/lift-2")
    WatchPatterns(house.units, house.clock, RandomIds())()
    door = house.goes_wrong("access.forced-open", "b5/north-gate")
    house.services.act.acknowledge(door, "manager")
    house.smoke_grows("b1/detector-7a", minutes_ago=2)
    fire = house.goes_wrong("fire.smoke", "b1/detector-7a", point="obscuration-per-metre", value=0.05, threshold=0.05)
    with house.units.reading() as uow:
        topic = uow.consultation.topics.of("example")[0].id
    where = {name: house.services.queries.task(task, None).incident_id for name, task in (("fire", fire), ("door", door))}
    return {"topic": f"/topics/{topic}", **{name: f"/incidents/{incident}" for name, incident in where.items()}}


def test_no_page_is_left_out(house):
    assert shown(house) <= {one.route for one in PAGES}, "add the new page to PAGES, so that axe looks at it"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing(house, addresses, opens, lang):
    axe, found, page_of = Axe(), [], {}
    for one in PAGES:
        if one.member not in page_of:
            page_of[one.member] = opens(one.member, "/sign-in", lang=lang, viewport={"width": 1280, "height": 900})
        page = page_of[one.member]
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.goto(one.address.format(**addresses))
        if one.presses:
            page.locator(one.presses).first.click()
            page.wait_for_load_state()
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        results = [("light", axe.run(page, options=STANDARD))]
        page.emulate_media(color_scheme="dark")
        results.append(("dark", axe.run(page, options=COLOURS)))
        found += [f"{one.address} {scheme}: {result.generate_report()}" for scheme, result in results if result.violations_count]
    assert not found, "\n".join(found)
