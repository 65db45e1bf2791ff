"""The estate's card key over REST and on the fleet page: names and ages for those who run nodes, the key for nobody."""

from __future__ import annotations

import httpx
import pytest

from cloud.application.identifiers import RandomIds
from cloud.application.intake.record_health import RecordHealth
from schemas.batch import ClockState
from schemas.presence import Health, StreamDepth
from schemas.topics import NodeAddress
from tests.integration.cloud_web.house import House

CARD_KEY = "/api/v1/estates/example/card-key"
BOOT = "0197a600-0000-7000-8000-000000000001"


@pytest.fixture
def reads_cards(house: House) -> None:
    nothing = StreamDepth(batches=0, records=0)
    health = Health(
        boot=BOOT, mono=1.0, events=nothing, telemetry=nothing, outbox_bytes=1, outbox_quota_bytes=9, disk_free_bytes=9,
        clock=ClockState.SYNCHRONISED, card_key="0a1b2c3d", card_key_age_s=86400.0,
    )  # fmt: skip
    now = house.clock.now()
    RecordHealth(house.units, house.clock, RandomIds())(NodeAddress("example", "b3-gateway"), health, now)


def ask(house: House, address: str, member: str, method: str, path: str, **extra: object) -> httpx.Response:
    headers = {"authorization": f"Bearer {house.api_token_of(member)}"}
    return httpx.request(method, f"{address}{path}", headers=headers, trust_env=False, timeout=30, **extra)


@pytest.mark.usefixtures("reads_cards")
def test_an_operator_sees_who_uses_which_key_and_rotates_it(house, address):
    before = ask(house, address, "engineer", "GET", CARD_KEY).json()
    assert (before["current"], before["automatic"], before["overdue"]) == (None, True, False)
    assert before["nodes"] == [{"node_id": "b3-gateway", "key": "0a1b2c3d", "age_s": 86400.0, "step": None}]
    done = ask(house, address, "engineer", "POST", f"{CARD_KEY}/rotate", json={})
    assert done.status_code == 200
    view = done.json()
    assert (view["current"]["version"], view["current"]["by"], view["current"]["reason"]) == (
        1,
        "member:engineer",
        "by_hand",
    )
    assert {"kept", "sealed"}.isdisjoint(view["current"])
    assert ask(house, address, "engineer", "GET", CARD_KEY).json() == view
    headers = {"cookie": f"tocsin_session={house.session_of('engineer')}"}
    page = httpx.get(f"{address}/fleet", params={"lang": "en"}, headers=headers, trust_env=False, timeout=30)
    assert f"Card key {view['current']['key']}" in page.text


def test_where_no_node_reads_cards_there_is_nothing_to_rotate(house, address):
    assert ask(house, address, "engineer", "POST", f"{CARD_KEY}/rotate", json={}).status_code == 409
    assert ask(house, address, "engineer", "POST", f"{CARD_KEY}/rotate", json={"key": "0" * 64}).status_code == 422


def test_others_are_told_why_they_may_not_and_strangers_that_there_is_no_such_estate(house, address):
    for method, path in (("GET", CARD_KEY), ("POST", f"{CARD_KEY}/rotate")):
        assert ask(house, address, "manager", method, path, json={}).status_code == 403
        elsewhere = path.replace("example", "elsewhere")
        assert ask(house, address, "engineer", method, elsewhere, json={}).status_code == 404
