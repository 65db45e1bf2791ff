"""Every string that a node or a person can send is shown on a page, and stays a string."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from cloud.domain.community.names import Names
from tests.integration.cloud_web.house import built_in
from tests.integration.cloud_web.serving import served

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}{% raise %}\u202e"


class Elements(HTMLParser):
    """The elements and attributes a browser would make of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.scripts: list[dict[str, str | None]] = []
        self.images = 0
        self.handlers: list[str] = []
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.images += tag == "img"
        self.handlers += [name for name, _ in attributes if name.startswith("on")]
        self.addresses += [value or "" for name, value in attributes if name in {"href", "action", "src"}]
        if tag == "script":
            self.scripts.append(dict(attributes))


@pytest.fixture
def house(tmp_path):
    names = {name: Names(HOSTILE, HOSTILE) for name in ("b1/detector-7a", "b5/north-gate", "b3-gateway", "estate")}
    with built_in(tmp_path, names=names) as house:
        yield house


@pytest.fixture
def address(house):
    with served(house) as address:
        yield address


def test_nothing_sent_runs_in_a_browser(house, manager):
    house.node_connects(version=HOSTILE[:64])
    house.sensor_reports("b1/detector-7a/odd", [])
    task = house.goes_wrong("fire.smoke", "b1/detector-7a", point="alarm", value=HOSTILE[:40], threshold=0.5)
    house.goes_wrong("access.forced-open", "b5/north-gate", point="open", value=HOSTILE[:40])
    house.sensor_reports("b1/detector-7a/alarm", [(house.clock.now() - house.clock.now(), HOSTILE)])
    for point in ("direction", "floor", "service-mode"):
        house.sensor_reports(f"b1/lift-1/{point}", [(house.clock.now() - house.clock.now(), HOSTILE)])
    house.services.act.acknowledge(task, "guard")
    house.services.act.note(task, "guard", HOSTILE, public=True)
    house.nonsense_arrives(HOSTILE.encode(), HOSTILE)
    incident = f"/incidents/{house.services.queries.task(task, None).incident_id}"
    manager.post("/views?hazard=fire", data={"name": HOSTILE[:60]})
    shown = 0
    for path in (
        "/",
        "/duty-room",
        incident,
        "/fleet",
        "/buildings",
        "/buildings/binhai/example/b1",
        "/equipment/b1/detector-7a",
        "/equipment/b1/lift-1?point=direction",
        "/dead-letters",
        f"/?place={HOSTILE}&hazard={HOSTILE}",
        f"/{HOSTILE}",
    ):
        for language in ("zh", "en"):
            html = manager.get(path, params={"lang": language} if "?" not in path else None).text
            page = Elements(html)
            assert page.scripts == [{"type": "module", "src": "/static/main.js"}], path
            assert (page.images, page.handlers) == (0, []), path
            assert all(address.startswith(("/", "#", "tel:")) for address in page.addresses), path
            shown += html.count("&lt;script&gt;")
    assert shown > 20, "the strings were not on the pages at all"


def test_the_interface_sends_them_as_data(house, manager):
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    answer = manager.get("/api/v1/incidents")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert HOSTILE in answer.json()["items"][0]["address"]["en"]
