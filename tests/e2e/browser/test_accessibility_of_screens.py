"""What a wall shows, and what a page says that is not live, holds to WCAG 2.2 AA as the pages themselves do."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.browser.looked import STANDARD, WIDE

pytestmark = pytest.mark.browser


def looked_at(page) -> None:
    """By axe, in light and dark, and nothing of it lies beside the page."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = Axe().run(page, options=STANDARD)
        assert not found.violations_count, f"{page.url} {scheme}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("lang", "size"), [("en", WIDE), ("zh", {"width": 390, "height": 844})], ids=["en-wide", "zh-phone"]
)
def test_a_screen_from_its_link_until_it_is_taken_back(house, opens, lang, size):
    maker = opens("manager", "/account", lang=lang, viewport=size)
    form = maker.locator("form[action='/account/screens']")
    form.evaluate("(one) => (one.closest('details').open = true)")
    form.locator("[name=label]").fill("Gate house")
    form.locator("button").click()
    link = maker.locator(".claim")
    expect(link).to_contain_text("/screen/")
    looked_at(maker)

    wall = opens(None, "/screen/" + link.text_content().rpartition("/")[2], lang=lang, viewport=size)
    wall.locator("form button").click()
    wall.wait_for_selector("#link[data-state=live]")
    looked_at(wall)
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    expect(wall.locator(".wall")).to_be_visible()
    looked_at(wall)

    manager = house.identity("manager")
    (hung,) = house.services.accounts.screens.of(manager)
    house.services.accounts.screens.end(manager, hung.id)
    house.goes_wrong("access.forced-open", "b5/north-gate")
    expect(wall.locator("#ended")).to_be_visible()
    looked_at(wall)


@pytest.mark.parametrize("size", [WIDE, {"width": 390, "height": 844}], ids=["wide", "phone"])
def test_a_board_that_is_stale_and_on_which_something_was_pressed(house, service, live, size):
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    page = live("controller", viewport=size)
    service.stop()
    page.locator("#rows").get_by_role("button", name="Accept", exact=True).click()
    expect(page.locator("#told")).to_contain_text("Not sent yet")
    expect(page.locator("#link")).to_have_attribute("data-state", "stale")
    looked_at(page)
