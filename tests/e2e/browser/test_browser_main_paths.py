"""What each person comes for, from the first page to the last, in both languages, with and without a script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from cloud.application.consultation.watch_patterns import WatchPatterns
from cloud.application.identifiers import RandomIds
from cloud.domain.tasks.task import ResolutionReason
from cloud.entrypoints.web.language import load_catalogues
from tests.e2e.browser.test_browser_resident import photo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("lang", ["zh", "en"]),
    pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"]),
]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
WALL = {"viewport": {"width": 1920, "height": 1080}, "has_touch": True}
OFFICE = {"viewport": {"width": 1280, "height": 900}}
SMOKE = {"zh": "烟雾报警", "en": "Smoke"}
FORCED = {"zh": "强行开门", "en": "Door forced open"}
TRAPPED = {"zh": "电梯困人", "en": "Person trapped in lift"}


@pytest.fixture
def says(lang):
    """The words of the pages in that language, by what they are called in the catalogue."""
    return load_catalogues()[lang].gettext


def button(page: Page | Locator, action: str) -> Locator:
    """The one that posts there, whatever it is called."""
    return page.locator(f"form[action*='/{action}'] button")


def opened(page: Page, action: str) -> None:
    """Unfolds the form that posts there."""
    page.locator("details", has=page.locator(f"form[action$='/{action}']")).locator("summary").click()


def in_language(page: Page, lang: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN" if lang == "zh" else "en")


def incident_of(house, task: str) -> str:
    return house.services.queries.task(task, None).incident_id


def state_of(house, task: str) -> str:
    return house.services.queries.task(task, None).state


def test_a_guard_at_the_wall_hears_what_burns_whom_to_call_and_accepts(house, opens, says, lang, script):
    house.node_connects()
    page = opens("controller", "/duty-room", lang=lang, java_script_enabled=script, **WALL)
    in_language(page, lang)
    expect(page.get_by_role("heading", name=says("All is quiet"))).to_be_visible()
    if script:
        page.wait_for_selector("#link[data-state=live]")
    task = house.goes_wrong("fire.smoke", "b1/detector-7a")
    if not script:
        page.reload()
    wall = page.locator(".wall")
    expect(wall.get_by_role("heading", name=SMOKE[lang])).to_be_visible()
    expect(wall.locator("a[href='tel:119']")).to_be_visible()
    expect(wall.locator(".wall-say")).to_contain_text(says("Say:"))
    button(wall, "acknowledge").tap()
    expect(wall.locator(".wall-coming .joined")).to_contain_text({"zh": "消防控制室", "en": "Fire control room"}[lang])
    assert state_of(house, task) == "acknowledged"


def test_a_guard_takes_down_a_call_in_three_presses_and_prints_the_callers_link(house, opens, says, lang, script):
    page = opens("guard", "/duty-room", lang=lang, java_script_enabled=script, **PHONE)
    page.locator("main a[href='/desk']").tap()
    for press in ({"zh": "3号楼", "en": "Building 3"}, {"zh": "2号梯", "en": "Lift 2"}):
        page.get_by_role("link", name=press[lang], exact=True).tap()
    expect(page.locator(".grave").first).to_contain_text(says("Read out:"))
    page.get_by_label(says("In the caller's words")).fill("她怀孕了 She is pregnant")
    page.locator(".grave button").first.tap()
    expect(page.get_by_role("heading", name=TRAPPED[lang])).to_be_visible()
    expect(page.locator("main")).to_contain_text("She is pregnant")
    button(page.locator(".taken"), "slip").tap()
    expect(page.locator(".claim")).to_contain_text("/follow/")
    (task,) = house.services.queries.board("example", None).tasks
    (report,) = house.services.queries.incident(task.incident_id, None).reports
    assert (task.hazard, report.way) == ("lift.entrapment", "desk")


def test_a_manager_finds_answers_and_settles_it_from_the_board(house, opens, says, lang, script):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    page = opens("manager", lang=lang, java_script_enabled=script, **OFFICE)
    page.locator("a[href*='hazard=access']").first.click()
    rows = page.locator("#rows .row")
    expect(rows).to_have_count(1)
    button(rows, "acknowledge").click()
    expect(rows.locator(".parties")).to_contain_text({"zh": "已接受", "en": "accepted"}[lang])
    rows.get_by_role("link", name=FORCED[lang]).click()
    opened(page, "note")
    page.get_by_label(says("Note"), exact=True).fill("门锁已更换 The lock is new")
    button(page, "note").click()
    expect(page.locator(".timeline")).to_contain_text("The lock is new")
    # What is chosen from now on stays, and would be about the revision before the note.
    seen = page.locator("form[action$='/resolve'] [name=revision]")
    expect(seen).to_have_value(str(house.services.queries.task(task, None).revision))
    opened(page, "resolve")
    page.get_by_label(says("How was it resolved?")).select_option("fixed")
    button(page, "resolve").click()
    expect(page.locator(".headline .state")).to_contain_text({"zh": "已处置", "en": "Resolved"}[lang])
    assert state_of(house, task) == "resolved"


def test_a_technician_comes_by_the_message_accepts_starts_shows_a_photo_and_is_done(house, opens, says, lang, script):
    task = house.goes_wrong("lift.entrapment", "b3/lift-2")
    link = f"/enter/{house.link_for('technician')}?incident={incident_of(house, task)}"
    page = opens(None, link, lang=lang, java_script_enabled=script, **PHONE)
    page.get_by_role("button", name=says("Continue")).tap()
    expect(page.get_by_role("heading", name=TRAPPED[lang])).to_be_visible()
    in_language(page, lang)
    button(page, "acknowledge").first.tap()
    expect(page.locator(".timeline")).to_contain_text({"zh": "电梯维保单位", "en": "Lift maintainer"}[lang])
    button(page, "start").first.tap()
    expect(button(page, "start")).to_have_count(0)
    opened(page, "photos")
    page.locator("#photo").set_input_files({"name": "car.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    button(page, "photos").tap()
    expect(page.locator("main img")).to_have_count(1)
    opened(page, "resolve")
    page.get_by_label(says("How was it resolved?")).select_option("fixed")
    button(page, "resolve").tap()
    expect(page.locator(".headline .state")).to_contain_text({"zh": "已处置", "en": "Resolved"}[lang])
    assert len(house.services.queries.incident(incident_of(house, task), None).photos) == 1


def test_an_officer_of_the_committee_reads_the_matter_and_speaks_on_its_topic(house, opens, says, lang, script):
    for hazard in ("lift.door-fault", "lift.maintenance-overdue", "lift.inspection-due"):
        house.goes_wrong(hazard, "b3/lift-2")
    WatchPatterns(house.units, house.clock, RandomIds())()
    page = opens("officer", lang=lang, java_script_enabled=script, **OFFICE)
    expect(page.locator("#rows .row")).to_have_count(3)
    page.locator("a[href^='/topics']").first.click()
    page.locator("main a[href*='/topics/']").first.click()
    expect(page.locator(".chain li")).not_to_have_count(0)
    page.locator("form[action$='/contributions'] textarea").fill("每月检查一次 Once a month")
    button(page, "contributions").click()
    expect(page.locator("main")).to_contain_text("Once a month")
    in_language(page, lang)


def test_an_operator_sees_the_fleet_and_changes_what_a_node_is_told(house, opens, says, lang, script):
    house.node_connects()
    house.node_is_configured()
    page = opens("engineer", "/fleet", lang=lang, java_script_enabled=script, **OFFICE)
    expect(page.locator("main")).to_contain_text({"zh": "3号楼网关", "en": "Gateway of building 3"}[lang])
    page.goto("/nodes/b3-gateway/document")
    text = page.locator("#text").input_value()
    page.locator("#text").fill(text.replace("at_full: 0.2", "at_full: [[["))
    page.get_by_role("button", name=says("Check it")).click()
    expect(page.get_by_role("alert")).to_contain_text(says("This cannot be used"))
    page.locator("#text").fill(text.replace("at_full: 0.2", "at_full: 0.3"))
    page.get_by_role("button", name=says("Check it")).click()
    expect(page.locator("#difference tr.added")).to_contain_text("at_full: 0.3")
    page.get_by_label(says("Why, for the history")).fill("another sensor")
    page.get_by_role("button", name=says("Send it to the node")).click()
    expect(page.locator("table")).to_contain_text("another sensor")
    in_language(page, lang)


def test_a_resident_scans_a_label_is_told_whom_it_goes_to_says_more_and_judges(house, opens, says, lang, script):
    house.services.labels.make("example", house.identity("manager"))
    with house.units.reading() as uow:
        code = next(one.code for one in uow.labels.of("example") if one.equipment_id == "b3/lift-2")
    page = opens(None, f"/at/{code}", lang=lang, java_script_enabled=script, **PHONE)
    in_language(page, lang)
    page.get_by_role("link", name=says("The lift is out of order")).tap()
    expect(page.locator(".goes")).to_contain_text(says("It goes at once to"))
    expect(page.locator(".goes strong").first).to_have_text({"zh": "电梯维保单位", "en": "Lift maintainer"}[lang])
    assert not house.services.queries.board("example", None).tasks, "it is told before anything is sent"
    page.locator("#photo").set_input_files({"name": "lift.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    page.get_by_role("button", name=says("Send"), exact=True).tap()
    expect(page).to_have_url(re.compile(r"/follow/[\w-]{40,}$"))
    in_language(page, lang)
    (task,) = house.services.queries.board("example", None).tasks
    assert len(house.services.queries.incident(task.incident_id, None).photos) == 1
    page.locator("#more").fill("门关不上 The door does not close")
    button(page, "words").tap()
    expect(page.locator(".said")).to_contain_text("The door does not close")
    house.services.act.acknowledge(task.id, "technician")
    house.services.act.resolve(task.id, "technician", ResolutionReason.FIXED)
    page.reload()
    page.get_by_role("button", name=says("Solved, well done")).tap()
    expect(page.locator(".hint").first).to_contain_text(says("You said:"))
    in_language(page, lang)
