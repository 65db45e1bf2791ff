from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.estate import SCENARIOS, RunningEstate, chromium_path
from tests.e2e.programs import Program

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=document-user-activation-required",
]
PATIENCE_MS = 15_000
"""Until a page shows what it is to show, on a machine busy with other tests; alone it is a fraction of a second. One for all: a file
that is tested by itself waits as long as it does among the others.
"""
expect.set_options(timeout=PATIENCE_MS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """A failing test quotes the last words of every program that it had started."""
    report = yield
    if report.failed:
        report.sections += [(f"last words of {program.name}", program.last_words()) for program in Program.known]
    return report


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a file of tests. Not for longer: while Playwright runs, pytest's own event loops cannot."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        yield browser
        browser.close()


Raises = Callable[..., RunningEstate]


@pytest.fixture(scope="session")
def five_hazards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Raises]:
    """The estate on which five things go wrong at once; `five_hazards(unbegun=True)` is one that was just opened.

    Whoever wants to see it begin gets the one that all share if nobody has begun it yet, and another one otherwise.
    """
    opened: list[RunningEstate] = []

    def estate(*, unbegun: bool = False) -> RunningEstate:
        if not opened or (unbegun and opened[-1].begun):
            new = RunningEstate(tmp_path_factory.mktemp("five-hazards"), SCENARIOS / "five-hazards.toml")
            opened.append(new)
            new.open()
        return opened[-1]

    yield estate
    for running in opened:
        running.close()
