"""Guessing is slow, says nothing and locks nobody out of what a link opens; foreign forms do nothing; strings stay strings."""

from __future__ import annotations

import re
import statistics
import time
from datetime import timedelta

import pytest

from cloud.adapters.accounts.passwords import Argon2Passwords
from cloud.application.accounts.keeping import Accounts
from cloud.application.identifiers import RandomIds
from cloud.domain.community.access import Origin
from cloud.entrypoints.api.failures import PROGRAMS
from cloud.entrypoints.web.guard import HEADERS
from cloud.errors import Throttled, Unauthenticated
from tests.integration.accounts.at_the_door import COOKIE, PASSWORD, has_account, link_in, signs_in
from tests.integration.accounts.test_invitations import asks_in
from tests.integration.cloud_web.test_hostile_strings import HOSTILE, Elements

WRONG = "it is not this one, surely"


def test_an_account_is_tried_ten_times_in_a_quarter_of_an_hour(house, visitor, another, browsers):
    has_account(house, visitor, "manager")
    has_account(house, another, "guard")
    thief = browsers("192.0.2.9")
    assert [signs_in(thief, "manager", WRONG).status_code for _ in range(11)] == [401] * 10 + [429]
    owner = browsers("192.0.2.10")
    throttled = signs_in(owner, "manager")
    assert (throttled.status_code, throttled.headers["retry-after"]) == (429, "90")
    assert throttled.headers["ratelimit-policy"] == '"tries";q=10;w=900'
    assert throttled.headers["ratelimit"] == '"tries";r=0;t=90'
    assert signs_in(owner, "guard").status_code == 303, "others are not held up"
    house.clock.pass_by(timedelta(minutes=2))
    assert signs_in(owner, "manager").status_code == 303, "one try leaks out every 90 seconds"


def test_one_address_tries_fifty_times_whatever_the_login(house, visitor, browsers):
    has_account(house, visitor, "manager")
    thief = browsers("192.0.2.9")
    tries = [signs_in(thief, f"somebody-{number}", WRONG).status_code for number in range(52)]
    assert tries == [401] * 50 + [429] * 2
    assert signs_in(thief, "manager").status_code == 429
    assert signs_in(browsers("192.0.2.10"), "manager").status_code == 303


def test_who_knows_one_account_gains_no_tries_at_another(house, visitor, another, browsers):
    has_account(house, visitor, "manager")
    has_account(house, another, "guard")
    thief = browsers("192.0.2.9")
    answers = []
    for _ in range(12):
        answers.append(signs_in(thief, "manager", WRONG).status_code)
        signs_in(thief, "guard")
    assert answers == [401] * 10 + [429] * 2


def test_tries_hold_over_a_restart_and_for_every_worker(house, visitor, browsers):
    has_account(house, visitor, "manager")
    for _ in range(10):
        signs_in(browsers("192.0.2.9"), "manager", WRONG)
    means = house.services.accounts.password._proving.means
    worker = Accounts.on(
        house.units, house.clock, RandomIds(), sign_in=house.services.sign_in, means=means, first_estate=None
    )
    with pytest.raises(Throttled):
        worker.password("manager", PASSWORD, origin=Origin("198.51.100.1"))


def test_no_address_is_kept_of_who_tried(house, visitor, browsers):
    for _ in range(3):
        signs_in(browsers("203.0.113.77"), "manager", WRONG)
    with house.engine.connect() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM sign_in_tries").all())
    assert "203.0.113.77" not in kept
    assert "manager" not in kept


def test_an_unknown_login_takes_as_long_as_a_wrong_password(house, visitor):
    """Coarse, since machines are noisy: an answer without any hashing would come ten times sooner."""
    has_account(house, visitor, "manager")
    proving = house.services.accounts.password._proving
    real = Argon2Passwords()
    with house.units.writing() as uow:
        uow.accounts.save(house.account("manager").with_password(real.hash(PASSWORD), house.clock.now()))
        uow.commit()
    object.__setattr__(proving.means, "passwords", real)
    real.verify(None, WRONG)

    def takes(login: str) -> float:
        started = time.thread_time()
        with pytest.raises(Unauthenticated):
            house.services.accounts.password(login, WRONG, origin=Origin(login))
        return time.thread_time() - started

    pairs = [(takes("manager"), takes("nobody-at-all")) for _ in range(5)]
    known, unknown = (statistics.median(column) for column in zip(*pairs, strict=True))
    assert 0.5 < unknown / known < 2


def test_every_form_refuses_what_another_site_posts(house, app, manager):
    posting = [
        route.path
        for route in app.routes
        if (getattr(route, "methods", None) or set()) & {"POST", "PUT", "PATCH", "DELETE"}
        and not route.path.startswith("/callbacks/")
    ]
    assert len(posting) > 100
    for path in posting:
        address = re.sub(r"{[^}]+}", "something", path)
        for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
            answer = manager.post(address, headers=headers)
            if path.startswith(PROGRAMS):
                assert (answer.status_code, answer.json()["type"]) == (403, "/problems/foreign-form"), path
                continue
            # Open311 knows XML only, where nobody says that it should be JSON; all others are for people.
            assert answer.status_code == 403, path
            assert "not sent from a page of this service" in answer.text, path
    del manager.headers["sec-fetch-site"]
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {}):
        assert manager.post("/account/sessions/end-others", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "path", ["/sign-in", "/account", "/members", "/enter/nothing", "/invitation/nothing", "/setup"]
)
def test_every_page_of_accounts_binds_the_browser_and_stays_in_no_cache(house, manager, path):
    answer = manager.get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["//elsewhere.example/", "///elsewhere.example/x", "//elsewhere.example//sign-in?a=b"])
def test_no_page_leads_to_the_host_that_an_address_begins_with(manager, visitor, path):
    """What has two slashes at its beginning is another host to a browser."""
    for browser in (manager, visitor):
        page = browser.get(str(browser.base_url).rstrip("/") + path, follow_redirects=True)
        assert re.findall(r"elsewhere\.example", page.text), "the page knows where it is"
        assert not re.findall(r"""(?:href|action|value|src)=["']/{2,}""", page.text)


def test_what_people_type_about_themselves_runs_in_no_browser(house, manager, browsers, another):
    hostile = HOSTILE.replace("\u202e", "")[:64]
    has_account(house, another, "guard")
    signs_in(browsers(**{"user-agent": HOSTILE.encode("ascii", "ignore").decode()}), "guard")
    minted = another.post("/account/tokens", data={"label": hostile, "scopes": "read", "days": "5"})
    invited = asks_in(manager, zh=hostile, en=hostile, email='"<b>"@example.org')
    link = link_in(invited.text, "invitation")
    pages = [minted, invited, another.get("/account"), manager.get("/members"), browsers().get(link)]
    pages.append(browsers().post("/sign-in", data={"login": HOSTILE, "password": HOSTILE, "next": f"/{HOSTILE}"}))
    for answer in pages:
        page = Elements(answer.text)
        assert page.scripts == [{"type": "module", "src": "/static/main.js"}]
        assert (page.images, page.handlers) == (0, [])
        assert all(one.startswith(("/", "#", "tel:")) for one in page.addresses)
        assert "&lt;script&gt;" in answer.text, "the string was not on the page at all"


def test_a_token_is_shown_once_and_lives_as_long_as_it_says(house, another):
    has_account(house, another, "guard")
    shown = another.post("/account/tokens", data={"label": "dispatcher", "scopes": ["read", "act"], "days": "5"}).text
    token = re.search(r'class="claim mono">([\w-]{43})<', shown)[1]
    assert token not in another.get("/account").text
    bearer = {"authorization": f"Bearer {token}"}
    assert another.get("/api/v1/me", headers=bearer).json()["scopes"] == ["act", "read"]
    assert another.get("/api/v1/me/tokens", headers=bearer).status_code == 403, "not one of its scopes"
    house.clock.pass_by(timedelta(days=5))
    assert another.get("/api/v1/me", headers=bearer).status_code == 401


def test_over_the_interface_a_token_makes_no_token_that_may_more(house, visitor):
    bearer = {"authorization": f"Bearer {house.api_token_of('guard', 'accounts')}"}
    asked = {"label": "wider", "scopes": ["act"]}
    assert visitor.post("/api/v1/me/tokens", json=asked, headers=bearer).status_code == 422
    made = visitor.post("/api/v1/me/tokens", json={"label": "same", "scopes": ["accounts"]}, headers=bearer)
    assert made.status_code == 201
    listed = visitor.get("/api/v1/me/tokens", headers=bearer).json()
    assert [one["label"] for one in listed if not one["here"]] == ["same"]
    fresh = {"authorization": f"Bearer {made.json()['token']}"}
    assert visitor.post(f"/api/v1/me/tokens/{made.json()['key']['id']}/end", headers=bearer).status_code == 204
    assert visitor.get("/api/v1/me", headers=fresh).status_code == 401


def test_over_the_interface_members_are_asked_in_and_shown_out(house, visitor, another):
    bearer = {"authorization": f"Bearer {house.api_token_of('manager', 'accounts')}"}
    asked = {"party_id": "property", "role": "responder", "names": {"zh": "夜班保安", "en": "Night guard"}}
    made = visitor.post("/api/v1/estates/example/invitations", json=asked, headers=bearer)
    assert made.status_code == 201
    path = made.json()["link"].removeprefix("http://tocsin.example")
    assert another.post(f"{path}/link").status_code == 200
    rows = visitor.get("/api/v1/estates/example/members", headers=bearer).json()
    member = next(one["id"] for one in rows if one["added"])
    gone = visitor.post(f"/api/v1/estates/example/members/{member}/show-out", headers=bearer)
    assert gone.json() == {"gone": True}
    assert another.get("/").status_code == 401
    higher = visitor.post("/api/v1/estates/example/invitations", json={**asked, "role": "operator"}, headers=bearer)
    assert higher.status_code == 422


def test_sessions_are_listed_and_ended_over_the_interface(house, visitor, another):
    has_account(house, visitor, "manager")
    signs_in(another, "manager")
    listed = visitor.get("/api/v1/me/sessions").json()
    assert [one["here"] for one in listed].count(True) == 1
    other = next(one for one in listed if not one["here"])
    assert other["device"] == "Test browser 1.0"
    assert visitor.post(f"/api/v1/me/sessions/{other['id']}/end").status_code == 204
    assert another.get("/api/v1/me").status_code == 401
    assert COOKIE in another.cookies
