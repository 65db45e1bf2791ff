"""How much a program may ask, and how it is told."""

from __future__ import annotations

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from cloud.entrypoints.pace import MOST_BUCKETS, Pace, Paced

PATH = "/api/v1/incidents"


class Watch:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def client(watch):
    app = Paced(PlainTextResponse("ok"), pace=Pace(known=60, unknown=3), clock=watch)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


async def statuses(client, count, **how):
    return [(await client.get(PATH, **how)).status_code for _ in range(count)]


async def test_who_asks_too_much_is_told_when_to_ask_again(client, watch):
    assert await statuses(client, 4) == [200, 200, 200, 429]
    refused = await client.get(PATH)
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "20"
    assert refused.headers["ratelimit"] == '"default";r=0;t=20'
    watch.now += 20
    assert await statuses(client, 2) == [200, 429]


async def test_every_answer_says_how_much_is_left(client):
    answer = await client.get(PATH)
    assert answer.headers["ratelimit-policy"] == '"default";q=3;w=60'
    assert answer.headers["ratelimit"] == '"default";r=2;t=20'


async def test_what_a_use_case_has_counted_stands_beside_it(watch):
    counted = PlainTextResponse("no", 429, headers={"RateLimit": '"tries";r=0;t=90', "Retry-After": "90"})
    app = Paced(counted, pace=Pace(known=60, unknown=3), clock=watch)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        answer = await client.get(PATH)
    assert answer.headers.get_list("ratelimit") == ['"default";r=2;t=20, "tries";r=0;t=90']
    assert answer.headers["retry-after"] == "90"


async def door(scope, receive, send):
    """Opens to whoever carries a token that is genuine; public paths to everybody."""
    token = dict(scope["headers"]).get(b"authorization", b"")
    opened = token.startswith(b"Bearer good")
    if opened and scope["path"].startswith(PATH):
        Request(scope).state.identity = "whose token it is"
    missing = scope["path"].endswith("/none")
    status = 404 if missing else 200 if opened or not scope["path"].startswith(PATH) else 401
    await PlainTextResponse("ok", status)(scope, receive, send)


@pytest.fixture
def guarded(watch):
    app = Paced(door, pace=Pace(known=60, unknown=3), clock=watch)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


async def test_a_made_up_token_proves_nothing_at_an_address_that_is_not_there(guarded):
    """No door there asks for a key: a new one each time would have had the pace of those that are known."""
    made_up = {"authorization": "Bearer made up"}
    assert (await guarded.get(f"{PATH}/none", headers=made_up)).status_code == 404
    assert await statuses(guarded, 3, headers=made_up) == [401, 401, 429]


async def test_a_cookie_of_a_longer_name_is_not_taken_for_a_session(guarded):
    for number in range(3):
        await guarded.get(PATH, headers={"cookie": f"x_tocsin_session={number}"})
    assert await statuses(guarded, 1, headers={"cookie": "x_tocsin_session=another"}) == [429]


async def test_who_has_a_whole_network_of_addresses_is_one(watch):
    app = Paced(PlainTextResponse("ok"), pace=Pace(known=60, unknown=3), clock=watch)
    told = []
    for last in range(5):
        host = f"2001:db8:0:1:{last}::{last}" if last < 4 else "2001:db8:0:2::1"
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, client=(host, 1)), base_url="http://t"
        ) as one:
            told.append((await one.get(PATH)).status_code)
    assert told == [200, 200, 200, 429, 200]


async def test_one_program_takes_nothing_from_another(guarded):
    assert await statuses(guarded, 1, headers={"authorization": "Bearer good two"}) == [200]
    assert await statuses(guarded, 62, headers={"authorization": "Bearer good one"}) == [200] * 61 + [429]
    assert await statuses(guarded, 1, headers={"authorization": "Bearer good two"}) == [200]
    assert await statuses(guarded, 2) == [401, 429]


async def test_whoever_makes_tokens_up_gains_nothing_by_it(guarded):
    made_up = [(await guarded.get(PATH, headers={"authorization": f"Bearer {n}"})).status_code for n in range(5)]
    assert made_up == [401, 401, 401, 429, 429]


async def test_where_nobody_looks_at_a_token_it_proves_nothing(guarded):
    token = {"authorization": "Bearer x"}
    feeds = [(await guarded.get("/feeds/example/cap.atom", headers=token)).status_code for _ in range(4)]
    assert feeds == [200, 200, 200, 429]


async def test_a_report_that_somebody_is_trapped_is_never_refused(client):
    await statuses(client, 5)
    for path in ("/api/v1/public/reports", "/open311/v2/requests.json"):
        assert (await client.post(path)).status_code == 200
    refused = await client.get("/open311/v2/requests.xml")
    assert (refused.status_code, refused.headers["content-type"]) == (429, "text/xml; charset=utf-8")
    assert (await client.get("/")).status_code == 200, "pages are for people"


async def test_what_is_remembered_has_a_bound():
    paced = Paced(PlainTextResponse("ok"), pace=Pace())
    for number in range(MOST_BUCKETS + 50):
        paced._take(number.to_bytes(16), 5)
    assert len(paced._buckets) == MOST_BUCKETS
