from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser.much_amiss import much_amiss
from tests.e2e.conftest import PATIENCE_MS
from tests.integration.cloud_web.house import House, built_in
from tests.integration.cloud_web.serving import served


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with built_in(tmp_path, datetime.now(UTC)) as house:
        house.clock.start()
        yield house


class Service:
    """The service at one address, which can be stopped and started again there."""

    def __init__(self, house: House) -> None:
        self._house, self._stack, self.address = house, ExitStack(), ""
        self.start()

    def start(self) -> None:
        port = int(self.address.rpartition(":")[2]) if self.address else 0
        self.address = self._stack.enter_context(served(self._house, port))

    def stop(self) -> None:
        self._stack.close()


@pytest.fixture
def service(house: House) -> Iterator[Service]:
    service = Service(house)
    yield service
    service.stop()


@pytest.fixture
def address(service: Service) -> str:
    return service.address


@pytest.fixture
def addresses(house: House) -> dict[str, str]:
    """Of a building in which much is amiss, so that every page has something to show."""
    return much_amiss(house)


Opens = Callable[..., Page]


@pytest.fixture
def opens(chromium: Browser, house: House, address: str) -> Iterator[Opens]:
    """`opens(member, path)` gives that member's browser at that page; any script error fails the test."""
    contexts, troubles = [], []

    def open_page(member: str | None, path: str = "/", *, lang: str = "en", **options) -> Page:
        context = chromium.new_context(base_url=address, **options)
        contexts.append(context)
        cookies = [{"name": "tocsin_lang", "value": lang, "url": address}]
        if member:
            cookies.append({"name": "tocsin_session", "value": house.session_of(member), "url": address})
        context.add_cookies(cookies)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if "Content Security" in said.text else None)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not troubles


@pytest.fixture
def live(opens: Opens) -> Opens:
    """The same, and waits until the live link stands."""

    def open_live(*args, **options) -> Page:
        page = opens(*args, **options)
        page.wait_for_selector("#link[data-state=live]")
        return page

    return open_live
