"""A resident without an account reports, and their page follows by itself: who accepts, what is added, when it is theirs to judge."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from cloud.domain.tasks.task import ResolutionReason
from tests.e2e.browser.test_browser_resident import PHONE, fits

pytestmark = pytest.mark.browser
SOON = 30_000
"""Longer than the page waits before it asks again, and asks once more if that went wrong."""


@pytest.fixture
def code(house) -> str:
    house.services.labels.make("example", house.identity("manager"))
    with house.units.reading() as uow:
        return next(one.code for one in uow.labels.of("example") if one.equipment_id == "b3/lift-2")


def stays(page) -> None:
    """Marks the document: what is loaded anew has no mark."""
    page.evaluate("window.stays = true")


def stayed(page) -> bool:
    return page.evaluate("window.stays === true")


def test_the_main_path_of_a_resident_without_an_account(house, opens, code):
    page = opens(None, f"/at/{code}", **PHONE)
    page.get_by_role("button", name="alert those responsible").first.tap()
    expect(page).to_have_url(re.compile(r"/follow/[\w-]{40,}$"))
    fits(page)
    (task,) = house.services.queries.board("example", None).tasks
    stays(page)
    desk = opens("manager", f"/incidents/{task.incident_id}")
    desk.get_by_role("button", name="Accept").first.click()
    expect(page.locator(".stands")).to_contain_text("Acknowledged", timeout=SOON)
    expect(page.locator(".steps")).to_contain_text("Property office acknowledged and leads")
    assert stayed(page), "it came by itself"
    page.locator("#more").fill("a child is inside")
    page.get_by_role("button", name="Send it to them").tap()
    expect(page.locator(".said")).to_contain_text("a child is inside")
    expect(desk.locator(".timeline")).to_contain_text("a child is inside", timeout=SOON)
    stays(page)
    house.services.act.resolve(task.id, "manager", ResolutionReason.FIXED)
    expect(page.get_by_role("button", name="Not solved")).to_be_visible(timeout=SOON)
    assert stayed(page)
    expect(page.locator("#more")).to_have_count(0)
    fits(page)
    page.get_by_role("button", name="Solved, well done").tap()
    expect(page.locator(".hint").first).to_contain_text("You said")


def test_words_that_are_being_written_stay_while_the_page_follows(house, opens, code):
    page = opens(None, f"/at/{code}", **PHONE)
    page.get_by_role("button", name="alert those responsible").first.tap()
    expect(page).to_have_url(re.compile(r"/follow/"))
    (task,) = house.services.queries.board("example", None).tasks
    page.locator("#more").fill("third floor, I th")
    house.services.act.acknowledge(task.id, "manager")
    house.services.act.resolve(task.id, "manager", ResolutionReason.FIXED)
    expect(page.get_by_role("button", name="Not solved")).to_be_visible(timeout=SOON)
    expect(page.locator("#more")).to_have_value("third floor, I th")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_lost_link_is_told_with_its_age_and_nothing_jumps(house, opens, code, lang):
    page = opens(None, f"/at/{code}", lang=lang, **PHONE)
    page.get_by_role("button", name=re.compile("alert those responsible|一键通知责任单位")).first.tap()
    expect(page).to_have_url(re.compile(r"/follow/"))
    lost = page.locator(".lost-part")
    assert lost.evaluate("(one) => getComputedStyle(one).visibility") == "hidden"
    steps = page.locator(".steps").bounding_box()["y"]
    page.route("**/now?*", lambda route: route.abort())
    root = page.locator("html")
    expect(root).to_have_class("lost", timeout=60_000)
    expect(lost).to_be_visible()
    assert page.locator(".steps").bounding_box()["y"] == steps, "it jumped"
    expect(page.locator(".as-of time")).to_contain_text("秒" if lang == "zh" else " s")
    page.unroute("**/now?*")
    expect(root).not_to_have_class("lost", timeout=SOON)
    assert lost.evaluate("(one) => getComputedStyle(one).visibility") == "hidden"


def test_behind_a_label_what_becomes_known_comes_by_itself_and_stays_under_the_thumb(house, opens, code):
    page = opens(None, f"/at/{code}", **PHONE)
    stays(page)
    house.goes_wrong("lift.out-of-service", "b3/lift-2")
    expect(page.locator(".known")).to_contain_text("out of service", timeout=SOON, ignore_case=True)
    assert stayed(page)


def test_the_public_page_follows_too(house, opens):
    page = opens(None, "/public/example", **PHONE)
    stays(page)
    task = house.goes_wrong("lift.out-of-service", "b3/lift-2")
    standing = page.locator("[data-live=standing]")
    expect(standing).to_contain_text("Lift 2", timeout=SOON)
    house.services.act.acknowledge(task, "technician")
    expect(standing).to_contain_text("Acknowledged", timeout=SOON)
    assert stayed(page)


def test_a_residents_own_page_follows_and_leads_to_the_report(house, opens, code):
    page = opens("tenant", "/", **PHONE)
    fits(page)
    stays(page)
    page.context.new_page().goto(f"/at/{code}/lift-fault")
    other = page.context.pages[-1]
    other.get_by_role("button", name="Send").tap()
    expect(other).to_have_url(re.compile(r"/follow/"))
    link = page.locator("[data-live=reports] a")
    expect(link).to_have_count(1, timeout=SOON)
    assert stayed(page)
    link.tap()
    expect(page).to_have_url(re.compile(r"/reports/"))
    page.locator(".brand").tap()
    expect(page).to_have_url(re.compile(r"/$"))


def test_without_a_script_everything_is_there(opens, code):
    page = opens(None, f"/at/{code}", java_script_enabled=False, **PHONE)
    page.get_by_role("button", name="alert those responsible").first.tap()
    expect(page).to_have_url(re.compile(r"/follow/"))
    page.locator("#more").fill("the fifth floor")
    page.get_by_role("button", name="Send it to them").tap()
    expect(page.locator(".said")).to_contain_text("the fifth floor")
    fits(page)
