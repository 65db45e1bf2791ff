"""Lists that grow are read page by page: nothing twice, nothing left out, whatever comes in meanwhile."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import httpx
import pytest

API = "/api/v1"


@pytest.fixture
def operator(house, address):
    headers = {"authorization": f"Bearer {house.api_token_of('administrator')}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as client:
        yield client


def paged(client, path, *, within=None, meanwhile=lambda: None):
    """Everything, two at a time, by following the links; each page is of the size that was asked for."""
    found, where = [], f"{path}?limit=2"
    while where:
        answer = client.get(where)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found += body[within] if within else body
        where = answer.links.get("next", {}).get("url")
        assert not where or len(body[within] if within else body) == 2
        meanwhile()
    return found


def whole(client, path, within=None):
    body = client.get(f"{path}?limit=100").json()
    return body[within] if within else body


def test_dead_letters(house, operator):
    def arrives():
        house.clock.pass_by(timedelta(seconds=1))
        house.nonsense_arrives(b"{%d" % len(whole(operator, f"{API}/dead-letters")), "no JSON")

    for _ in range(5):
        arrives()
    before = whole(operator, f"{API}/dead-letters")
    assert len(before) == 5
    assert paged(operator, f"{API}/dead-letters", meanwhile=arrives) == before


def test_commands_of_a_node(house, operator):
    house.node_connects()
    path = f"{API}/estates/example/nodes/b3-gateway/commands"
    for action in ("identify", "report-configuration", "reflash-nothing", "identify"):
        house.clock.pass_by(timedelta(minutes=10))
        operator.post(path, json={"action": action})
    before = whole(operator, path)
    assert len(before) >= 3
    assert paged(operator, path) == before


def test_handovers(house, operator, program):
    path = f"{API}/estates/example/handovers"
    for number in range(5):
        house.clock.pass_by(timedelta(minutes=number))
        assert program.post(path, json={"party": "property", "note": f"note {number}"}).status_code == 201
    before = whole(program, path, "handovers")
    assert len(before) == 5
    assert paged(program, path, within="handovers") == before


def test_a_last_page_says_that_it_is_one(house, operator):
    for payload in (b"{", b"["):
        house.nonsense_arrives(payload, "no JSON")
    assert "link" not in operator.get(f"{API}/dead-letters?limit=2").headers
    assert "link" not in operator.get(f"{API}/dead-letters").headers


@pytest.mark.parametrize("position", [[1], ["a\0b"], ["\ud800"], {}, ["a", "b"], [[]], None])
def test_a_cursor_that_was_never_given_out_is_refused(operator, position):
    cursor = base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")
    assert operator.get(f"{API}/dead-letters", params={"cursor": cursor}).status_code == 422
