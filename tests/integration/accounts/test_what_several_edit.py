"""Of what several people edit nobody overwrites what came since: ETag and If-Match on every PUT and PATCH, from the description."""

from __future__ import annotations

import pytest

from cloud.application.rosters.keep_channels import Given as ChannelGiven
from cloud.domain.community.channel_setup import Form
from tests.integration.accounts.filled_in import Filler
from tests.integration.cloud_web.house import ESTATE

OWN = {
    "/api/v1/me/welfare/{estate}": "one's own consent, which nobody else can give or change",
    "/api/v1/members/{member_id}/contacts": "one's own ways to be reached",
    "/api/v1/needs/{need_id}": "whose it is changes it, and nobody else",
    "/api/v1/offers/{offer_id}": "whose it is changes it, and nobody else",
}
"""No shared document, and why."""

CONVENOR = {"/api/v1/electoral-roll", "/api/v1/consultation-terms"}
"""What the committee keeps; administrators do not convene."""

READ_AT = {"/api/v1/estates/{estate}/nodes/{node}/rules/{rule}": "/api/v1/estates/{estate}/nodes/{node}/config"}
"""Where what is edited in part is read as a whole."""


@pytest.fixture
def edited(app):
    """(method, path, route) of whatever replaces or changes something."""
    return [
        (method, route.path_format, route)
        for route in app.routes
        for method in {"PUT", "PATCH"} & (getattr(route, "methods", None) or set())
        if route.include_in_schema
    ]


@pytest.fixture
def program(house, visitor):
    visitor.headers["authorization"] = f"Bearer {house.api_token_of('administrator')}"
    return visitor


def shared(edited):
    """What administrators keep first."""
    found = [(method, path, route) for method, path, route in edited if path not in OWN]
    return sorted(found, key=lambda one: one[1] in CONVENOR)


def test_each_says_that_it_takes_if_match_and_may_answer_412(app, edited):
    paths = app.openapi()["paths"]
    wrong = []
    for method, path, _ in shared(edited):
        described = paths[path][method.lower()]
        names = {one["name"].lower() for one in described.get("parameters", ()) if one["in"] == "header"}
        if "if-match" not in names or "412" not in described["responses"]:
            wrong.append(f"{method} {path}")
    assert not wrong
    assert OWN.keys() <= {path for _, path, _ in edited}, "these are there no more"
    assert len(shared(edited)) >= 7


def test_what_has_changed_since_is_not_overwritten(house, app, program, edited):
    house.node_connects()
    house.node_is_configured()
    house.keeps_a_roster()
    hook = house.services.messaging.webhooks.add(
        ESTATE, "https://receiver.example/hook", [], "administrator"
    ).webhook.id
    rule = "b1/detector-7a/smoke-obscuration"
    mail = ChannelGiven(Form.MAIL, {"host": "smtp.example.org", "sender": "tocsin@example.org"})
    house.services.setting_up.channels.set_up("email", mail, house.identity("administrator"))
    ids = {
        "node": "b3-gateway",
        "roster": "guards",
        "webhook_id": hook,
        "rule": rule,
        "member": "guard",
        "channel_kind": "email",
    }
    filler, wrong = Filler(ids, ESTATE), []
    readers = {one.path_format: one for one in app.routes if "GET" in (getattr(one, "methods", None) or ())}
    convenor = f"Bearer {house.api_token_of('officer')}"
    for method, path, route in shared(edited):
        if path in CONVENOR:
            program.headers["authorization"] = convenor
        read = program.get(filler.asked("GET", readers[READ_AT.get(path, path)]).path, params={"estate": ESTATE})
        asked = filler.asked(method, route)
        tag = read.headers.get("etag")
        if path.endswith("/duties/matrix"):
            asked.sent = {"content": read.content, "headers": {"content-type": "application/yaml"}}
        headers = {**asked.sent.pop("headers", {}), "if-match": '"seen before"'}
        stale = program.request(method, asked.path, params=asked.query, headers=headers, **asked.sent)
        if read.status_code != 200 or not tag or stale.status_code != 412:
            wrong.append((method, path, read.status_code, tag, stale.status_code, stale.text[:120]))
        elif stale.headers["etag"] != tag:
            wrong.append((method, path, tag, stale.headers["etag"]))
    assert not wrong


def test_with_the_etag_that_was_seen_it_is_taken_once(house, program):
    hook = house.services.messaging.webhooks.add(ESTATE, "https://receiver.example/hook", [], "manager").webhook.id
    at = f"/api/v1/webhooks/{hook}"
    seen = program.get(at).headers["etag"]
    first = program.patch(at, json={"active": False}, headers={"if-match": seen})
    assert first.status_code == 200
    second = program.patch(at, json={"active": True}, headers={"if-match": seen})
    assert (second.status_code, second.json()["type"]) == (412, "/problems/precondition-failed")
    assert second.headers["etag"] == first.headers["etag"]
    assert (
        program.patch(at, json={"active": True}, headers={"if-match": f'"other", {first.headers["etag"]}'}).status_code
        == 200
    )
    assert program.patch(at, json={"active": True}, headers={"if-match": "*"}).status_code == 200
    assert program.patch(at, json={"active": True}).status_code == 200
