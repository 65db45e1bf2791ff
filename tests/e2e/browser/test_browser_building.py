"""The building's page in a real browser: lifts move, states change, nothing jumps, and a lost link is told; without a script, too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.seen import comes_true
from tests.integration.cloud_web.house_register import HOME

pytestmark = pytest.mark.browser

B1 = f"/buildings/{HOME}/b1"
SECOND = timedelta(seconds=1)
WALL = {"width": 1280, "height": 900}


@pytest.fixture
def heard(house):
    house.node_connects()
    house.lift_stands("b1/lift-1", 1, door_open=True)
    house.sensor_reports("b1/detector-7a/obscuration-per-metre", [(SECOND, 0.004)])
    house.sensor_reports("b1/garage-door/open", [(SECOND, False)])
    return house


def car(page):
    return page.locator(".drawing.wide .e-car")


def test_a_lift_moves_and_what_happens_is_marked_where_it_stands(heard, live):
    page = live("manager", B1, viewport=WALL)
    page.evaluate("window.neverReloaded = document.querySelector('.drawing.wide .e-car')")
    before = car(page).bounding_box()
    beside = page.locator("#pieces").bounding_box()
    expect(page.locator("[id='at-b1/lift-1']")).to_contain_text("door open")
    heard.lift_stands("b1/lift-1", 7)
    expect(page.locator("[id='at-b1/lift-1']")).to_contain_text("floor 7 · stands · door closed")
    comes_true(
        page,
        "(top) => document.querySelector('.drawing.wide .e-car').getBoundingClientRect().top < top - 100",
        arg=before["y"],
    )
    assert page.evaluate("window.neverReloaded === document.querySelector('.drawing.wide .e-car')"), "it glides"
    assert page.locator("#pieces").bounding_box() == beside, "nothing beside it jumped"
    heard.goes_wrong("fire.detector-fault", "b1/detector-7a")
    spot = page.locator(".drawing.wide .e-spot[data-key='b1/detector-7a']")
    expect(spot).to_have_attribute("data-state", "fault")
    expect(page.locator(".drawing.wide .e-note.fault")).to_have_text("Fault")
    expect(page.locator(".sums")).to_contain_text("Fault 1")
    expect(page.locator(".matters")).to_contain_text("Detector fault")


def test_a_lift_on_its_way_glides_unless_nothing_is_to_move(heard, opens):
    for motion, moves in (("no-preference", True), ("reduce", False)):
        page = opens("manager", B1, viewport=WALL, reduced_motion=motion)
        seconds = car(page).evaluate("(one) => parseFloat(getComputedStyle(one).transitionDuration)")
        assert (seconds > 0) is moves


def test_a_lost_link_is_told_with_its_age(heard, service, live):
    page = live("manager", B1, viewport=WALL)
    lost = page.locator(".lost-part")
    expect(lost).to_be_hidden()
    service.stop()
    expect(lost).to_be_visible(timeout=25000)
    expect(page.locator(".as-of")).to_contain_text("s ago")
    expect(page.locator("#link")).to_have_attribute("data-state", "stale")
    service.start()
    expect(lost).to_be_hidden(timeout=15000)


def test_without_a_script_it_says_the_same(heard, opens):
    heard.goes_wrong("lift.entrapment", "b1/lift-1", point="alarm-button", value=True)
    page = opens("manager", B1, java_script_enabled=False, viewport=WALL)
    row = page.locator("[id='at-b1/lift-1']")
    expect(row).to_contain_text("Life safety")
    expect(row).to_contain_text("floor 1 · stands · door open")
    expect(car(page)).to_have_class("e-car life")
    expect(page.locator(".as-of")).to_contain_text("Drawn")
    row.get_by_role("link", name="Person trapped in lift").click()
    expect(page.get_by_role("heading", name="Person trapped in lift")).to_be_visible()


def test_by_keyboard_the_list_is_walked_and_the_drawing_is_not_in_the_way(heard, opens):
    page = opens("manager", B1, viewport=WALL)
    focused = "document.activeElement.closest('svg') ? 'drawing' : document.activeElement.textContent.trim()"
    page.locator("#pieces").evaluate("(one) => { one.tabIndex = -1; one.focus(); }")
    walked = []
    for _ in range(5):
        page.keyboard.press("Tab")
        walked.append(page.evaluate(focused))
    assert walked == ["All", "Not normal", "Lift 1", "Corridor detector", "Garage door"]


def test_on_a_phone_nothing_reaches_beyond_the_screen_and_marks_can_be_touched(heard, opens):
    page = opens("manager", B1, viewport={"width": 390, "height": 844}, has_touch=True)
    for path in ("/buildings", "/equipment/b1/detector-7a", "/equipment/b1/lift-1", B1):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    box = page.locator(".drawing.narrow .e-spot .hit").first.bounding_box()
    assert min(box["width"], box["height"]) >= 23.5
    expect(page.locator(".drawing.wide")).to_be_hidden()
