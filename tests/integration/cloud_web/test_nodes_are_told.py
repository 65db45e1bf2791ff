"""Nodes over REST and on the fleet page: who may tell them what, and what is shown of it."""

from __future__ import annotations

import httpx
import pytest

from cloud.domain.community.party import Role
from tests.integration.cloud_web.house import House

NODE = "/api/v1/estates/example/nodes/b3-gateway"


@pytest.fixture
def lift(house: House) -> str:
    equipment = house.services.queries.register("example", None).equipment.values()
    return next(one.id for one in equipment if one.kind == "lift" and one.node_id == "b3-gateway")


@pytest.fixture
def document(lift: str) -> dict:
    return {"equipment": [{"id": lift, "kind": "lift", "controller": {"host": "192.0.2.7"}}]}


def of(address: str, house: House, member: str) -> httpx.Client:
    headers = {"authorization": f"Bearer {house.api_token_of(member)}"}
    return httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30)


def test_an_operator_puts_reads_edits_and_goes_back(house, address, document, lift):
    with of(address, house, "engineer") as engineer:
        answer = engineer.put(f"{NODE}/config", json={"document": document, "reason": "first"})
        assert (answer.status_code, answer.json()["latest"]["version"]) == (200, 1)
        changes = {"changes": {"on_delay_s": 3}}
        edited = engineer.patch(f"{NODE}/rules/{lift}/overspeed", params={"seen": 1}, json=changes)
        assert (edited.status_code, edited.json()["latest"]["version"]) == (200, 2)
        assert engineer.patch(f"{NODE}/rules/{lift}/overspeed", params={"seen": 1}, json=changes).status_code == 409
        assert engineer.patch(f"{NODE}/rules/nothing", json=changes).status_code == 404
        back = engineer.post(f"{NODE}/config/rollback", json={"version": 1})
        assert back.json()["latest"]["reason"] == "back to version 1"
        versions = engineer.get(f"{NODE}/config/versions").json()
        assert [one["version"] for one in versions] == [3, 2, 1]
        assert versions[-1]["by"] == "member:engineer"
        assert engineer.get(f"{NODE}/config/versions/2").json()["rules"][0]["on_delay_s"] == 3
        assert engineer.get(f"{NODE}/config/versions/9").status_code == 404


def test_what_does_not_hold_together_is_named(house, address):
    with of(address, house, "engineer") as engineer:
        answer = engineer.put(f"{NODE}/config", json={"document": {"equipment": [], "colour": "red"}})
        assert answer.status_code == 422
        assert {"colour", "equipment"} <= {fault["what"].partition(":")[0] for fault in answer.json()["problems"]}


def test_a_manager_edits_rules_and_nothing_else(house, address, document, lift):
    with of(address, house, "engineer") as engineer:
        engineer.put(f"{NODE}/config", json={"document": document})
    with of(address, house, "manager") as manager:
        edit = {"changes": {"on_delay_s": 2}}
        assert manager.patch(f"{NODE}/rules/{lift}/overspeed", json=edit).status_code == 200
        off = {"changes": {"enabled": False}}
        assert manager.patch(f"{NODE}/rules/{lift}/entrapment", json=off).status_code == 403
        assert manager.put(f"{NODE}/config", json={"document": document}).status_code == 403
        assert manager.post(f"{NODE}/config/rollback", json={"version": 1}).status_code == 403
        assert manager.post(f"{NODE}/commands", json={"action": "identify"}).status_code == 403
        assert manager.get(f"{NODE}/config").status_code == 200
    with of(address, house, "guard") as guard:
        assert guard.get(f"{NODE}/config").status_code == 403
        assert guard.patch(f"{NODE}/rules/{lift}/overspeed", json=edit).status_code == 403


def test_a_command_needs_a_node_that_was_heard(house, address):
    with of(address, house, "engineer") as engineer:
        assert engineer.post(f"{NODE}/commands", json={"action": "identify"}).status_code == 409
        assert engineer.post(f"{NODE}/commands", json={"action": "explode"}).status_code == 422
        house.node_connects()
        asked = engineer.post(f"{NODE}/commands", json={"action": "identify", "arguments": {"seconds": 3}})
        assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
        assert [one["id"] for one in engineer.get(f"{NODE}/commands").json()] == [asked.json()["id"]]


def test_the_fleet_page_offers_commands_to_those_who_may_and_works_without_script(house, visitor, document, lift):
    engineer = house.services.queries.register("example", None).members["engineer"]
    assert engineer.role is Role.OPERATOR
    house.node_connects()
    house.services.configure.put("example", "b3-gateway", document, engineer)
    visitor.cookies.set("tocsin_session", house.session_of("engineer"))
    page = visitor.get("/fleet").text
    assert "/nodes/b3-gateway/identify" in page
    assert f"{lift} lift.entrapment" in page
    form = {"of": f"{lift} lift.entrapment", "back": "/fleet"}
    answer = visitor.post("/nodes/b3-gateway/test-alarm", params={"estate": "example"}, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/fleet")
    visitor.post("/nodes/b3-gateway/identify", params={"estate": "example"}, data={"back": "/fleet"})
    orders = house.services.nodes.orders("example", "b3-gateway", None)
    assert {order.action for order in orders} == {"identify", "test-alarm"}
    assert {order.by for order in orders} == {"member:engineer"}
    assert "waiting for an answer" in visitor.get("/fleet", params={"lang": "en"}).text
    assert "等待答复" in visitor.get("/fleet", params={"lang": "zh"}).text
    assert (
        visitor.post("/nodes/b3-gateway/test-alarm", params={"estate": "example"}, data={"of": "x"}).status_code == 422
    )


def test_who_may_not_command_sees_no_buttons_and_is_refused(house, manager):
    house.node_connects()
    assert "/identify" not in manager.get("/fleet").text
    assert manager.post("/nodes/b3-gateway/identify", params={"estate": "example"}, data={}).status_code == 403
    assert house.services.nodes.orders("example", "b3-gateway", None) == []
