"""What is refused before any route is asked is a page where people look, in their language, and costs the storage nothing."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import event

from cloud.entrypoints.app import create_app
from cloud.entrypoints.pace import Pace
from tests.integration.accounts.in_process import InProcess

SAID = {"zh": ("尝试次数过多", "秒后重新打开本页"), "en": ("Too many tries", "s and open this page again")}


@pytest.fixture
def hurried(app, house, answering):
    """A service that lets anybody ask once in a minute."""
    app = create_app(house.services, pace=Pace(known=1, unknown=1))
    transport = InProcess(app, answering)
    with httpx.Client(transport=transport, base_url="http://tocsin.example", headers={"user-agent": "x"}) as client:
        yield client


@pytest.mark.parametrize("lang", SAID)
def test_who_asks_too_much_is_told_on_a_page(house, hurried, lang):
    hurried.get("/public/example")  # the service knows the countries' numbers from now on
    asked: list[str] = []
    event.listen(house.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    for path in ("/public/example", "/public/example/ledger", "/at/ABCD-EFGH", "/at/ABCD-EFGH/lift-fault"):
        answer = hurried.get(path, params={"lang": lang})
        assert (answer.status_code, answer.headers["content-type"]) == (429, "text/html; charset=utf-8"), path
        assert 50 < int(answer.headers["retry-after"]) <= 60
        assert all(words in answer.text for words in SAID[lang]), answer.text
        assert "119" in answer.text, "whom to call stands on it"
        assert "content-security-policy" in answer.headers
    assert asked == []


def test_programs_and_feeds_are_told_in_their_own_form(hurried):
    hurried.get("/api/v1/incidents")
    for path, kind in (
        ("/api/v1/incidents", "application/problem+json"),
        ("/feeds/example/cap.atom", "application/problem+json"),
        ("/open311/v2/requests.xml", "text/xml; charset=utf-8"),
        ("/open311/v2/requests.json", "application/json"),
    ):
        answer = hurried.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (429, kind)


@pytest.mark.parametrize(("lang", "said"), [("zh", "提交的内容过长"), ("en", "What was sent is too long")])
def test_what_is_too_long_is_refused_on_a_page(manager, lang, said):
    answer = manager.post("/tasks/1/note", params={"lang": lang}, content=b"x" * 70_000)
    assert answer.status_code == 413
    assert said in answer.text
