"""A new user with an empty product and no documentation, in either language, with and without a script: from the set-up code to a
test alarm that reached somebody.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Locator, Page, expect

from cloud.application.identifiers import RandomIds
from cloud.application.intake.record_presence import RecordPresence
from cloud.application.notices.send_notifications import SendNotifications
from cloud.entrypoints.web.language import load_catalogues
from schemas.batch import ClockState
from schemas.presence import Born
from schemas.topics import NodeAddress
from tests.e2e.conftest import PATIENCE_MS
from tests.fakes.channels import sends_all
from tests.integration.cloud.notify.gateway_of_our_own import Provider, provider
from tests.integration.cloud_web.house import House, built_in
from tests.integration.cloud_web.house_lived_in import BOOT, uuid
from tests.integration.cloud_web.serving import served

pytestmark = pytest.mark.browser

PICTURES = os.environ.get("TOCSIN_PICTURES")
"""A folder into which each step is photographed, wide and narrow; without it nobody looks."""
LOCALE = {"zh": "zh-CN", "en": "en-GB"}
STANDS = {"zh": "19层 · 电梯 2", "en": "19 floors · lifts 2"}
REACHED = {"zh": "值班员：已送达", "en": "值班员: message delivered"}


@dataclass
class Newcomer:
    """Somebody's browser, which speaks `lang`; `words`: what the pages call things in it."""

    page: Page
    lang: str
    words: Callable[[str], str]

    def labelled(self, label: str) -> Locator:
        return self.page.get_by_label(self.words(label), exact=True)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=self.words(name), exact=True).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=self.words(name)).first.click()

    def next(self, step: str) -> None:
        """On to the next step, which is offered once this one is done."""
        onward = self.page.locator(".onward .primary")
        expect(onward).to_contain_text(self.words(step))
        onward.click()

    def names(self, field: str, name: str) -> None:
        """What something is called in one's own language, which is enough."""
        self.page.locator(f"[id={field}-{self.lang}]").fill(name)

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(self.words(text))

    def says(self, step: str, *, done: bool) -> None:
        mark = self.page.locator(f".steps li[data-key={step}] .small")
        expect(mark).to_have_text(self.words("done" if done else "missing"))


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
def newcomer(empty, chromium, lang, script):
    """A browser at an address of a service that nobody has set up."""
    with served(empty) as address:
        context = chromium.new_context(base_url=address, java_script_enabled=script, locale=LOCALE[lang])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        yield Newcomer(page, lang, load_catalogues()[lang].gettext)
        context.close()


def speaks(house: House, node: str) -> None:
    born = Born(
        outbox=uuid("outbox"), boot=BOOT, connection=1, agent_version="0.1.0", config_version=1, config_hash="0" * 64,
        clock=ClockState.SYNCHRONISED, mono=10.0, equipment=[],
    )  # fmt: skip
    RecordPresence(house.units, house.clock, RandomIds())(NodeAddress("estate-1", node), born, house.clock.now())


def sends(house: House) -> None:
    sends_all(SendNotifications(house.units, house.clock, RandomIds(), house.channels, means=house.ground.means))


def comes_in(who: Newcomer, link: str, login: str) -> None:
    """Whoever was asked in, in a browser of their own."""
    theirs = who.page.context.browser.new_context(java_script_enabled=False, locale=LOCALE[who.lang])
    guest = Newcomer(theirs.new_page(), who.lang, who.words)
    guest.page.goto(link)
    guest.labelled("Login").fill(login)
    guest.labelled("New password").fill("rain smells of stairs")
    guest.labelled("Again").fill("rain smells of stairs")
    guest.page.locator("form", has=guest.page.locator("[name=login]")).get_by_role("button").click()
    expect(guest.page).to_have_url(re.compile("/account"))
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


def makes_the_administrator(who: Newcomer, code: str) -> None:
    who.page.goto("/")
    who.follow("Set Tocsin up")
    photographed(who.page, "0-setup")
    who.labelled("Set-up code").fill(code)
    who.labelled("Name of the estate").fill("滨海花园")
    who.labelled("Who runs Tocsin there").fill("滨海物业")
    who.labelled("Login").fill("chief")
    who.labelled("New password").fill("stairs smell of rain")
    who.labelled("Again").fill("stairs smell of rain")
    who.press("Create the administrator")


def names_the_estate(who: Newcomer) -> None:
    who.says("estate", done=False)
    photographed(who.page, "1-estate")
    who.page.goto("/")
    who.sees("The set-up is not finished.")
    photographed(who.page, "1-board")
    who.follow("Go on with it")
    who.names("around-1", "滨海街道")
    who.names("around-2", "滨海社区")
    expect(who.labelled("Country")).to_have_value("")
    expect(who.labelled("Time zone")).to_have_value("")
    who.labelled("Country").select_option("GB")
    who.labelled("Time zone").select_option("Asia/Shanghai")
    who.press("Save")
    expect(who.page.get_by_role("alert")).to_contain_text("Europe/London")
    who.labelled("Country").select_option("CN")
    who.press("Save")
    who.says("estate", done=True)
    who.next("Places and equipment")


def says_what_stands_there(who: Newcomer) -> None:
    buildings = who.page.locator("#buildings")
    buildings.fill("building 3, floors -1 to 18, lifts 2, doors 1\nbuilding 5, wings 2")
    who.press("Add")
    expect(who.page.get_by_role("alert")).to_contain_text("wings 2")
    expect(buildings).to_have_value(re.compile("floors -1 to 18"))
    buildings.fill("building 3, floors -1 to 18, lifts 2, doors 1\n5号楼，6层，每层1个烟感")
    who.press("Add")
    expect(who.page.locator("main")).to_contain_text(STANDS[who.lang])
    who.says("places", done=True)
    photographed(who.page, "2-places")
    who.next("Who does what")


def says_who_does_what(who: Newcomer) -> None:
    parts = {"property_manager": "滨海物业", "lift_maintainer": "通达电梯", "residents_committee": "滨海居委会"}
    for kind, name in parts.items():
        who.names(f"part-{kind}", name)
    photographed(who.page, "3-parties-missing")
    who.press("Save")
    who.says("parties", done=True)
    photographed(who.page, "3-parties")
    who.next("People")


def sets_a_channel_up(who: Newcomer, empty: House, there: Provider) -> None:
    """Without anybody at the server: the first test fails and says why, the second arrives."""
    who.sees(
        "No channel is set up on this server: nobody is called or written to, and tasks are seen on the board only."
    )
    photographed(who.page, "4-no-channel")
    who.follow("Text messages")
    who.follow("A modem or relay in the house")
    who.labelled("Address of the provider's interface").fill(f"{there.url}/send")
    photographed(who.page, "4-channel")
    who.press("Save")
    there.answers = [(503, "no SIM card"), (200, "ok")]
    who.labelled("Your own number or address").fill("13800000001")
    who.press("Send me a test")
    came = who.page.locator("main .hint[role=status]")
    expect(came).to_have_class("hint problem")
    expect(came).to_contain_text("503")
    expect(came).to_contain_text("no SIM card")
    empty.clock.pass_by(timedelta(seconds=11))
    who.labelled("Your own number or address").fill("13800000001")
    who.press("Send me a test")
    expect(came).to_have_class("hint")
    expect(came).to_contain_text(
        who.words("The test was accepted: %(channel)s. Check whether it arrived.").partition("%")[0]
    )
    photographed(who.page, "4-channels")
    who.follow("Back to the set-up")


def asks_people_in(who: Newcomer, empty: House, there: Provider) -> None:
    who.says("members", done=False)
    sets_a_channel_up(who, empty, there)
    asked_in: list[str] = []
    for _ in range(8):
        if not who.page.get_by_text(who.words("Nobody is there yet for:")).count():
            break
        who.names("who", "值班员")
        who.press("Create the invitation")
        asked_in.append(who.page.locator(".claim").inner_text())
        who.follow("Go on with the set-up")
        who.says("members", done=False)  # it is the guide again before anybody looks for who is missing
    who.sees("Nobody there has confirmed a way to be reached yet:")
    who.labelled("Number or address").fill("13800000001")
    who.press("Add")
    who.sees("reached by")
    photographed(who.page, "4-members")
    who.follow("Enter the code that arrived there")
    who.page.locator("[name=code]").fill(code_sent(there))
    who.press("Confirm")
    expect(who.page.locator("[name=code]")).to_have_count(0)
    for number, link in enumerate(asked_in):
        comes_in(who, link, f"person-{number}")
        can_be_reached(empty, there, f"person-{number}", f"1380000001{number}")
    who.page.goto("/guide/members")
    who.says("members", done=True)
    who.next("The first node")


def hangs_the_first_node(who: Newcomer, empty: House) -> None:
    who.press("Register it and show its code")
    expect(who.page.locator(".claimed .claim")).to_have_text(re.compile(r"^[A-Z0-9-]{20,}$"))
    expect(who.page.locator(".claimed pre")).to_contain_text("tocsin-edge enroll --cloud")
    who.sees("nothing heard of it yet")
    who.says("node", done=False)
    photographed(who.page, "5-node")
    speaks(empty, "b3-node")
    who.page.goto("/guide/node")
    who.sees("it is sending; last heard")
    who.says("node", done=True)
    who.next("A test alarm")


def tries_it(who: Newcomer, empty: House, there: Provider) -> None:
    photographed(who.page, "6-before")
    who.labelled("Which alarm").select_option("b3/lift-1 lift.out-of-service")
    who.press("Sound the test alarm")
    who.sees("Nobody was reached yet")
    expect(who.page.locator("main")).to_contain_text("通达电梯")
    before = len(texts(there))
    sends(empty)
    who.page.goto("/guide/test")
    photographed(who.page, "6-test")
    told = who.page.locator(".outcome")
    expect(told).to_contain_text(who.words("Messages reached %(count)s") % {"count": 2})
    expect(who.page.locator(".tested .keys")).to_contain_text(REACHED[who.lang])
    assert len(texts(there)) > before
    assert all("EXERCISE" in one or "演练" in one for one in texts(there)[before:])
    who.press("End the test")
    expect(told).to_contain_text(who.words("it is over"))
    who.says("test", done=True)
    who.sees("Everything is set up.")
    photographed(who.page, "7-done")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_a_new_user_gets_from_an_empty_product_to_a_test_alarm_that_reached_somebody(empty, newcomer, there, lang):
    code = empty.services.accounts.first_run.code()
    makes_the_administrator(newcomer, code)
    expect(newcomer.page.locator("html")).to_have_attribute("lang", "zh-CN" if lang == "zh" else "en")
    names_the_estate(newcomer)
    says_what_stands_there(newcomer)
    says_who_does_what(newcomer)
    asks_people_in(newcomer, empty, there)
    hangs_the_first_node(newcomer, empty)
    tries_it(newcomer, empty, there)
    newcomer.page.goto("/")
    expect(newcomer.page.get_by_text(newcomer.words("The set-up is not finished."))).to_have_count(0)


def test_with_a_script_the_page_says_by_itself_when_the_node_speaks(house, live):
    page = live("administrator", "/guide/node")
    node = page.locator("[data-key=b3-gateway]")
    expect(node).to_contain_text("nothing heard of it yet")
    house.node_connects()
    expect(node).to_contain_text("it is sending; last heard")
    expect(page.locator(".steps li[data-key=node] .small")).to_have_text("done")
