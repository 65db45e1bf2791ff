"""Whoever entered the demonstration sees it at the product's own address; what belongs to one side never reaches the other."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace

import httpx
import pytest

from cloud.application.estates.demonstrate import Demonstrate, DemoOpen, DemoRole
from cloud.domain.community.names import Names
from tests.integration.cloud_web.house import House, built_in
from tests.integration.cloud_web.serving import served


@dataclass
class Building:
    """A demonstration that runs elsewhere in this process."""

    where: DemoOpen
    available: bool = True
    key: str | None = None
    starts: int = 0

    @property
    def opened(self) -> DemoOpen | None:
        return self.where if self.key else None

    def start(self) -> None:
        self.starts += 1
        self.key = self.key or "the-key"

    def stop(self) -> None:
        self.key = None


@pytest.fixture
def inner(tmp_path) -> Iterator[tuple[House, str]]:
    (tmp_path / "inner").mkdir()
    with built_in(tmp_path / "inner", names={"estate": Names("演示小区", "Simulated estate")}) as house:
        house.services = replace(house.services, demonstrates=True)
        with served(house) as address:
            yield house, address


@pytest.fixture
def outer(tmp_path, inner) -> Iterator[tuple[House, Building, str]]:
    (tmp_path / "outer").mkdir()
    simulated, where = inner
    roles = (
        DemoRole("manager", Names("经理", "Manager"), simulated.link_for("manager")),
        DemoRole("guard", Names("保安", "Guard"), simulated.link_for("guard")),
    )
    building = Building(DemoOpen(where, roles))
    with built_in(tmp_path / "outer", empty=True) as house:
        house.services.accounts.first_run.code()
        house.services = replace(house.services, demo=Demonstrate(house.units, building))
        with served(house) as address:
            yield house, building, address


@pytest.fixture
def browser(outer) -> Iterator[httpx.Client]:
    headers = {"sec-fetch-site": "same-origin", "accept-language": "en"}
    with httpx.Client(base_url=outer[2], headers=headers, trust_env=False, timeout=30) as client:
        yield client


def enters(browser) -> None:
    assert browser.post("/demo").headers["location"] == "/demo"
    assert browser.get("/demo").headers["location"] == "/"


def test_who_entered_sees_the_simulated_estate_and_nobody_else_does(outer, browser):
    enters(browser)
    board = browser.get("/")
    assert board.status_code == 200
    assert "Demonstration: nothing here is real." in board.text
    with httpx.Client(base_url=outer[2], trust_env=False) as stranger:
        assert "Demonstration" not in stranger.get("/sign-in").text
        stranger.cookies.set("tocsin_demo", "another-key")
        stranger.cookies.set("demo_tocsin_session", browser.cookies["demo_tocsin_session"])
        assert stranger.get("/").status_code == 401


def test_sessions_are_kept_apart_and_ours_never_goes_there(outer, inner, browser):
    enters(browser)
    assert set(browser.cookies.keys()) == {"tocsin_demo", "demo_tocsin_session", "tocsin_lang"}
    browser.cookies.set("tocsin_session", inner[0].session_of("administrator"), path="/")
    assert browser.get("/api/v1/me").json()["id"] == "manager", "theirs goes by its own name"


def test_forms_and_the_live_stream_go_through(outer, inner, browser):
    enters(browser)
    task = inner[0].goes_wrong("access.forced-open", "b5/north-gate")
    assert browser.post(f"/tasks/{task}/acknowledge", data={"back": "/"}).status_code == 303
    assert browser.post(f"/tasks/{task}/start", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    with browser.stream("GET", "/api/v1/live", headers={"accept": "text/event-stream", "last-event-id": "0"}) as live:
        assert live.headers["content-type"].startswith("text/event-stream")
        assert next(chunk for chunk in live.iter_text() if "id:" in chunk)


def test_leaving_ends_it_and_takes_every_cookie_of_it(outer, browser):
    enters(browser)
    left = browser.post("/demo/leave")
    assert (left.status_code, left.headers["location"], outer[1].key) == (303, "/", None)
    assert set(browser.cookies.keys()) == {"tocsin_lang"}, "what one reads is no secret of either side"
    assert "Demonstration" not in browser.get("/sign-in").text
    assert browser.post("/demo/leave").status_code == 303


def test_one_that_ended_by_itself_leaves_the_product_where_it_was(outer, browser):
    enters(browser)
    outer[1].stop()
    assert browser.get("/").status_code == 401, "the product asks who one is"


def test_it_is_offered_until_the_first_node_speaks_and_then_to_nobody(inner):
    house, _ = inner
    building = Building(DemoOpen("http://127.0.0.1:1", ()))
    demo = Demonstrate(house.units, building)
    chief, manager = house.identity("administrator"), house.identity("manager")
    assert (demo.offered(None), demo.offered(manager), demo.offered(chief)) == (False, False, True)
    house.node_connects()
    assert not demo.offered(chief), "from then on this screen is somebody's post"


def test_where_the_simulator_is_not_installed_nothing_is_offered(outer):
    _, building, address = outer
    building.available = False
    assert httpx.get(f"{address}/demo", trust_env=False).status_code == 404
    assert "Look round first" not in httpx.get(f"{address}/setup", trust_env=False).text
    assert httpx.post(f"{address}/demo", headers={"sec-fetch-site": "same-origin"}, trust_env=False).status_code == 403
    assert building.starts == 0


def asks_raw(address: str, target: str) -> bytes:
    """A request line as no browser writes it."""
    host, port = address.removeprefix("http://").split(":")
    words = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nCookie: tocsin_demo=the-key\r\nConnection: close\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(words.encode())
        return b"".join(iter(lambda: line.recv(65536), b""))


@pytest.mark.parametrize("target", ["@{other}/secret", ":80@{other}/secret", "http://{other}/secret", "*", "a/../b"])
def test_it_looks_at_the_demonstration_and_nowhere_else(outer, browser, target):
    """What stands before a path would name another host of this network, which the visitor cannot reach themselves."""
    enters(browser)
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0.2)
        answer = asks_raw(outer[2], target.format(other=f"127.0.0.1:{other.getsockname()[1]}"))
        with pytest.raises(TimeoutError):
            other.accept()
    assert answer.startswith(b"HTTP/1.1 400 "), answer[:200]


def test_paths_reach_it_as_they_were_asked(inner, outer, browser):
    enters(browser)
    label = "/at/%40example?told=true&x=%3F"
    assert browser.get(label).status_code == httpx.get(f"{inner[1]}{label}", trust_env=False).status_code == 404
    assert browser.get("//127.0.0.1:1/x").status_code == 404
