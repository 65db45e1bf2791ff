"""The sound of life safety: it stops on acknowledgement; who turns it off turns off what rings now, and for a while only."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.seen import comes_true, keeps, kept

pytestmark = pytest.mark.browser

ALARM = "#alarm-area [data-alarm]"


def ringing(page, state: str) -> None:
    expect(page.locator("html")).to_have_attribute("data-ringing", state)


def quietened(house, live, path="/"):
    """A page on which a fire rang until its visitor turned the sound off."""
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    page = live("manager", path)
    toggle = page.locator(f"{ALARM} [data-sound]")
    toggle.click()
    ringing(page, "yes")
    toggle.click()
    ringing(page, "no")
    expect(toggle).to_contain_text(re.compile(r"Quiet until \d\d:\d\d"))
    return page


def test_off_holds_for_what_rings_now_and_anything_new_rings(house, live):
    page = quietened(house, live)
    page.reload()
    expect(page.locator(ALARM)).to_have_count(1)
    page.locator("h1").dispatch_event("click")
    ringing(page, "no")
    page.locator("body").click(position={"x": 2, "y": 2})
    house.goes_wrong("lift.entrapment", "b3/lift-2")
    ringing(page, "yes")


def test_off_holds_for_a_quarter_of_an_hour_at_most(house, live):
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    page = live("manager")
    page.locator(f"{ALARM} [data-sound]").click()
    ringing(page, "yes")
    page.locator(f"{ALARM} [data-sound]").click()
    ringing(page, "no")
    page.clock.install()
    page.reload()
    page.locator("body").click(position={"x": 2, "y": 2})
    page.clock.run_for(14 * 60 * 1000)
    ringing(page, "no")
    page.clock.run_for(2 * 60 * 1000)
    ringing(page, "yes")


@pytest.mark.parametrize("path", ["/members", "/buildings/binhai/example/b1", "/rosters", "/fleet", "incident"])
def test_banner_and_bell_are_on_every_page_one_works_on(house, live, path):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    incident = house.services.queries.task(task, None).incident_id
    page = live("manager", f"/incidents/{incident}" if path == "incident" else path)
    expect(page.locator("#alarm-area")).to_have_count(1)
    page.locator("body").click(position={"x": 2, "y": 2})
    ringing(page, "no")
    page.evaluate("window.neverReloaded = true")
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    expect(page.locator(ALARM)).to_contain_text("Smoke")
    ringing(page, "yes")
    assert page.evaluate("window.neverReloaded") is True


def test_what_is_typed_on_a_page_is_not_touched_by_an_alarm(house, live):
    page = live("manager", "/members")
    page.locator("main details").evaluate_all("(all) => all.forEach((one) => (one.open = true))")
    field = page.locator("main input:not([type=hidden])").first
    field.fill("half a sentence")
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    expect(page.locator(ALARM)).to_contain_text("Smoke")
    expect(field).to_have_value("half a sentence")


def test_a_resident_has_no_bell(house, opens):
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    page = opens("tenant", "/topics")
    expect(page.locator("#alarm-area")).to_have_count(0)


def test_after_a_deed_the_focus_is_at_what_comes_next_and_it_is_said(house, live):
    task = house.goes_wrong("lift.entrapment", "b3/lift-2")
    incident = house.services.queries.task(task, None).incident_id
    page = live("technician", f"/incidents/{incident}")
    focused = "document.activeElement.textContent.trim()"
    for pressed, said, then in (
        ("Accept", "Accepted", "Start work"),
        ("Start work", "Work started", "Report as resolved"),
    ):
        page.locator(".next-action").get_by_role("button", name=pressed, exact=True).first.press("Enter")
        expect(page.locator("#said")).to_have_text(said)
        comes_true(page, f"{focused} === '{then}'")
    expect(page.locator("#said")).to_have_attribute("role", "status")


def test_after_the_last_deed_of_a_row_the_focus_is_at_its_headline(house, live):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    page = live("manager")
    page.locator("#rows .row button").first.press("Enter")
    expect(page.locator("#said")).to_have_text("Accepted")
    comes_true(page, "document.activeElement.closest('#rows .row') !== null")


def test_what_is_red_stays_red_and_legible_while_it_is_marked_as_new(house, live):
    page = live("manager")
    look = "(one) => [getComputedStyle(one).backgroundColor, getComputedStyle(one).outlineStyle]"
    keeps(page, "section.alarm.changed", look)
    house.goes_wrong("lift.entrapment", "b3/lift-2")
    expect(page.locator("section.alarm")).to_be_visible()
    assert kept(page) == [["rgb(180, 0, 25)", "solid"]], "white words on a pale ground are read by nobody"
