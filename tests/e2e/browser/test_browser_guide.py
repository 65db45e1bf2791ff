"""A new user with an empty product, no script and no documentation: from the set-up code to a test alarm that reached somebody."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect

from cloud.application.identifiers import RandomIds
from cloud.application.intake.record_presence import RecordPresence
from cloud.application.notices.send_notifications import SendNotifications
from schemas.batch import ClockState
from schemas.presence import Born
from schemas.topics import NodeAddress
from tests.fakes.channels import sends_all
from tests.integration.cloud.notify.gateway_of_our_own import Provider, provider
from tests.integration.cloud_web.house import House, built_in
from tests.integration.cloud_web.house_lived_in import BOOT, uuid
from tests.integration.cloud_web.serving import served

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("TOCSIN_PICTURES")
"""A folder into which each step is photographed, wide and narrow; without it nobody looks."""


@pytest.fixture
def empty(tmp_path: Path):
    with built_in(tmp_path, datetime.now(UTC), empty=True) as house:
        house.clock.start()
        yield house


@pytest.fixture
def there():
    """A modem for text messages in the house."""
    with provider() as there:
        yield there


@pytest.fixture
def newcomer(empty, chromium):
    """A browser without script, at an address of a service that nobody has set up."""
    with served(empty) as address:
        context = chromium.new_context(base_url=address, java_script_enabled=False, locale="en-GB")
        page = context.new_page()
        page.set_default_timeout(8000)
        yield page
        context.close()


def speaks(house: House, node: str) -> None:
    born = Born(
        outbox=uuid("outbox"), boot=BOOT, connection=1, agent_version="0.1.0", config_version=1, config_hash="0" * 64,
        clock=ClockState.SYNCHRONISED, mono=10.0, equipment=[],
    )  # fmt: skip
    RecordPresence(house.units, house.clock, RandomIds())(NodeAddress("estate-1", node), born, house.clock.now())


def sends(house: House) -> None:
    sends_all(SendNotifications(house.units, house.clock, RandomIds(), house.channels, means=house.ground.means))


def comes_in(page: Page, link: str, login: str) -> None:
    """Whoever was asked in, in a browser of their own."""
    theirs = page.context.browser.new_context(java_script_enabled=False, locale="en-GB")
    tab = theirs.new_page()
    tab.goto(link)
    tab.get_by_label("Login").fill(login)
    tab.get_by_label("New password").fill("rain smells of stairs")
    tab.get_by_label("Again").fill("rain smells of stairs")
    tab.locator("form", has=tab.get_by_label("Login")).get_by_role("button").click()
    expect(tab).to_have_url(re.compile("/account"))
    theirs.close()


def can_be_reached(house: House, there: Provider, login: str, number: str) -> None:
    """They add a way and prove it by the code that arrives."""
    with house.units.reading() as uow:
        account = uow.accounts.by_login(login)
    identity = house.identity(account.member_id)
    contacts = house.services.reach.contacts
    added = contacts.add(account.member_id, "sms", number, identity)
    contacts.send_code(account.member_id, added.key, identity)
    contacts.verify(account.member_id, added.key, code_sent(there), identity)


def texts(there: Provider) -> list[str]:
    """What the modem was to send, oldest first."""
    return [parse_qs(asked.body)["text"][0] for asked in there.asked]


def code_sent(there: Provider) -> str:
    """The code in the message that went out last."""
    return re.search(r"\d{6}", texts(there)[-1]).group()


def photographed(page: Page, name: str) -> None:
    if PICTURES:
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


def says(page: Page, step: str, *, done: bool) -> None:
    mark = page.locator(".steps li", has_text=step).locator(".small")
    expect(mark).to_have_text("done" if done else "missing")


def makes_the_administrator(page: Page, code: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Set Tocsin up").click()
    photographed(page, "0-setup")
    page.get_by_label("Set-up code").fill(code)
    page.get_by_label("Name of the estate").fill("滨海花园")
    page.get_by_label("Who runs Tocsin there").fill("滨海物业")
    page.get_by_label("Login").fill("chief")
    page.get_by_label("New password").fill("stairs smell of rain")
    page.get_by_label("Again").fill("stairs smell of rain")
    page.get_by_role("button", name="Make the administrator").click()


def names_the_estate(page: Page) -> None:
    says(page, "The estate", done=False)
    photographed(page, "1-estate")
    page.goto("/")
    expect(page.get_by_text("The set-up is not finished.")).to_be_visible()
    photographed(page, "1-board")
    page.get_by_role("link", name="Go on with it").click()
    page.get_by_role("group", name="Street or town").get_by_label("Name in English").fill("滨海街道")
    page.get_by_role("group", name="Community").get_by_label("Name in English").fill("滨海社区")
    expect(page.get_by_label("Country")).to_have_value("")
    expect(page.get_by_label("Time zone")).to_have_value("")
    page.get_by_label("Country").select_option("GB")
    page.get_by_label("Time zone").select_option("Asia/Shanghai")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("is no time zone of GB: choose Europe/London")
    page.get_by_label("Country").select_option("CN")
    page.get_by_role("button", name="Save").click()
    says(page, "The estate", done=True)
    page.get_by_role("link", name="Next step: Places").click()


def says_what_stands_there(page: Page) -> None:
    page.get_by_role("textbox", name="Buildings").fill(
        "building 3, floors -1 to 18, lifts 2, doors 1\nbuilding 5, wings 2"
    )
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert")).to_contain_text("line 2: 'wings 2' is not understood")
    expect(page.get_by_role("textbox", name="Buildings")).to_have_value(re.compile("floors -1 to 18"))
    page.get_by_role("textbox", name="Buildings").fill(
        "building 3, floors -1 to 18, lifts 2, doors 1\n5号楼，6层，每层1个烟感"
    )
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("19 floors · lifts 2")).to_be_visible()
    says(page, "Places and equipment", done=True)
    photographed(page, "2-places")
    page.get_by_role("link", name="Next step: Who does what").click()


def says_who_does_what(page: Page) -> None:
    for part, name in (
        ("property manager", "滨海物业"),
        ("lift maintainer", "通达电梯"),
        ("residents' committee", "滨海居委会"),
    ):
        page.get_by_role("group", name=part, exact=False).get_by_label("Name in English").fill(name)
    photographed(page, "3-parties-missing")
    page.get_by_role("button", name="Save").click()
    says(page, "Who does what", done=True)
    photographed(page, "3-parties")
    page.get_by_role("link", name="Next step: People").click()


def sets_a_channel_up(page: Page, empty: House, there: Provider) -> None:
    """Without anybody at the server: the first test fails and says why, the second arrives."""
    expect(page.get_by_text("No channel is set up on this server")).to_be_visible()
    photographed(page, "4-no-channel")
    page.get_by_role("link", name="Text messages").click()
    page.get_by_role("link", name="A modem or relay in the house").click()
    page.get_by_label("Address of the provider's interface").fill(f"{there.url}/send")
    photographed(page, "4-channel")
    page.get_by_role("button", name="Save").click()
    there.answers = [(503, "no SIM card"), (200, "ok")]
    page.get_by_label("Your own number or address").fill("13800000001")
    page.get_by_role("button", name="Send me a test").click()
    expect(page.get_by_role("status").filter(has_text="The test did not go out")).to_contain_text("answered 503")
    expect(page.get_by_text("no SIM card")).to_be_visible()
    empty.clock.pass_by(timedelta(seconds=11))
    page.get_by_label("Your own number or address").fill("13800000001")
    page.get_by_role("button", name="Send me a test").click()
    expect(page.get_by_text("The test was taken: text message.")).to_be_visible()
    photographed(page, "4-channels")
    page.get_by_role("link", name="Back to the set-up").click()


def asks_people_in(page: Page, empty: House, there: Provider) -> None:
    says(page, "People", done=False)
    sets_a_channel_up(page, empty, there)
    asked_in: list[str] = []
    for _ in range(8):
        if not page.get_by_text("Nobody is there yet for:").count():
            break
        page.get_by_label("Name in English").first.fill("值班员")
        page.get_by_role("button", name="Make the invitation").click()
        asked_in.append(page.locator(".claim").inner_text())
        page.get_by_role("link", name="Go on with the set-up").click()
    says(page, "People", done=False)
    expect(page.get_by_text("Nobody there has a proven way yet:")).to_be_visible()
    page.get_by_label("Number or address").fill("13800000001")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("reached by text message")).to_be_visible()
    photographed(page, "4-members")
    page.get_by_role("link", name="Enter the code that arrived there").click()
    page.get_by_label("The 6 digits that arrived there").fill(code_sent(there))
    page.get_by_role("button", name="Prove it").click()
    for number, link in enumerate(asked_in):
        comes_in(page, link, f"person-{number}")
        can_be_reached(empty, there, f"person-{number}", f"1380000001{number}")
    page.goto("/guide/members")
    says(page, "People", done=True)
    page.get_by_role("link", name="Next step: The first node").click()


def hangs_the_first_node(page: Page, empty: House) -> None:
    page.get_by_role("button", name="Register it and show its code").click()
    expect(page.locator(".claimed .claim")).to_have_text(re.compile(r"^[A-Z0-9-]{20,}$"))
    expect(page.locator(".claimed pre")).to_contain_text("tocsin-edge enroll --cloud")
    expect(page.get_by_text("nothing heard of it yet")).to_be_visible()
    says(page, "The first node", done=False)
    photographed(page, "5-node")
    speaks(empty, "b3-node")
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("it speaks; last heard")).to_be_visible()
    says(page, "The first node", done=True)
    page.get_by_role("link", name="Next step: A test alarm").click()


def tries_it(page: Page, empty: House, there: Provider) -> None:
    photographed(page, "6-before")
    page.get_by_label("Which alarm").select_option("b3/lift-1 lift.out-of-service")
    page.get_by_role("button", name="Sound the test alarm").click()
    expect(page.get_by_text("Nobody was reached yet")).to_be_visible()
    expect(page.get_by_text("通达电梯")).to_be_visible()
    before = len(texts(there))
    sends(empty)
    page.get_by_role("link", name="Look again").click()
    photographed(page, "6-test")
    expect(page.get_by_text("Messages reached 2")).to_be_visible()
    expect(page.get_by_text("值班员: message delivered (text message)").first).to_be_visible()
    assert len(texts(there)) > before
    assert all("EXERCISE" in one or "演练" in one for one in texts(there)[before:])
    page.get_by_role("button", name="End the test").click()
    expect(page.get_by_text("it is over")).to_be_visible()
    expect(page.get_by_text("Messages reached 2")).to_be_visible()
    says(page, "A test alarm", done=True)
    expect(page.get_by_text("Everything is set up.")).to_be_visible()
    photographed(page, "7-done")


def test_a_new_user_gets_from_an_empty_product_to_a_test_alarm_that_reached_somebody(empty, newcomer, there):
    code = empty.services.accounts.first_run.code()
    makes_the_administrator(newcomer, code)
    names_the_estate(newcomer)
    says_what_stands_there(newcomer)
    says_who_does_what(newcomer)
    asks_people_in(newcomer, empty, there)
    hangs_the_first_node(newcomer, empty)
    tries_it(newcomer, empty, there)
    newcomer.goto("/import")
    photographed(newcomer, "8-import")
    newcomer.goto("/guide/parties?lang=zh")
    photographed(newcomer, "3-parties-zh")
    newcomer.goto("/guide/test")
    photographed(newcomer, "7-done-zh")
    newcomer.goto("/")
    expect(newcomer.get_by_text("设置尚未完成")).to_have_count(0)


def test_with_a_script_the_page_says_by_itself_when_the_node_speaks(house, live):
    page = live("administrator", "/guide/node")
    node = page.locator("[data-key=b3-gateway]")
    expect(node).to_contain_text("nothing heard of it yet")
    house.node_connects()
    expect(node).to_contain_text("it speaks; last heard")
    says(page, "The first node", done=True)
