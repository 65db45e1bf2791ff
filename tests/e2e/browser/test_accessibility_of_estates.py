"""WCAG 2.2 AA of what stands there for who has several estates: the unfolded menu with its counts, and calls of both."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.browser.test_accessibility import STANDARD, WIDE
from tests.integration.cloud_web.house import ESTATE
from tests.integration.cloud_web.sister_estate import DETECTOR, LIFT, SISTER, builds_sister

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("size", "scheme"), [(WIDE, "light"), ({"width": 390, "height": 844}, "dark")], ids=["wide", "phone"]
)
def test_axe_finds_nothing_where_two_estates_ring(house, opens, size, scheme):
    builds_sister(house)
    house.goes_wrong("lift.entrapment", "b3/lift-2")
    house.goes_wrong("lift.entrapment", LIFT, estate=SISTER)
    house.goes_wrong("fire.smoke", DETECTOR, estate=SISTER)
    page = opens("manager", "/sign-in", viewport=size, color_scheme=scheme)
    for path in (f"/?estate={ESTATE}", f"/rosters?estate={ESTATE}", "/?estate=all", "/duty-room?estate=all"):
        page.goto(path)
        for unfolded in (False, True):
            if unfolded:
                page.locator(".estates > summary").click()
                expect(page.get_by_role("link", name="All my estates")).to_be_visible()
            seen = Axe().run(page, options=STANDARD)
            assert not seen.violations_count, f"{path}\n{seen.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
