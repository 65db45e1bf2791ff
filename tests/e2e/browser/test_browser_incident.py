"""The incident page in a real browser: live story, forms that keep what is typed, the way in by a personal link."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def fire(house):
    house.smoke_grows("b1/detector-7a", minutes_ago=2)
    point = {"point": "obscuration-per-metre", "value": 0.052, "threshold": 0.05}
    return house.goes_wrong("fire.smoke", "b1/detector-7a", **point)


def where(house, task):
    return f"/incidents/{house.services.queries.task(task, None).incident_id}"


def test_the_story_grows_while_one_looks(house, fire, live):
    page = live("manager", where(house, fire))
    expect(page.locator(".chart-wide .c-threshold")).to_have_count(1)
    expect(page.locator(".chart-wide")).to_contain_text("alarm at 5%/m")
    expect(page.locator(".chart-wide .c-acknowledged")).to_have_count(0)
    house.services.act.acknowledge(fire, "controller")
    expect(page.locator(".timeline")).to_contain_text("Fire control room acknowledged")
    expect(page.locator(".headline .state")).to_have_text("Acknowledged")
    expect(page.locator(".parts li.joined .party")).to_have_text("Fire control room")
    expect(page.locator(".chart-wide .c-acknowledged")).to_have_count(1)


def test_what_somebody_types_is_not_taken_from_them(house, fire, live):
    house.services.act.acknowledge(fire, "controller")
    page = live("controller", where(house, fire))
    page.get_by_text("Report as resolved").first.click()
    page.get_by_label("What did you find and do?").fill("burnt toast, window opened")
    house.services.act.acknowledge(fire, "guard")
    expect(page.locator(".timeline")).to_contain_text("Property office joined")
    expect(page.get_by_label("What did you find and do?")).to_have_value("burnt toast, window opened")


def test_acting_on_what_has_changed_is_told_on_the_page(house, fire, live):
    house.services.act.acknowledge(fire, "controller")
    page = live("controller", where(house, fire))
    page.evaluate("document.querySelector('[name=revision]').value = 900")
    page.get_by_role("button", name="Start work").click()
    expect(page.locator("#told")).to_contain_text("has changed since you saw it")
    assert house.services.queries.task(fire, None).state == "acknowledged"


def test_what_was_chosen_stays_and_holds_once_it_was_told_what_changed_meanwhile(house, fire, live):
    house.services.act.acknowledge(fire, "controller")
    page = live("controller", where(house, fire))
    page.get_by_text("Report as resolved").first.click()
    page.get_by_label("How was it resolved?").select_option("fixed")
    page.locator("h1").first.click()
    house.services.act.acknowledge(fire, "guard")
    expect(page.locator(".timeline")).to_contain_text("Property office joined")
    expect(page.get_by_label("How was it resolved?")).to_have_value("fixed")
    resolve = page.get_by_role("button", name="Report as resolved")
    resolve.click()
    expect(page.locator("#told")).to_contain_text("has changed since you saw it")
    assert house.services.queries.task(fire, None).state == "acknowledged"
    resolve.click()
    expect(page.locator(".headline .state")).to_contain_text("Resolved")


def test_what_one_did_oneself_takes_nothing_from_what_one_does_next(house, fire, live):
    house.services.act.acknowledge(fire, "controller")
    page = live("controller", where(house, fire))
    page.get_by_text("Report as resolved").first.click()
    page.get_by_label("How was it resolved?").select_option("fixed")
    page.get_by_text("Add a note").first.click()
    page.get_by_label("Note", exact=True).fill("the toaster is cold")
    page.get_by_role("button", name="Add a note").click()
    expect(page.locator("#said")).not_to_be_empty()
    expect(page.get_by_label("How was it resolved?")).to_have_value("fixed")
    page.get_by_role("button", name="Report as resolved").click()
    expect(page.locator(".headline .state")).to_contain_text("Resolved")


def test_what_is_chosen_where_nothing_is_unfolded_stays(house, fire, live):
    """No form of this page has a choice in the open; of any page that has one, the rule is the same."""
    page = live("controller", where(house, fire))
    page.evaluate(
        "document.querySelector('[data-key=actions]').insertAdjacentHTML('beforeend',"
        " '<form><select id=open-choice><option>first<option>second</select></form>')"
    )
    page.locator("#open-choice").select_option("second")
    page.locator("h1").first.click()
    house.services.act.acknowledge(fire, "controller")
    expect(page.locator(".headline .state")).to_have_text("Acknowledged")
    expect(page.locator("#open-choice")).to_have_value("second")


def test_a_note_with_markup_stays_text(house, fire, live):
    page = live("controller", where(house, fire))
    page.get_by_text("Add a note").first.click()
    page.get_by_label("Note").fill("<img src=x onerror='window.broken=1'><script>window.broken=1</script>")
    page.get_by_role("button", name="Add a note").click()
    expect(page.locator(".timeline blockquote")).to_contain_text("<script>window.broken=1</script>")
    assert page.evaluate("window.broken") is None


def test_a_personal_link_leads_in_and_out(house, opens):
    house.node_connects()
    page = opens(None, f"/enter/{house.link_for('manager')}")
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url("http://" + page.url.split("/")[2] + "/")
    expect(page.get_by_text("All is quiet")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def test_a_link_in_a_chat_on_another_site_still_finds_the_session(house, fire, opens, address):
    """The session's cookie is strict; the page asks once more from here, and there it is."""
    page = opens("manager")
    path = where(house, fire)
    page.route(
        "http://chat.example/",
        lambda route: route.fulfill(content_type="text/html", body=f'<a href="{address}{path}">see</a>'),
    )
    page.goto("http://chat.example/")
    page.get_by_text("see").click()
    expect(page.get_by_role("heading", name="Smoke")).to_be_visible()


def test_words_change_with_one_click_and_stay(house, fire, opens):
    page = opens("manager", where(house, fire))
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_role("heading", name="烟雾报警")).to_be_visible()
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_on_paper_it_is_a_report_from_the_first_to_the_last(house, fire, opens):
    house.services.act.acknowledge(fire, "controller")
    house.services.act.note(fire, "controller", "burnt toast")
    page = opens("controller", where(house, fire), viewport={"width": 700, "height": 990}, color_scheme="dark")
    page.emulate_media(media="print")
    for gone in (".top", ".next-action", ".rarer-card", ".call-now", ".foot"):
        for one in page.locator(gone).all():
            expect(one).to_be_hidden()
    expect(page.locator(".report-head")).to_contain_text("Incident report")
    expect(page.locator(".report-head")).to_contain_text("Example estate, Binhai Street")
    told = page.locator(".timeline li").all()
    tops = [one.bounding_box()["y"] for one in told]
    assert tops == sorted(tops, reverse=True), "on paper the first stands first"
    at = (
        told[0]
        .locator("time")
        .evaluate("(one) => [getComputedStyle(one).fontSize, getComputedStyle(one, '::after').content]")
    )
    assert at[0] == "0px"
    assert "(UTC+0800)" in at[1]
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
