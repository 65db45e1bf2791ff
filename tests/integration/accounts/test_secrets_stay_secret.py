"""Whatever lets somebody in is shown to its owner once: no log of any level, no page, file, figure or table has it afterwards."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest

from cloud.adapters.logging import set_up
from tests.integration.accounts.at_the_door import (
    COOKIE,
    PASSWORD,
    code_of,
    has_account,
    link_in,
    sets_up_codes,
    signs_in,
)
from tests.integration.accounts.test_invitations import asks_in
from tests.integration.accounts.test_links_in_messages import message_to
from tests.integration.cloud_web.house import ESTATE

WRONG = "not the passphrase at all"


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """Everything that is logged, as a machine keeps it at its most talkative."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    said = StringIO()
    set_up("json", "debug", to=said)
    yield said
    root.handlers[:], root.level = before, level


def stored(folder: Path) -> str:
    """Every table of the database, as a reader without any key finds it."""
    with sqlite3.connect(folder / "tocsin.db") as connection:
        return "\n".join(connection.iterdump())


@pytest.fixture
def lived(house, browsers, visitor, another, logged) -> dict[str, str]:
    """Somebody does everything that makes or uses a secret; each by what it is."""
    has_account(house, visitor, "manager")
    totp, recovery = sets_up_codes(house, visitor)
    signs_in(another, "manager", WRONG)
    house.clock.pass_by(timedelta(seconds=60))
    code = code_of(house, totp)
    signs_in(another, "manager", PASSWORD, code)
    signs_in(browsers(), "manager", PASSWORD, recovery[0])
    session = another.cookies[COOKIE]
    bearer = visitor.post("/account/tokens", data={"label": "script", "scopes": "read", "days": "9"}).text
    token = between(bearer, 'class="claim mono">', "<")
    invitation = link_in(asks_in(visitor).text, "invitation").rpartition("/")[2]
    browsers().get(f"/invitation/{invitation}")
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    link = message_to(house, "guard", task)
    guard = browsers()
    guard.get(f"/enter/{link}")
    guard.post(f"/enter/{link}")
    report = browsers().post(
        "/api/v1/public/reports", json={"estate": ESTATE, "code": "b3/lift-2", "concern": "lift-fault"},
        headers={"idempotency-key": "a-key-of-the-reporter-1"},
    ).json()["token"]  # fmt: skip
    browsers().get(f"/follow/{report}")
    program = browsers(authorization=f"Bearer {token}")
    screen = visitor.post("/account/screens", data={"wall": f"{ESTATE}|property", "label": "Gate house"}).text
    wall = link_in(screen, "screen").rpartition("/")[2]
    on_the_wall = browsers()
    on_the_wall.get(f"/screen/{wall}")
    on_the_wall.post(f"/screen/{wall}")
    for path in ("/api/v1/me", "/api/v1/ledger?since=0", "/api/v1/nothing", "/metrics", "/api/v1/live?since=nonsense"):
        program.get(path)
    browsers(authorization=f"Bearer {token}x").get("/api/v1/me")
    return {
        "password": PASSWORD, "wrong password": WRONG, "authenticator secret": totp, "code": code, "session": session,
        "token": token, "invitation": invitation, "message's link": link, "link's session": guard.cookies[COOKIE],
        "reporter's link": report, "screen's link": wall, "screen's key": on_the_wall.cookies[COOKIE],
        **{f"recovery code {n}": one for n, one in enumerate(recovery)},
    }  # fmt: skip


def between(text: str, before: str, after: str) -> str:
    assert before in text, text
    return text.partition(before)[2].partition(after)[0]


def test_no_secret_is_logged_at_any_level_nor_stands_in_any_table(house, lived, logged):
    assert len(lived) > 15
    assert len(set(lived.values())) == len(lived)
    lines = logged.getvalue()
    assert '"member.signed-in"' in lines, "the story was told"
    assert [what for what, secret in lived.items() if secret in lines] == []
    tables = stored(house.ground.folder)
    assert "member.signed-in" in tables
    assert [what for what, secret in lived.items() if secret in tables and what != "code"] == []


def test_no_secret_goes_out_again(house, lived, browsers, visitor):
    """Exports, the ledger, figures, and what is listed of keys, members and screens."""
    chief = browsers(authorization=f"Bearer {house.api_token_of('administrator')}")
    paths = [
        "/api/v1/exports/estate", "/api/v1/exports/members.csv?contacts=true", "/api/v1/exports/ledger.json",
        "/api/v1/ledger?since=0", "/metrics", "/api/v1/members", "/api/v1/me", f"/api/v1/estates/{ESTATE}/screens",
        "/api/v1/openapi.json", "/api/v1/deliveries",
    ]  # fmt: skip
    shown = {path: chief.get(path).text for path in paths}
    shown |= {path: visitor.get(path).text for path in ("/account", "/members", "/account/second-factor", "/messages")}
    assert [(what, path) for path, text in shown.items() for what, secret in lived.items() if secret in text] == []
