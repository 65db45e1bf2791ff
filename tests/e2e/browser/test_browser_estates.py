"""Whoever belongs to several estates hears and sees an entrapment of any of them, on the page of whichever they look at."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.integration.cloud_web.house import ESTATE
from tests.integration.cloud_web.sister_estate import DETECTOR, DOOR, LIFT, SISTER, builds_sister

pytestmark = pytest.mark.browser

ALARM = "#alarm-area [data-alarm]"


@pytest.fixture
def house(house):
    builds_sister(house)
    return house


def ringing(page, state: str) -> None:
    expect(page.locator("html")).to_have_attribute("data-ringing", state)


def incident_of(house, task: str) -> str:
    return house.services.queries.task(task, None).incident_id


@pytest.mark.parametrize("path", ["/", "/rosters"])
def test_on_the_page_of_one_estate_the_other_rings_leads_there_and_falls_silent_when_it_is_accepted(house, live, path):
    page = live("manager", f"{path}?estate={ESTATE}", lang="zh")
    expect(page.locator("#alarm-area")).to_have_count(1)
    page.locator("body").click(position={"x": 2, "y": 2})
    page.evaluate("window.neverReloaded = true")
    ringing(page, "no")
    task = house.goes_wrong("lift.entrapment", LIFT, estate=SISTER)
    expect(page.locator(ALARM)).to_contain_text("电梯困人")
    expect(page.locator(ALARM)).to_contain_text("其他小区")
    ringing(page, "yes")
    way = page.locator(ALARM).get_by_role("link", name="河畔小区1号楼1号梯")
    expect(way).to_have_attribute("href", f"/incidents/{incident_of(house, task)}")
    expect(page.locator(f'[data-live="estates"] [data-key="{SISTER}"]')).to_contain_text("险情 1")
    expect(page.locator(".estates summary .lives")).to_contain_text("1")
    house.services.act.acknowledge(task, "technician")
    expect(page.locator(ALARM)).to_have_count(0)
    ringing(page, "no")
    assert page.evaluate("window.neverReloaded") is True


def test_the_banner_leads_to_the_other_estates_incident(house, live):
    house.goes_wrong("lift.entrapment", "b3/lift-2")
    house.goes_wrong("fire.smoke", DETECTOR, estate=SISTER)
    page = live("manager", f"/?estate={ESTATE}", lang="zh")
    expect(page.locator(ALARM).get_by_role("link")).to_have_count(2)
    page.locator(ALARM).get_by_role("link", name="河畔小区").click()
    page.wait_for_url("**/incidents/*")
    expect(page.locator(".estates summary")).to_contain_text("河畔小区")
    expect(page.locator(ALARM).get_by_role("link", name="示例小区3号楼2号梯")).to_be_visible()


def test_the_wall_of_one_estates_duty_room_rings_for_the_other(house, live):
    house.node_connects()
    page = live("manager", f"/duty-room?estate={ESTATE}", lang="zh", viewport={"width": 1920, "height": 1080})
    page.locator("[data-sound]").first.click()
    ringing(page, "no")
    task = house.goes_wrong("lift.entrapment", LIFT, estate=SISTER)
    expect(page.locator(ALARM)).to_contain_text("河畔小区1号楼1号梯")
    ringing(page, "yes")
    house.services.act.acknowledge(task, "technician")
    expect(page.locator(ALARM)).to_have_count(0)
    ringing(page, "no")


def test_a_second_tab_that_shares_the_stream_hears_it_too(house, live):
    first = live("manager", f"/?estate={ESTATE}", lang="zh")
    second = first.context.new_page()
    second.goto(f"/fleet?estate={ESTATE}")
    second.wait_for_selector("#link[data-state=live]")
    house.goes_wrong("lift.entrapment", LIFT, estate=SISTER)
    for page in (first, second):
        expect(page.locator(ALARM)).to_contain_text("河畔小区")
    first.close()
    house.goes_wrong("fire.smoke", DETECTOR, estate=SISTER)
    expect(second.locator(ALARM).get_by_role("link")).to_have_count(2)


def test_what_rang_while_the_link_was_lost_is_there_when_it_is_back_and_its_age_is_said_meanwhile(house, live, service):
    page = live("manager", f"/?estate={ESTATE}", lang="zh")
    service.stop()
    expect(page.locator("#link")).to_have_attribute("data-state", "stale", timeout=15000)
    expect(page.locator("#link")).to_contain_text("数据停止更新于")
    task = house.goes_wrong("lift.entrapment", LIFT, estate=SISTER)
    service.start()
    expect(page.locator(ALARM)).to_contain_text("河畔小区", timeout=15000)
    house.services.act.acknowledge(task, "technician")
    expect(page.locator(ALARM)).to_have_count(0)


def test_without_a_script_each_page_says_it_and_leads_there(house, opens):
    task = house.goes_wrong("lift.entrapment", LIFT, estate=SISTER)
    page = opens("manager", f"/rosters?estate={ESTATE}", lang="zh", java_script_enabled=False)
    expect(page.locator(ALARM)).to_contain_text("电梯困人")
    page.locator(".estates summary").click()
    expect(page.locator(f'[data-live="estates"] [data-key="{SISTER}"]')).to_contain_text("险情 1")
    page.locator(".estates summary").click()
    page.locator(ALARM).get_by_role("link", name="河畔小区1号楼1号梯").click()
    page.wait_for_url(f"**/incidents/{incident_of(house, task)}")
    house.services.act.acknowledge(task, "technician")
    page.goto(f"/duty-room?estate={ESTATE}")
    expect(page.locator(ALARM)).to_have_count(0)
    house.goes_wrong("fire.smoke", DETECTOR, estate=SISTER)
    expect(page.locator(ALARM)).to_contain_text("河畔小区", timeout=15000)


def test_on_the_board_of_all_estates_what_happens_in_any_appears_by_itself(house, live):
    page = live("manager", "/?estate=all", lang="zh")
    page.evaluate("window.neverReloaded = true")
    task = house.goes_wrong("access.forced-open", DOOR, estate=SISTER)
    row = page.locator(f'#rows [data-key="{task}"]')
    expect(row).to_contain_text("河畔小区1号楼大门")
    row.get_by_role("button").first.click()
    expect(page.locator("#said")).not_to_have_text("")
    expect(row).to_contain_text("已接受")
    assert page.evaluate("window.neverReloaded") is True
