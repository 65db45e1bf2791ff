"""From an empty product one click opens a simulated estate, which every page says it is; left, nothing of it remains."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from cloud.adapters.demonstration import DemoProcess
from cloud.application.estates.demonstrate import Demonstrate
from cloud.entrypoints.web.language import load_catalogues
from tests.e2e.browser.looked import STANDARD
from tests.e2e.browser.test_browser_guide import photographed
from tests.integration.cloud_web.house import built_in
from tests.integration.cloud_web.serving import served

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def empty(tmp_path: Path):
    """A product in which a channel is set up for whoever starts it: what it must not take along."""
    with built_in(tmp_path, datetime.now(UTC), empty=True) as house:
        house.clock.start()
        building = DemoProcess(tmp_path / "demonstration")
        house.services = replace(house.services, demo=Demonstrate(house.units, building))
        house.services.accounts.first_run.code()
        yield house
        building.stop()


def environments() -> list[dict[str, str]]:
    """Of every program that this test has started, what it was given."""
    found = []
    for child in psutil.Process().children(recursive=True):
        # The browser ends processes of its own while one looks.
        with suppress(psutil.NoSuchProcess):
            command = " ".join(child.cmdline())
            if any(name in command for name in ("deploy.demonstration", "-m cloud", "firmware_sim", "-m edge")):
                found.append(child.environ())
    return found


LOCALE = {"zh": "zh-CN", "en": "en-GB"}
ESTATE = {"zh": "示例小区", "en": "Example Estate"}
TECHNICIAN = {"zh": ("维保技师", "维保技师"), "en": ("Lift maintainer: technician", "Lift technician")}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_click_opens_it_and_leaving_leaves_nothing(empty, tmp_path, chromium, monkeypatch, lang):
    monkeypatch.setenv("TOCSIN_NOTIFY__CHANNELS__FEISHU", "feishu://never")
    says = load_catalogues()[lang].gettext
    with served(empty) as address:
        context = chromium.new_context(base_url=address, java_script_enabled=False, locale=LOCALE[lang])
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto("/setup")
        page.get_by_role("button", name=says("Open the demonstration")).click()
        expect(page.get_by_text(says("It is starting; that takes about ten seconds."))).to_be_visible()
        expect(page.get_by_text(says("Demonstration: nothing here is real."))).to_be_visible(timeout=60_000)
        expect(page.get_by_text(ESTATE[lang]).first).to_be_visible()
        photographed(page, "9-demo-board")
        given = environments()
        assert len(given) >= 3
        assert not any("FEISHU" in key for one in given for key in one), "nobody real can be reached from it"
        for path in ("/duty-room", "/fleet", "/account", "/nowhere", "/public/example/ledger"):
            page.goto(path)
            expect(page.locator("aside.demo")).to_be_visible()
            expect(page.locator("html")).to_have_attribute("lang", "zh-CN" if lang == "zh" else "en")
        page.goto("/demo")
        photographed(page, "9-demo-inside")
        role, name = TECHNICIAN[lang]
        page.get_by_role("button", name=role, exact=True).click()
        expect(page.get_by_text(name).first).to_be_attached()
        with empty.units.reading() as uow:
            assert uow.registers.estates() == [], "the product itself knows nothing of it"

        page.goto("/")
        page.get_by_role("button", name=says("Leave the demonstration")).first.click()
        expect(page.get_by_role("heading", name=says("Sign in"))).to_be_visible()
        expect(page.locator("aside.demo")).to_have_count(0)
        assert not (tmp_path / "demonstration").exists()
        assert environments() == []
        assert not [one for one in context.cookies() if one["name"].startswith(("demo_", "tocsin_demo"))]
        context.close()


def test_the_pages_of_entering_are_accessible_and_work_in_chinese(empty, chromium):
    with served(empty) as address:
        context = chromium.new_context(base_url=address, locale="zh-CN")
        page = context.new_page()
        page.goto("/demo")
        found = Axe().run(page, options=STANDARD).response["violations"]
        assert not found, json.dumps(found, ensure_ascii=False)[:2000]
        expect(page.get_by_role("heading", name="演示")).to_be_visible()
        page.goto("/setup")
        photographed(page, "9-setup-zh")
        context.close()
