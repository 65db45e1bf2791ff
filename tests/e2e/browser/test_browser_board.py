"""The board in a real browser: it moves by itself, tells when it cannot, sounds, and works without scripts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.seen import keeps, kept

pytestmark = pytest.mark.browser


def test_a_hazard_appears_without_a_reload_and_its_acknowledgement_reaches_another_browser(house, live):
    house.node_connects()
    manager, technician = live("manager"), live("technician", lang="zh")
    expect(manager.get_by_text("All is quiet")).to_be_visible()
    manager.evaluate("window.neverReloaded = true")
    keeps(manager, "#rows .row.changed", "(one) => one.className")
    house.goes_wrong("lift.entrapment", "b3/lift-2")
    row = manager.locator("#rows .row", has_text="Person trapped in lift")
    expect(row).to_be_visible()
    assert kept(manager)[0] == "row life-safety unanswered changed"
    expect(row.locator(".where")).to_have_text("Lift 2, Building 3")
    expect(manager.locator("[data-alarm]")).to_contain_text("Person trapped in lift")
    expect(manager).to_have_title("(1) Board · Tocsin")

    technician.locator("#rows .row", has_text="电梯困人").get_by_role("button", name="接警").click()
    expect(row.locator(".parties")).to_contain_text("leads: accepted")
    expect(manager.locator("[data-alarm]")).to_have_count(0)
    expect(technician.locator("[data-alarm]")).to_have_count(0)
    assert manager.evaluate("window.neverReloaded") is True


def test_what_did_not_change_stays_the_very_same_element(house, live):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    page = live("manager")
    page.evaluate("document.querySelector('#rows .row').dataset.mine = 'yes'")
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    expect(page.locator("#rows .row")).to_have_count(2)
    expect(page.locator("#rows .row").first).to_contain_text("Smoke")
    assert page.locator("#rows .row").nth(1).get_attribute("data-mine") == "yes"


def test_a_service_that_restarts_under_an_open_board_is_told_with_its_time_and_caught_up(house, service, live):
    house.goes_wrong("access.held-open", "b1/garage-door")
    page = live("manager")
    service.stop()
    mark = page.locator("#link")
    expect(mark).to_have_attribute("data-state", "stale")
    expect(mark).to_contain_text(re.compile(r"stale since \d\d:\d\d:\d\d"))
    page.locator("#rows .row", has_text="Door held open").get_by_role("button").click()
    expect(page.locator("#told")).to_contain_text("Not sent yet: no connection")
    house.goes_wrong("access.forced-open", "b5/north-gate")
    service.start()
    expect(page.locator("#rows .row", has_text="Door forced open")).to_be_visible(timeout=15000)
    expect(mark).to_have_attribute("data-state", "live")
    pressed = page.locator("#rows .row", has_text="Door held open")
    expect(pressed.locator(".parties")).to_contain_text("leads: accepted", timeout=15000)
    expect(page.locator("#told")).to_have_count(0)


def test_two_tabs_share_one_stream_and_the_second_goes_on_when_the_first_closes(house, live):
    first = live("manager")
    second = first.context.new_page()
    streams = []
    second.on("request", lambda request: streams.append(request.url) if "/live" in request.url else None)
    second.goto("/")
    second.wait_for_selector("#link[data-state=live]")
    house.goes_wrong("access.forced-open", "b5/north-gate")
    expect(second.locator("#rows .row")).to_have_count(1)
    assert streams == []
    first.close()
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    expect(second.locator("#rows .row")).to_have_count(2)
    assert len(streams) == 1


def test_it_sounds_once_allowed_until_somebody_answers(house, live):
    page = live("manager")
    task = house.goes_wrong("fire.smoke", "b1/detector-7a")
    toggle = page.locator("[data-alarm] [data-sound]")
    expect(toggle).to_have_text("Turn the sound on")
    ringing = page.locator("html")
    expect(ringing).to_have_attribute("data-ringing", "no")
    toggle.click()
    expect(toggle).to_have_text("Sound is on")
    expect(ringing).to_have_attribute("data-ringing", "yes")
    toggle.click()
    expect(ringing).to_have_attribute("data-ringing", "no")
    toggle.click()
    expect(ringing).to_have_attribute("data-ringing", "yes")
    house.services.act.acknowledge(task, "controller")
    expect(ringing).to_have_attribute("data-ringing", "no")


def test_clocks_run_in_the_page_and_turn_amber(house, live):
    house.goes_wrong("access.forced-open", "b5/north-gate", ago=timedelta(seconds=30))
    page = live("manager")
    clock = page.locator("#rows [data-clock]")
    before = clock.locator("[data-left]").text_content()
    expect(clock.locator("[data-left]")).not_to_have_text(before)
    page.evaluate("document.querySelector('[data-clock]').dataset.start = new Date(Date.now() - 36e5).toISOString()")
    expect(clock).to_have_attribute("data-state", "at_risk")


def test_without_scripts_the_same_things_can_be_done(house, opens):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    page = opens("guard", java_script_enabled=False)
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("link", name="Door forced open").click()
    page.get_by_role("button", name="Start work").click()
    page.get_by_text("Report as resolved").first.click()
    page.get_by_label("How was it resolved?").select_option("fixed")
    page.get_by_label("What did you find and do?").fill("lock replaced")
    page.get_by_role("button", name="Report as resolved").click()
    expect(page.get_by_text("lock replaced")).to_be_visible()
    assert house.services.queries.task(task, None).state == "resolved"


def test_no_page_is_wider_than_its_screen_whatever_a_node_sent(house, opens):
    """In both languages all pages are measured where axe looks at them; here is one word without an end."""
    house.node_connects()
    task = house.goes_wrong("fire.smoke", "b1/detector-7a", point="obscuration-per-metre", value=0.05, threshold=0.05)
    house.smoke_grows("b1/detector-7a", minutes_ago=1)
    house.nonsense_arrives(b"x" * 500, "is not JSON")
    incident = f"/incidents/{house.services.queries.task(task, None).incident_id}"
    page = opens("manager")
    for path in ("/", "/?hazard=fire", "/duty-room", incident, "/fleet", "/dead-letters", "/sign-in", "/nowhere"):
        page.goto(path)
        for width in (320, 390, 1280, 1920):
            page.set_viewport_size({"width": width, "height": 844})
            beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert beyond == 0, f"{path} is {beyond} px too wide at {width}"


def test_on_a_phone_the_one_next_action_is_in_reach_of_the_thumb(house, opens):
    task = house.goes_wrong("fire.smoke", "b1/detector-7a")
    incident = f"/incidents/{house.services.queries.task(task, None).incident_id}"
    page = opens("controller", incident, viewport={"width": 390, "height": 844}, has_touch=True)
    box = page.get_by_role("button", name="Accept").bounding_box()
    assert box["height"] >= 44
    assert 844 / 2 < box["y"] < 844 - box["height"]


def test_on_a_phone_the_number_to_call_is_in_reach_of_the_thumb(house, opens):
    task = house.goes_wrong("lift.entrapment", "b3/lift-2")
    incident = f"/incidents/{house.services.queries.task(task, None).incident_id}"
    page = opens("technician", incident, viewport={"width": 390, "height": 844}, has_touch=True)
    call = page.locator(".call-thumb")
    expect(call).to_have_attribute("href", "tel:96333")
    box = call.bounding_box()
    assert box["height"] >= 44
    assert 844 / 2 < box["y"] <= 844 - box["height"]
    for link in page.locator("a[href^='tel:']").all():
        assert link.bounding_box()["height"] >= 44, link.text_content()


def test_on_a_phone_the_first_incident_is_seen_without_scrolling(house, opens):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    page = opens("manager", viewport={"width": 390, "height": 844}, has_touch=True)
    button = page.locator("#rows").get_by_role("button", name="Accept").bounding_box()
    assert button["y"] + button["height"] <= 500, "the header and the sound leave no room for it"


def test_the_board_can_be_worked_by_keyboard(house, live):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    page = live("manager")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Accept task":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    expect(page.locator("#rows .row .parties")).to_contain_text("leads: accepted")
