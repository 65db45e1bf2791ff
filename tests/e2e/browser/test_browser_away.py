"""A page whose service cannot be reached: it says so, with its age, keeps what was pressed, and never pretends to be live."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.integration.cloud_web.house import ESTATE

pytestmark = pytest.mark.browser

STALE = re.compile(r"stale since \d\d:\d\d:\d\d")


def test_a_page_that_cannot_be_fetched_is_stale_however_the_stream_beats(house, live):
    page = live("manager")
    broken = {"is": True}
    page.route("**/", lambda route: route.fulfill(status=503, body="no") if broken["is"] else route.continue_())
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    mark = page.locator("#link")
    expect(mark).to_have_attribute("data-state", "stale")
    expect(mark).to_contain_text(STALE)
    broken["is"] = False
    expect(page.locator("#rows .row")).to_have_count(1)
    expect(page.locator("#alarm-area [data-alarm]")).to_contain_text("Smoke")
    expect(mark).to_have_attribute("data-state", "live")


def test_a_page_that_never_comes_is_stale_as_well(house, live):
    page = live("manager")
    page.clock.install()
    page.reload()
    page.wait_for_selector("#link[data-state=live]")
    page.route("**/", lambda _: None)
    with page.expect_request("**/"):
        house.goes_wrong("fire.smoke", "b1/detector-7a")
        page.clock.run_for(1000)
    page.clock.run_for(16000)
    expect(page.locator("#link")).to_have_attribute("data-state", "stale")


def test_since_when_it_is_stale_is_told_in_the_estates_zone_with_a_running_age(house, service, live):
    page = live("manager", timezone_id="America/New_York")
    service.stop()
    mark = page.locator("#link")
    expect(mark).to_contain_text(STALE)
    told = re.search(r"\d\d:(\d\d:\d\d)", mark.text_content())
    there = house.clock.now() + timedelta(hours=8)
    assert told[0][:2] in {f"{there:%H}", f"{there - timedelta(minutes=1):%H}"}
    age = mark.locator("[data-age]")
    expect(age).to_contain_text(re.compile(r"for \d+ s"))
    expect(age).to_have_attribute("aria-hidden", "true")
    before = age.text_content()
    expect(age).not_to_have_text(before)


@pytest.mark.parametrize("path", ["/", "/duty-room"])
def test_what_is_pressed_while_the_service_is_away_stays_is_told_and_is_sent_once(house, service, live, path):
    task = house.goes_wrong("fire.smoke", "b1/detector-7a")
    page = live("controller", path)
    page.evaluate("window.neverReloaded = true")
    service.stop()
    expect(page.locator("#link")).to_have_attribute("data-state", "stale")
    page.locator("main").get_by_role("button", name="Accept", exact=True).click()
    told = page.locator("#told")
    expect(told).to_contain_text("Not sent yet: no connection")
    expect(told).to_have_attribute("role", "alert")
    house.goes_wrong("lift.entrapment", "b3/lift-2")
    service.start()
    expect(page.locator("#said")).to_have_text("Accepted", timeout=15000)
    expect(told).to_have_count(0)
    expect(page.get_by_text("Person trapped in lift").first).to_be_visible()
    expect(page.locator("#link")).to_have_attribute("data-state", "live")
    expect(page.locator("[data-alarm]").first).to_be_attached()
    assert page.evaluate("window.neverReloaded") is True
    accepted = [line for line in house.ledger() if line.kind == "task.acknowledged" and line.subject == task]
    assert len(accepted) == 1


def test_a_deed_whose_answer_was_lost_is_done_once(house, live):
    """It is sent again under the key it had: the service answers as it did, and does it no second time."""
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    incident = house.services.queries.task(task, None).incident_id
    page = live("manager", f"/incidents/{incident}")
    losses = []

    def lose_first(route):
        if losses:
            return route.continue_()
        losses.append(route.fetch())
        return route.abort()

    page.route("**/tasks/*/note", lose_first)
    page.get_by_text("Add a note").first.click()
    page.get_by_label("Note", exact=True).fill("the hinge is bent")
    page.locator("form[action$='/note'] button").click()
    expect(page.locator("#told")).to_contain_text("Not sent yet")
    expect(page.locator("#told")).to_have_count(0, timeout=15000)
    expect(page.get_by_text("the hinge is bent")).to_have_count(1)
    notes = house.services.queries.incident(incident, None).notes
    assert [note.text for note in notes] == ["the hinge is bent"]


def test_what_could_not_be_sent_for_a_minute_is_to_be_pressed_again(house, service, live):
    """What somebody meant a while ago may no longer be right: it is not done behind their back."""
    task = house.goes_wrong("fire.smoke", "b1/detector-7a")
    page = live("controller")
    page.clock.install()
    page.reload()
    page.wait_for_selector("#link[data-state=live]")
    service.stop()
    page.locator("#rows").get_by_role("button", name="Accept", exact=True).click()
    expect(page.locator("#told")).to_contain_text("Not sent yet")
    for _ in range(14):
        page.clock.run_for(5000)
    expect(page.locator("#told")).to_contain_text("Not sent. Press again")
    service.start()
    page.clock.run_for(5000)
    assert house.services.queries.task(task, None).state == "new"
    expect(page.locator("#rows").get_by_role("button", name="Accept", exact=True)).to_be_enabled()


def test_a_wall_that_was_signed_out_says_so_in_red_and_sounds(house, live):
    page = live("controller", "/duty-room")
    page.locator("[data-sound]").click()
    expect(page.locator("html")).to_have_attribute("data-ringing", "no")
    house.services.sign_in.leave(page.context.cookies()[1]["value"])
    house.goes_wrong("access.forced-open", "b5/north-gate")
    ended = page.locator("#ended")
    expect(ended).to_contain_text("Signed out: nothing rings here")
    expect(ended).to_have_attribute("role", "alert")
    expect(page.locator("html")).to_have_attribute("data-ringing", "yes")
    expect(page).to_have_title(re.compile("Signed out"))
    expect(page.locator("#link")).to_have_attribute("data-state", "stale")
    link = ended.get_by_role("link", name="Sign in")
    expect(link).to_have_attribute("href", "/sign-in?next=%2Fduty-room")


def test_the_sign_in_page_after_a_lost_session_says_that_nothing_rings(house, opens):
    page = opens("controller", "/duty-room")
    for cookie in page.context.cookies():
        if cookie["name"] == "tocsin_session":
            house.services.sign_in.leave(cookie["value"])
    page.goto("/duty-room")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Signed out: nothing rings here")
    assert alert.evaluate("(one) => getComputedStyle(one).backgroundColor") != "rgba(0, 0, 0, 0)"


def test_an_hour_before_a_session_ends_every_working_page_says_until_when(house, live):
    page = live("manager", "/members")
    expect(page.locator("#ends")).to_have_count(0)
    house.clock.pass_by(house.services.sign_in.lasting.altogether - timedelta(minutes=50))
    until = house.sessions("manager")[-1].expires_at
    for key in house.sessions("manager"):
        with house.units.writing() as uow:
            uow.keys.seen(key.hash, house.clock.now())
            uow.commit()
    page.goto(f"/?estate={ESTATE}")
    expect(page.locator("#ends")).to_contain_text(f"Signed in until {until + timedelta(hours=8):%H:%M}")
