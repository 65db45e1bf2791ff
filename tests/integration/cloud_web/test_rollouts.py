"""One change to several nodes, over REST and on its page: chosen, checked, sent in one rollout, followed."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import httpx
import pytest

from cloud.domain.community.names import Names
from cloud.domain.duties.register import NodeEntry

API = "/api/v1/estates/example/rollouts"
RULES = [{"rule": "overspeed", "set": {"on_delay_s": 3}}]
TEXT = "rules: [{rule: overspeed, set: {on_delay_s: 3}}]"
EN = {"lang": "en"}


def text(answer: httpx.Response) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


@pytest.fixture
def engineer(visitor, house):
    """Beside the node that is configured there is one of which nothing is known."""
    house.node_is_configured()
    with house.units.writing() as uow:
        register = uow.registers.find("example")
        place = register.nodes["b3-gateway"].place_id
        more = {**register.nodes, "b9-gateway": NodeEntry("b9-gateway", place, Names("新网关", "New gateway"))}
        uow.registers.store(replace(register, nodes=more), "more")
        uow.commit()
    visitor.cookies.set("tocsin_session", house.session_of("engineer"))
    return visitor


def versions(client) -> list[int]:
    return [one["version"] for one in client.get("/api/v1/estates/example/nodes/b3-gateway/config/versions").json()]


def test_over_rest_it_is_checked_issued_once_and_followed(engineer):
    body = {"change": {"rules": RULES}, "nodes": ["b3-gateway"]}
    (checked,) = engineer.post(f"{API}/check", json=body).json()
    assert (checked["node"]["id"], checked["seen"], checked["faults"]) == ("b3-gateway", 1, [])
    assert any(line["kind"] == "added" for line in checked["lines"])
    assert versions(engineer) == [1]
    rollout = {**body, "seen": {"b3-gateway": 1}, "rollout": "rollout-0001", "reason": "as tried"}
    done = engineer.post(API, json=rollout)
    assert (done.status_code, [one["version"] for one in done.json()["nodes"]]) == (201, [2])
    assert engineer.post(API, json=rollout).json() == done.json(), "sent again it changes nothing"
    assert versions(engineer) == [2, 1]
    assert engineer.get(f"{API}/rollout-0001").json()["nodes"][0]["progress"] in ("sent", "away")
    assert [one["id"] for one in engineer.get(API).json()] == ["rollout-0001"]
    assert engineer.get(f"{API}/rollout-0002").status_code == 404


def test_over_rest_all_faults_are_named_and_none_is_written(engineer):
    body = {"change": {"rules": RULES}, "where": {"kind": "lift"}, "nodes": ["b3-gateway", "b9-gateway"]}
    refused = engineer.post(API, json=body)
    assert refused.status_code == 422
    assert "b9-gateway" in refused.text
    assert versions(engineer) == [1]
    chosen = engineer.post(f"{API}/check", json={"change": {"rules": RULES}, "where": {"kind": "lift"}}).json()
    assert [one["node"]["id"] for one in chosen] == ["b3-gateway"]
    wrong = engineer.post(f"{API}/check", json={"change": {"document": {"equipment": []}}, "nodes": ["b3-gateway"]})
    assert "each node's own" in wrong.text


def test_on_the_page_faults_come_first_are_left_out_and_the_rest_is_sent_and_followed(engineer):
    page = engineer.get("/fleet/rollout", params=EN)
    assert "Nodes: 2" in text(page)
    asked = {"nodes": ["b3-gateway", "b9-gateway"], "text": TEXT}
    checked = engineer.post("/fleet/rollout/check", params=EN, data=asked)
    assert "Nodes that cannot use it: 1" in text(checked)
    assert "is not known here yet" in text(checked)
    assert "Send it (nodes" not in text(checked), "none is written where one has a fault"
    assert "尚不知道该节点的配置" in text(engineer.post("/fleet/rollout/check", params={"lang": "zh"}, data=asked))
    sound = engineer.post("/fleet/rollout/check", params=EN, data={**asked, "nodes": ["b3-gateway"]})
    assert "Send it (nodes: 1)" in text(sound)
    (rollout,) = re.findall(r'name="rollout" value="([^"]+)"', sound.text)
    assert re.findall(r'name="seen" value="([^"]+)"', sound.text) == ["b3-gateway 1"]
    form = {"text": TEXT, "rollout": rollout, "seen": ["b3-gateway 1"], "reason": "as tried"}
    for _ in range(2):
        sent = engineer.post("/fleet/rollout", data=form)
        assert (sent.status_code, sent.headers["location"]) == (303, f"/fleet/rollouts/{rollout}")
    assert versions(engineer) == [2, 1]
    followed = text(engineer.get(f"/fleet/rollouts/{rollout}", params=EN))
    assert "as tried" in followed
    assert re.search(r"offline, will be told when it is back 1|sent, no answer yet 1", followed)
    assert "Nodes: 1 · as tried" in text(engineer.get("/fleet/rollout", params=EN))


def test_who_looked_before_somebody_else_wrote_is_told_and_nothing_is_written(engineer, house):
    house.node_is_configured()
    form = {"text": TEXT, "rollout": "rollout-0009", "seen": ["b3-gateway 7"]}
    refused = engineer.post("/fleet/rollout", params=EN, data=form)
    assert refused.status_code == 422
    assert "not at 7 as when it was checked" in text(refused)
    assert "rollout-0009" not in str(engineer.get(API).json())


def test_a_manager_follows_and_does_not_send(engineer, house):
    engineer.post(API, json={"change": {"rules": RULES}, "nodes": ["b3-gateway"], "rollout": "rollout-0001"})
    engineer.cookies.set("tocsin_session", house.session_of("manager"))
    assert engineer.get("/fleet/rollouts/rollout-0001").status_code == 200
    assert engineer.get("/fleet/rollout").status_code == 403
    assert engineer.post(API, json={"change": {"rules": RULES}, "nodes": ["b3-gateway"]}).status_code == 403


def test_a_word_of_the_interface_is_no_rollout(program):
    """What is allowed at `check` is not what is allowed at a rollout of that name."""
    refused = program.request("DELETE", f"{API}/check")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    rollouts = program.request("DELETE", API)
    assert (rollouts.status_code, rollouts.headers["allow"]) == (405, "GET, POST")
