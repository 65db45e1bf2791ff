"""What is long is read on a phone all the same: coverage, a week on the roster, keys; by keyboard, without a script, on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.looked import PHONE

pytestmark = pytest.mark.browser

SCREEN = PHONE["height"]


def height(page, what: str) -> float:
    return page.locator(what).first.bounding_box()["height"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_coverage_is_a_line_for_each_thing_to_be_done(addresses, opens, lang, script):
    page = opens("manager", "/duties", lang=lang, viewport=PHONE, java_script_enabled=script)
    assert height(page, "#coverage") < SCREEN
    lines = page.locator(".holes > li")
    rows = page.locator(".holes tbody tr")
    assert 1 < lines.count() < rows.count()
    said = lines.evaluate_all("(all) => all.map((one) => one.querySelector('summary').textContent)")
    assert len(set(said)) == len(said), "two lines say the same"
    expect(rows.first).to_be_hidden()
    lines.first.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(rows.first).to_be_visible()
    expect(lines.first.locator(".mending")).to_be_visible()


def test_coverage_is_whole_on_paper(addresses, opens):
    page = opens("manager", "/duties")
    page.emulate_media(media="print")
    folded = page.locator("#coverage").locator("td, dd, li")
    assert folded.count()
    for one in folded.all():
        assert one.evaluate("(one) => one.checkVisibility({ contentVisibilityAuto: true })"), "folded away on paper"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_week_is_a_line_for_each_stretch_of_a_day(house, opens, lang):
    house.keeps_a_roster()
    page = opens("manager", "/rosters/guards", lang=lang, viewport=PHONE)
    days = page.locator(".roster-week td")
    assert days.count() == 7
    assert height(page, ".roster-week") < SCREEN
    assert len({round(one.bounding_box()["x"]) for one in days.all()}) == 1
    line = page.locator(".roster-week .duty li").first
    assert line.locator(".hours").bounding_box()["y"] == pytest.approx(line.bounding_box()["y"], abs=6)
    assert line.bounding_box()["height"] < 30, "hours and name stand in one line"


def test_of_many_keys_a_few_stand_there_and_the_rest_behind_a_tap(house, opens):
    for _ in range(9):
        house.session_of("technician")
    page = opens("technician", "/account", viewport=PHONE, java_script_enabled=False)
    card = page.locator("section", has=page.locator("#sessions-title"))
    expect(card.locator(".keys > li").filter(visible=True)).to_have_count(3)
    assert height(page, "section:has(#sessions-title)") < SCREEN * 0.6
    card.locator("summary").click()
    expect(card.locator(".keys > li").filter(visible=True)).to_have_count(10)
    text, button = card.locator(".keys > li").nth(1).locator("> div, > form").all()
    assert text.bounding_box()["y"] + 80 > button.bounding_box()["y"], "its button stands beside it"
    assert button.bounding_box()["x"] > text.bounding_box()["x"]
