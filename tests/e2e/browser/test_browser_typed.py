"""What somebody typed is not lost when a form is refused or their session has ended, and the fault is led to."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

WORDS = "The lamp at the north gate flickers."


def focused_id(page) -> str:
    return page.evaluate("document.activeElement.id")


def test_what_was_typed_when_the_session_had_ended_is_there_after_signing_in(house, opens, address):
    page = opens("manager", "/handovers")
    page.locator("textarea").fill(WORDS)
    page.context.clear_cookies(name="tocsin_session")
    page.locator("form:has(textarea) button").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.locator("[name=next]").get_attribute("value") == "/handovers"
    page.context.add_cookies([{"name": "tocsin_session", "value": house.session_of("manager"), "url": address}])
    page.goto("/handovers")
    expect(page.locator("textarea")).to_have_value(WORDS)
    expect(page.locator("main [role=alert]", has_text="has not been sent")).to_be_visible()
    page.reload()
    expect(page.locator("textarea")).to_have_value("")


def test_somebody_else_in_the_same_tab_does_not_read_it(house, opens, address):
    page = opens("manager", "/handovers")
    page.locator("textarea").fill(WORDS)
    page.context.clear_cookies(name="tocsin_session")
    page.locator("form:has(textarea) button").click()
    page.context.add_cookies([{"name": "tocsin_session", "value": house.session_of("guard"), "url": address}])
    page.goto("/handovers")
    expect(page.locator("textarea")).to_have_value("")
    assert page.evaluate("sessionStorage.getItem('tocsin-typed')") is None


def test_what_was_refused_is_there_again_with_why_and_the_field_is_marked(opens):
    page = opens("manager", "/handovers")
    page.locator("textarea").evaluate("(one) => one.removeAttribute('maxlength')")
    page.locator("textarea").fill(WORDS * 150)
    page.locator("form:has(textarea) button").click()
    page.get_by_role("link", name="Back to where you were").click()
    expect(page.locator("textarea")).to_have_value(WORDS * 150)
    expect(page.locator("textarea[aria-invalid=true][aria-describedby~=fault]")).to_be_focused()
    expect(page.locator("#fault")).to_contain_text("not written as it should be")


def test_what_was_taken_is_not_kept(opens):
    page = opens("manager", "/handovers")
    page.locator("textarea").fill(WORDS)
    page.locator("form:has(textarea) button").click()
    page.goto("/handovers")
    expect(page.locator("textarea")).to_have_value("")


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_a_fault_of_a_field_takes_one_to_the_field(opens, script):
    page = opens(None, "/sign-in", java_script_enabled=script)
    page.locator("#login").fill("nobody")
    page.locator("#password").fill("not this one")
    page.locator("form[action='/sign-in'] button").click()
    expect(page.locator("#password[aria-invalid=true]")).to_be_focused()
    expect(page.locator("#login")).to_have_value("nobody")
    assert page.evaluate("sessionStorage.getItem('tocsin-typed')") is None if script else True


def test_what_was_typed_into_a_page_that_shows_its_own_fault_stays(opens):
    page = opens("tenant", "/account/reached")
    page.locator("#address").fill("nowhere")
    page.locator("form:has(#address) button").click()
    expect(page.locator("#address[aria-invalid=true]")).to_be_focused()
    expect(page.locator("#address")).to_have_value("nowhere")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_a_script_what_was_refused_is_corrected_and_sent_from_there(opens, lang):
    page = opens("manager", "/handovers", lang=lang, java_script_enabled=False)
    # No browser lets one type more than a field takes; one of before our last change might.
    page.locator("textarea").fill(WORDS)
    page.locator("input[name=party]").evaluate("(one, long) => (one.value = long)", "p" * 200)
    page.locator("form:has(textarea) button").click()
    given = page.locator(".given-back textarea, .given-back input:not([type=hidden])")
    expect(given).to_have_value(WORDS)
    page.locator(".given-back input[name=party]").evaluate("(one) => (one.value = 'property')")
    given.fill(f"{WORDS} Twice.")
    page.locator(".given-back button").click()
    expect(page.locator("main")).to_contain_text(f"{WORDS} Twice.")


def test_with_a_script_there_is_one_place_for_it_and_what_is_sent_from_there_is_not_kept(opens):
    page = opens("manager", "/handovers")
    page.locator("textarea").fill(WORDS)
    page.locator("input[name=party]").evaluate("(one, long) => (one.value = long)", "p" * 200)
    page.locator("form:has(textarea) button").click()
    expect(page.locator(".given-back [name=note]")).to_have_value(WORDS)
    page.locator(".given-back input[name=party]").evaluate("(one) => (one.value = 'property')")
    page.locator(".given-back button").click()
    expect(page.locator("main")).to_contain_text(WORDS)
    page.goto("/handovers")
    expect(page.locator("textarea")).to_have_value("")


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_a_page_that_comes_back_with_its_form_gives_it_back_once(house, opens, script):
    house.keeps_a_roster()
    page = opens("manager", "/rosters/guards", java_script_enabled=script)
    page.locator("#starts").fill("2030-01-02T10:00")
    page.locator("#ends").fill("2030-01-02T09:00")
    page.locator("#note").fill(WORDS)
    page.get_by_role("button", name="Add the stand-in").click()
    expect(page.locator("#fault")).to_be_visible()
    expect(page.locator("#fault")).not_to_contain_text("override '")
    expect(page.locator(".given-back")).to_have_count(0 if script else 1)
    expect(page.locator("#note")).to_have_value(WORDS if script else "")
    if not script:
        expect(page.locator(".given-back [name=note]")).to_have_value(WORDS)
