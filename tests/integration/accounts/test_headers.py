"""What binds the browser stands on every answer there is: each route × visitor, member, administrator × http and https."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import replace
from http.cookies import SimpleCookie

import pytest

from cloud.entrypoints.app import create_app
from tests.integration.accounts.at_the_door import COOKIE, Browsers, has_account, signs_in
from tests.integration.cloud_web.house import ESTATE, built_in
from tests.integration.cloud_web.serving import UNHURRIED

BINDING = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
POLICY = {
    "default-src": "'self'", "object-src": "'none'", "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'",
}  # fmt: skip
"""No more than this: without script-src and style-src the default holds for both, so nothing inline runs or is drawn."""

KEPT = {
    "/static": "the same for everybody, with an ETag",
    "/feeds/{estate}/ledger.atom": "public, and asked again by an ETag",
    "/feeds/{estate}/cap.atom": "public, and asked again by an ETag",
    "/feeds/{estate}/cap/{identifier}": "public, and an alert that was sent never changes",
    "/feeds/{estate}/matters.atom": "public, and asked again by an ETag",
    "/feeds/{estate}/buildings/{building}.atom": "public, and asked again by an ETag",
    "/feeds/{estate}/parties/{party}.atom": "private, and asked again by an ETag",
    "/feeds/calendars/{token}": "private, and asked again by an ETag",
    "/api/v1/public/{estate}/ledger-head": "public for a minute",
    "/api/v1/public/{estate}/ledger-heads": "public for a minute",
}
"""What browsers and caches may keep, and why."""

INLINE = re.compile(r"<style|\sstyle\s*=|\son\w+\s*=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)


@pytest.fixture(scope="module", params=["http", "https"])
def served(request, tmp_path_factory, answering):
    """(whether it is reached by https, its routes, browsers)"""
    secure = request.param == "https"
    with built_in(tmp_path_factory.mktemp(request.param)) as house, ExitStack() as stack:
        house.services = replace(house.services, secure_cookies=secure)
        app = create_app(house.services, pace=UNHURRIED)
        yield secure, house, app, Browsers(app, answering, stack)


def asked(served):
    """Every route by everybody: (path of the route, the answer)."""
    _, house, app, browsers = served
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    named = {
        "estate": ESTATE, "task_id": task, "incident_id": house.services.queries.task(task, None).incident_id,
        "node": "b3-gateway", "form": "xml", "party": "property", "building": "binhai%2Fexample%2Fb3",
    }  # fmt: skip
    clients = [browsers()]
    for member in ("tenant", "administrator"):
        clients.append(browsers())
        clients[-1].headers["authorization"] = f"Bearer {house.api_token_of(member)}"
    for route in app.routes:
        path = re.sub(r"{(\w+)(:path)?}", lambda found: named.get(found[1], "something"), route.path)
        for method in sorted(getattr(route, "methods", None) or {"GET"}):
            for client in clients[:1] if route.path == "/api/v1/live" else clients:
                yield route.path, client.request(method, path, params={"lang": "en"})
    foreign = browsers(**{"sec-fetch-site": "cross-site"})
    yield "refused before a route", foreign.post("/sign-in")
    yield "no such page", clients[0].get("/nowhere")
    yield "no such address", clients[0].get("/api/v1/nowhere")
    yield "too large", clients[0].post("/api/v1/reports", content=b"x" * 3_000_000)


def faults(path, answer, *, secure):
    headers = answer.headers
    yield from (name for name, value in BINDING.items() if headers.get(name) != value)
    policy = dict(part.strip().split(" ", 1) for part in headers.get("content-security-policy", "").split(";") if part)
    if policy != POLICY:
        yield f"policy {policy}"
    if (headers.get("strict-transport-security") == "max-age=31536000") is not secure:
        yield "strict-transport-security"
    kept = headers.get("cache-control")
    if path not in KEPT and kept != "no-store" and "no-store" not in (kept or ""):
        yield f"may be kept: {kept}"
    if headers.get("content-type", "").startswith("text/html") and INLINE.search(answer.text):
        yield f"inline: {INLINE.search(answer.text)[0]!r}"
    for raw in headers.get_list("set-cookie"):
        yield from cookie_faults(raw, secure=secure)


def cookie_faults(raw, *, secure):
    for name, one in SimpleCookie(raw).items():
        lax = name in {"tocsin_lang", "tocsin_journey", "tocsin_demo"}
        """What has to come along when another site sends the browser here; none of them lets anybody in."""
        if not one["httponly"] or one["samesite"].lower() != ("lax" if lax else "strict"):
            yield f"cookie {raw}"
        if bool(one["secure"]) is not secure or one["domain"]:
            yield f"cookie {raw}"


def test_every_answer_binds_the_browser(served):
    wrong, seen = set(), set()
    for path, answer in asked(served):
        seen.add(path)
        wrong |= {(path, answer.status_code, fault) for fault in faults(path, answer, secure=served[0])}
    assert not wrong
    assert len(seen) > 250
    assert KEPT.keys() <= seen, "these are there no more"


def test_sessions_travel_only_as_they_should(served):
    secure, house, _, browsers = served
    owner = browsers()
    has_account(house, owner, "manager", f"manager-{secure}".lower())
    came = signs_in(browsers(), f"manager-{secure}".lower())
    (raw,) = [one for one in came.headers.get_list("set-cookie") if one.startswith(COOKIE)]
    assert list(cookie_faults(raw, secure=secure)) == []
    assert not list(faults("/sign-in", came, secure=secure))
