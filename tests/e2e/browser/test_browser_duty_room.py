"""The duty room and the board while they change under somebody's eyes and hands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.seen import keeps, kept

pytestmark = pytest.mark.browser

WALL = {"width": 1920, "height": 1080}


def test_an_alarm_fills_the_calm_wall_sounds_and_is_accepted_with_one_touch(house, live):
    house.node_connects()
    page = live("controller", "/duty-room", viewport=WALL, has_touch=True)
    expect(page.get_by_role("heading", name="All is quiet")).to_be_visible()
    page.evaluate("window.neverReloaded = true")
    page.locator("[data-sound]").tap()
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    wall = page.locator(".wall")
    expect(wall.get_by_role("heading", name="Smoke")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-ringing", "yes")
    expect(page.get_by_role("alert")).to_have_text("Smoke · Corridor detector, floor 7, Building 1")
    for pressed in (wall.get_by_role("button", name="Accept"), wall.get_by_role("link", name="119")):
        box = pressed.bounding_box()
        assert box["height"] >= 56
        assert box["y"] + box["height"] <= WALL["height"], "what is to be pressed is on the wall without scrolling"
    wall.get_by_role("button", name="Accept").tap()
    expect(wall.locator(".wall-coming .joined")).to_contain_text("Fire control room")
    expect(page.locator("html")).to_have_attribute("data-ringing", "no")
    assert page.evaluate("window.neverReloaded") is True


@pytest.mark.parametrize("screen", [(1280, 800), (1366, 768), (1920, 1080), (390, 844)])
def test_what_is_to_be_pressed_never_has_to_be_scrolled_to(house, live, screen):
    house.node_connects()
    house.lift_stands("b3/lift-2", 5, level=False)
    house.goes_wrong("lift.entrapment", "b3/lift-2")
    page = live("technician", "/duty-room", viewport={"width": screen[0], "height": screen[1]})
    for name in ("Accept", "Person trapped in lift"):
        box = page.locator(".wall").get_by_text(name, exact=True).bounding_box()
        assert 0 <= box["y"] <= box["y"] + box["height"] <= screen[1], name


def test_what_changed_stays_where_it_was_while_it_is_marked(house, live):
    """Acknowledged, it belongs below; under the hand of who presses, nothing moves."""
    first = house.goes_wrong("access.forced-open", "b5/north-gate", ago=timedelta(minutes=2))
    second = house.goes_wrong("access.forced-open", "b1/garage-door", ago=timedelta(minutes=1))
    page = live("manager")
    order = "[...document.querySelectorAll('#rows .row')].map((row) => row.dataset.key)"
    assert page.evaluate(order) == [first, second]
    keeps(page, "#rows .row.changed", f"(one) => [one.dataset.key, one.className, {order}]")
    house.services.act.acknowledge(first, "guard")
    assert kept(page)
    expect(page.locator("#rows .row").first).to_have_attribute("data-key", second)
    assert kept(page) == [[first, "row changed", [first, second]]], "it was marked, and as long as it was, in its place"
    expect(page.locator("#rows .changed")).to_have_count(0)


def test_what_is_being_typed_as_the_name_of_a_view_is_not_taken_away(house, live):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    page = live("manager", "/?hazard=access")
    page.get_by_text("Save this view").first.click()
    page.get_by_label("Name of the view").fill("Doors at night")
    house.goes_wrong("access.held-open", "b1/garage-door")
    expect(page.locator("#rows .row")).to_have_count(2)
    expect(page.get_by_label("Name of the view")).to_have_value("Doors at night")
    page.get_by_role("button", name="Save this view").click()
    saved = page.locator(".saved").get_by_role("link", name="Doors at night")
    expect(saved).to_have_attribute("aria-current", "true")


def test_a_screen_on_a_wall_is_opened_by_its_link_rings_and_stays_until_it_is_taken_back(house, opens):
    screens, manager = house.services.accounts.screens, house.identity("manager")
    hung = screens.make(manager, "example", "property", "Gate house")
    page = opens(None, f"/screen/{hung.token}", viewport=WALL, has_touch=True)
    page.get_by_role("button", name="Make this browser the screen").tap()
    page.wait_for_url("**/duty-room")
    page.wait_for_selector("#link[data-state=live]")
    page.evaluate("window.neverReloaded = true")
    page.locator("[data-sound]").tap()
    task = house.goes_wrong("fire.smoke", "b1/detector-7a")
    expect(page.locator(".wall").get_by_role("heading", name="Smoke")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-ringing", "yes")
    expect(page.locator("form")).to_have_count(0)
    house.services.act.acknowledge(task, "controller")
    expect(page.locator("html")).to_have_attribute("data-ringing", "no")
    screens.end(manager, hung.screen.id)
    house.goes_wrong("access.forced-open", "b5/north-gate")
    ended = page.locator("#ended")
    expect(ended).to_contain_text("No screen any more: nothing rings here")
    expect(ended.get_by_role("link")).to_have_count(0)
    expect(page.locator("html")).to_have_attribute("data-ringing", "yes")
    assert page.evaluate("window.neverReloaded") is True
