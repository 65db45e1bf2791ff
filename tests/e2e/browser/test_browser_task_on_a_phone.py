"""A task on a responder's phone, from the call to the end: what and where first, one primary button, the rest at the thumb."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.test_browser_resident import photo

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def trapped(house):
    house.node_connects()
    house.lift_stands("b3/lift-2", 5, level=False)
    return house.goes_wrong("lift.entrapment", "b3/lift-2", point="alarm-button", value=True)


@pytest.fixture
def phone(house, trapped, live):
    incident = house.services.queries.task(trapped, None).incident_id
    return live("technician", f"/incidents/{incident}", viewport=PHONE, has_touch=True)


def size(page, selector: str) -> float:
    return page.locator(selector).first.evaluate("(one) => parseFloat(getComputedStyle(one).fontSize)")


def primary(page):
    at_the_thumb = ".next-action > section >"
    buttons = (f"{at_the_thumb} .step > form > {look}" for look in (".primary", ".life"))
    return page.locator(", ".join([*buttons, f"{at_the_thumb} .done-next > summary"]))


def test_what_and_where_stand_first_and_largest_with_who_asks(phone):
    what, where = size(phone, ".headline h1"), size(phone, ".headline .where")
    rest = phone.evaluate(
        "Math.max(...[...document.querySelectorAll('main *')].filter((one) => !one.closest('h1, .where') &&"
        " one.checkVisibility() && one.childNodes[0]?.nodeType === 3).map((one) => parseFloat(getComputedStyle(one).fontSize)))"
    )
    assert what > where > rest
    for words in ("Person trapped in lift", "Lift 2, Building 3", "near Floor 5", "By duty your party leads."):
        box = phone.locator(".headline").get_by_text(words).first.bounding_box()
        assert box["y"] + box["height"] < PHONE["height"] - 200, f"{words!r} is below the thumb's card"


def test_one_primary_button_in_each_state_until_it_is_done(house, trapped, phone):
    for name, state in (("Accept", "Acknowledged"), ("Start work", "In progress")):
        expect(primary(phone)).to_have_count(1)
        expect(primary(phone)).to_have_text(name)
        primary(phone).tap()
        expect(phone.locator(".headline .state")).to_have_text(state)
    expect(primary(phone)).to_have_count(1)
    primary(phone).tap()
    phone.get_by_label("How was it resolved?").select_option("fixed")
    phone.get_by_role("button", name="Report as resolved").tap()
    expect(phone.locator(".headline .state")).to_contain_text("Resolved")
    assert house.services.queries.task(trapped, None).resolved_at is not None


HELD_BACK = """
const sent = window.fetch;
window.fetch = async (...asked) => {
  const answer = await sent(...asked);
  if (String(asked[0]).endsWith("/photos")) await new Promise((come) => (window.letItCome = come));
  return answer;
};
"""
"""What the service answers to a photo comes late: the page has heard of it by then, and shows it."""


def test_what_is_pressed_before_the_answer_to_ones_own_photo_has_come_is_taken(house, trapped, phone):
    for name in ("Accept", "Start work"):
        expect(primary(phone)).to_have_text(name)
        primary(phone).tap()
    expect(phone.locator(".headline .state")).to_have_text("In progress")
    phone.evaluate(HELD_BACK)
    phone.locator("summary", has_text="Add a photo").tap()
    phone.locator("#photo").set_input_files({"name": "car.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    phone.locator("form[action$='/photos'] button").tap()
    expect(phone.locator("main img")).to_have_count(1)
    primary(phone).tap()
    phone.get_by_label("How was it resolved?").select_option("fixed")
    report = phone.get_by_role("button", name="Report as resolved")
    report.tap()
    expect(report).to_be_disabled()
    phone.evaluate("letItCome()")
    expect(phone.locator(".headline .state")).to_contain_text("Resolved")


def test_the_number_to_call_photo_and_note_are_at_the_thumb_in_every_state(phone):
    for press in (True, True, False):
        for name in ("Call 96333", "Add a photo", "Add a note"):
            box = phone.locator(".next-action").get_by_text(name, exact=True).first.bounding_box()
            assert box["height"] >= 24
            assert box["y"] > PHONE["height"] / 2, f"{name!r} is out of the thumb's reach"
            assert box["y"] + box["height"] <= PHONE["height"], f"{name!r} has to be scrolled to"
        if press:
            before = phone.locator(".headline .state").inner_text()
            primary(phone).tap()
            expect(phone.locator(".headline .state")).not_to_have_text(before)


def test_declining_takes_a_second_tap(house, trapped, phone):
    def state() -> str:
        parts = house.services.queries.task(trapped, None).assignments
        return next(part.state for part in parts if part.party.id == "lifts")

    phone.locator(".next-action").get_by_text("Cannot come", exact=True).tap()
    expect(phone.get_by_role("button", name="We cannot come: ask the next")).to_be_visible()
    assert state() == "requested"
    phone.get_by_label("Why not? A word helps who is asked next.").fill("both lifts of the depot are out")
    phone.get_by_role("button", name="We cannot come: ask the next").tap()
    expect(phone.locator(".timeline")).to_contain_text("declined")
    assert state() == "declined"


def test_without_a_script_it_is_the_same_screen(house, trapped, opens):
    incident = house.services.queries.task(trapped, None).incident_id
    page = opens("technician", f"/incidents/{incident}", viewport=PHONE, java_script_enabled=False)
    primary(page).click()
    expect(page.locator(".headline .state")).to_have_text("Acknowledged")
    expect(page.locator(".next-action").get_by_text("Call 96333")).to_be_visible()
    assert page.locator(".next-action").bounding_box()["y"] > PHONE["height"] / 2
