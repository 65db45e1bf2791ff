"""A board of 1,000 open incidents: how long its page takes, whether it scrolls smoothly, and when a new hazard stands on it."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright

from cloud.domain.duties.register import Register
from tests.bench.figures import Bar, Bench
from tests.e2e.estate import chromium_path
from tests.integration.cloud_web import house as houses
from tests.integration.cloud_web.house import House
from tests.integration.cloud_web.serving import served

BUILDINGS = ("b1", "b3", "b5")
COOKIE = "tocsin_session"

SCROLLED = """async () => {
  let shift = 0;
  new PerformanceObserver(list => { for (const one of list.getEntries()) shift += one.value })
    .observe({type: 'layout-shift', buffered: true});
  const frames = [];
  let last = performance.now();
  for (let n = 0; n < 200; n++) {
    window.scrollBy(0, 600);
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - last);
    last = now;
  }
  frames.sort((a, b) => a - b);
  return {p50: frames[100], p95: frames[190], max: frames[199], shift};
}"""
"""Six hundred pixels a frame: the milliseconds between frames, and how much of the page jumped (Cumulative Layout Shift)."""


def _gates(register: Register, count: int) -> Register:
    known = register.equipment["b5/north-gate"]
    gates = [
        replace(known, id=f"{building}/gate-{n}", place_id=f"binhai/example/{building}/f{(1, 7)[n % 2]}")
        for n in range(count)
        for building in (BUILDINGS[n % 3],)
    ]
    return replace(register, equipment={**register.equipment, **{gate.id: gate for gate in gates}})


@contextmanager
def troubled(folder: Path, incidents: int) -> Iterator[House]:
    """An estate in which so many gates have been forced, three minutes apart so that it is no flood."""
    plain = houses.register_of
    houses.register_of = lambda names: _gates(plain(names), incidents)
    try:
        with houses.built_in(folder, datetime.now(UTC)) as house:
            house.node_connects()
            for n in range(incidents):
                ago = timedelta(minutes=3 * n)
                house.goes_wrong("access.forced-open", f"{BUILDINGS[n % 3]}/gate-{n}", ago=ago)
            house.clock.start()
            yield house
    finally:
        houses.register_of = plain


def measure(short: bool) -> dict[str, float]:
    incidents = 200 if short else 1000
    with (
        tempfile.TemporaryDirectory() as folder,
        troubled(Path(folder), incidents) as house,
        served(house) as address,
        sync_playwright() as playwright,
    ):
        cookie = house.session_of("manager")
        page_ms, size = _asked(address, cookie)
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": COOKIE, "value": cookie, "url": address}])
        page = context.new_page()
        began = time.perf_counter()
        page.goto("/")
        loaded_ms = (time.perf_counter() - began) * 1000
        scrolled = page.evaluate(SCROLLED)
        appeared_ms = _appears(page, house)
        browser.close()
    return {
        "incidents": incidents,
        "page_p50_ms": page_ms,
        "page_kib": size / 1024,
        "loaded_ms": loaded_ms,
        "frame_p50_ms": scrolled["p50"],
        "frame_p95_ms": scrolled["p95"],
        "frame_max_ms": scrolled["max"],
        "layout_shift": scrolled["shift"],
        "new_hazard_on_it_ms": appeared_ms,
    }


def _asked(address: str, cookie: str) -> tuple[float, int]:
    taken, size = [], 0
    with httpx.Client(base_url=address, cookies={COOKIE: cookie}, trust_env=False, timeout=60) as client:
        for _ in range(5):
            began = time.perf_counter()
            size = len(client.get("/").raise_for_status().content)
            taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken), size


def _appears(page: Page, house: House) -> float:
    began = time.perf_counter()
    house.goes_wrong("lift.entrapment", "b3/lift-2")
    page.wait_for_selector("#rows .row.life-safety", state="attached")
    return (time.perf_counter() - began) * 1000


BENCH = Bench(
    "board",
    "a board of 1,000 open incidents (short: 200) in a browser, 1,280 pixels wide",
    measure,
    {"frame_p95_ms": Bar(34), "layout_shift": Bar(0.1)},
)
