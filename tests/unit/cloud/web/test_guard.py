from __future__ import annotations

import json

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from cloud.entrypoints.web.guard import MAX_BODY, Guard
from cloud.entrypoints.web.posting import local


async def inner(scope, receive, send):
    await PlainTextResponse(f"{len(await Request(scope, receive).body())}")(scope, receive, send)


async def ask(method="GET", headers=None, chunks=(b"",), https=False):
    sent = []
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": n + 1 < len(chunks)} for n, chunk in enumerate(chunks)
    ]

    async def receive():
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    raw = [(name.encode(), value.encode()) for name, value in {"host": "board.example", **(headers or {})}.items()]
    scope = {"type": "http", "method": method, "path": "/tasks/1/close", "headers": raw, "query_string": b""}
    await Guard(inner, https=https)(scope, receive, send)
    head = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], head, b"".join(message.get("body", b"") for message in sent[1:])


async def test_every_answer_binds_the_browser():
    _, head, _ = await ask()
    policy = head["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert head["x-content-type-options"] == "nosniff"
    assert head["referrer-policy"] == "same-origin"


async def test_https_is_insisted_on_only_where_there_is_https():
    assert "strict-transport-security" in (await ask(https=True))[1]
    assert "strict-transport-security" not in (await ask())[1]


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://board.example.evil.example"},
        {"cookie": "tocsin_session=somebody"},
    ],
)
async def test_a_form_from_elsewhere_is_refused(headers):
    status, head, body = await ask("POST", headers)
    assert status == 403
    assert head["content-type"] == "application/problem+json"
    assert json.loads(body)["type"] == "/problems/foreign-form"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"origin": "http://board.example"},
        {"origin": "https://board.example"},
        {"authorization": "Bearer token"},
        {},
    ],
)
async def test_our_own_forms_and_programs_that_carry_nobodys_cookie_pass(headers):
    assert (await ask("POST", headers, [b"a=1"]))[0] == 200


async def test_reading_is_never_held_up():
    assert (await ask("GET", {"sec-fetch-site": "cross-site"}))[0] == 200


async def test_a_body_said_to_be_too_large_is_refused_unread():
    headers = {"sec-fetch-site": "same-origin", "content-length": str(MAX_BODY + 1)}
    assert (await ask("POST", headers, [b""]))[0] == 413


@pytest.mark.parametrize(
    ("given", "led_to"),
    [
        ("/incidents/1?lang=en", "/incidents/1?lang=en"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        ("", "/"),
    ],
)
def test_a_form_leads_back_only_to_our_own_pages(given, led_to):
    assert local(given) == led_to
