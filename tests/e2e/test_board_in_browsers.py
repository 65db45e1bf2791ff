"""The running system through the eyes of three people: it comes to them, they answer, and the others see it at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.conftest import PATIENCE_MS, Raises
from tests.e2e.estate import RunningEstate
from tests.e2e.programs import until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.mosquitto, pytest.mark.timeout(180)]

ARRIVES_MS = 90_000
"""Until the scenario comes to it: the entrapment after 19 s, the smoke after 47."""


@pytest.fixture(scope="module")
def estate(five_hazards: Raises) -> RunningEstate:
    """Open, and nothing has happened yet."""
    return five_hazards(unbegun=True)


Enters = Callable[..., Page]


@pytest.fixture
def enters(chromium: Browser, estate: RunningEstate) -> Iterator[Enters]:
    """`enters(member)` is that member's own browser, let in by the personal link; script errors fail the test."""
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def enter(member: str, *, language: str = "en", scripts: bool = True) -> Page:
        context = chromium.new_context(java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(estate.link(member))
        page.locator("form[action^='/enter/'] button").click()
        page.wait_for_url("**/")
        # The page begins in the member's own language; the link to the other one is there for whoever reads that.
        other = page.locator(f"header .who a[hreflang^={language}]")
        if other.count():
            other.click()
            page.wait_for_url("**lang=**")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert not troubles


def row_of(page: Page, hazard: str) -> Locator:
    return page.locator("#rows .row", has_text=hazard)


def open_incident(page: Page, hazard: str) -> None:
    row = row_of(page, hazard)
    expect(row).to_be_visible(timeout=ARRIVES_MS)
    row.get_by_role("link", name=hazard).click()
    page.wait_for_url("**/incidents/*")


def test_it_appears_by_itself_and_its_acknowledgement_reaches_the_other_browser(estate: RunningEstate, enters: Enters):
    manager, technician = enters("duty-manager"), enters("lift-technician", language="zh")
    for page in (manager, technician):
        page.wait_for_selector("#link[data-state=live]")
        page.evaluate("window.neverReloaded = true")
    expect(manager.get_by_text("No alarm, but not everything is heard")).to_be_visible()
    estate.begin()

    row = row_of(manager, "Person trapped in lift")
    expect(row).to_be_visible(timeout=ARRIVES_MS)
    expect(row.locator(".where")).to_have_text("Lift 1, Building 1")
    expect(row.locator(".parties")).to_contain_text("Lift maintainer")
    expect(manager.locator("[data-alarm]")).to_contain_text("Person trapped in lift")
    expect(manager).to_have_title(re.compile(r"^\(1\) "))

    row_of(technician, "电梯困人").get_by_role("button", name="接警").click()
    expect(row.locator(".parties")).to_contain_text("leads: accepted")
    expect(row).to_contain_text("Acknowledged")
    expect(manager.locator("[data-alarm]")).to_have_count(0)
    for page in (manager, technician):
        assert page.evaluate("window.neverReloaded") is True


def test_it_is_resolved_on_its_page_with_a_reason(estate: RunningEstate, enters: Enters):
    estate.begin()
    page = enters("duty-manager")
    open_incident(page, "Door forced open")
    page.get_by_role("button", name="Accept").click()
    expect(page.locator(".headline .state")).to_have_text("Acknowledged")
    expect(page.locator("[data-live=alerts]")).to_contain_text("over", timeout=ARRIVES_MS)
    page.locator(".actions summary", has_text="Report as resolved").click()
    page.get_by_label("How was it resolved?").select_option("fixed")
    page.get_by_label("What did you find and do?").fill("The strike plate was bent; straightened.")
    page.locator("form[action$='/resolve'] button").click()
    expect(page.locator(".headline .state")).to_have_text("Resolved, to be verified")
    expect(page.locator(".headline")).to_contain_text("Fixed")
    expect(page.locator(".timeline-card")).to_contain_text("The strike plate was bent")
    task = next(task for task in estate.answers.tasks() if task["hazard"] == "access.forced-open")
    assert (task["state"], task["resolution_reason"]) == ("resolved", "fixed")


def test_it_speaks_both_languages(estate: RunningEstate, enters: Enters):
    estate.begin()
    page = enters("lift-technician")
    expect(row_of(page, "Person trapped in lift")).to_be_visible(timeout=ARRIVES_MS)
    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
    expect(row_of(page, "电梯困人")).to_contain_text("1号楼")
    page.get_by_role("link", name="English").click()
    expect(row_of(page, "Person trapped in lift")).to_contain_text("Building 1")


def test_the_signal_is_drawn_with_its_onset_and_its_threshold(estate: RunningEstate, enters: Enters):
    estate.begin()
    page = enters("control-room-operator")
    open_incident(page, "Smoke")
    chart = page.locator(".chart-wide svg.chart")
    expect(chart).to_be_visible()
    expect(chart.locator(".c-mark.c-onset").first).to_be_attached()
    expect(chart.locator(".c-threshold").first).to_be_attached()
    expect(chart.locator(".c-label", has_text="5")).not_to_have_count(0)
    drawn = chart.locator(".c-line").first.get_attribute("d") or ""
    assert len(re.findall(r"[ML]", drawn)) > 5, "a course, not a stroke"


def test_without_scripts_plain_forms_do_the_same(estate: RunningEstate, enters: Enters):
    estate.begin()
    until(
        lambda: any(task["hazard"] == "fire.smoke" for task in estate.answers.tasks()),
        ARRIVES_MS / 1000,
        "it smokes",
        estate.cloud,
    )
    page = enters("control-room-operator", scripts=False)
    row = row_of(page, "Smoke")
    row.get_by_role("button", name="Accept").click()
    expect(row).to_contain_text("leads: accepted")
    row.get_by_role("link", name="Smoke").click()
    expect(page.locator(".headline .state")).to_have_text("Acknowledged")
    expect(page.locator(".chart-wide svg.chart")).to_be_visible()
    page.locator(".actions summary", has_text="Add a note").click()
    page.get_by_label("Note", exact=True).fill("Two people are on their way.")
    page.locator("form[action$='/note'] button").click()
    expect(page.locator(".timeline-card")).to_contain_text("Two people are on their way.")
