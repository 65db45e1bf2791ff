"""A second factor that is asked of managers and administrators: shown with the days that are left, then a gate; nobody is locked out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.application.estates.sign_in import SignIn
from cloud.domain.accounts.second_factor import ASKED, SecondFactorRule
from cloud.domain.community.access import Purpose
from cloud.domain.records.ledger import Kind
from tests.integration.accounts.at_the_door import (
    COOKIE,
    PASSWORD,
    code_of,
    has_account,
    sets_password,
    sets_up_codes,
    signs_in,
)
from tests.integration.accounts.test_links_in_messages import message_to

GATE = "/account/second-factor"
GRACE = timedelta(days=7)


@pytest.fixture
def house(house):
    """The same with the rule that production has; those who are in already came before it."""
    house.services.sign_in.second_factor = SecondFactorRule(ASKED, GRACE)
    house.services.accounts.own._rule = house.services.sign_in.second_factor
    return house


@pytest.fixture(autouse=True)
def in_english(visitor, another):
    for browser in (visitor, another):
        browser.cookies.set("tocsin_lang", "en")


def comes_by_link(house, client, member):
    client.cookies.set(COOKIE, house.session_of(member))
    return client


def test_the_page_is_reached_at_sign_in_and_says_until_when_one_may_do_without(house, visitor, another):
    has_account(house, visitor, "manager")
    came = signs_in(another, "manager", onward="/fleet")
    assert (came.status_code, came.headers["location"]) == (303, f"{GATE}?next=%2Ffleet")
    page = another.get(f"{GATE}?next=/fleet").text
    assert "You have until" in page
    assert 'href="/fleet">Later' in page
    board = another.get("/?lang=en")
    assert board.status_code == 200, "these days are theirs"
    assert "Your role requires a second factor. From" in board.text


def test_when_the_days_are_over_a_new_session_opens_nothing_but_the_gate(house, visitor, another):
    has_account(house, visitor, "manager")
    house.clock.pass_by(GRACE - timedelta(hours=1))
    signs_in(another, "manager")
    house.clock.pass_by(timedelta(hours=2))
    assert another.get("/fleet").status_code == 200, "nobody is put out in the middle of an incident"
    came = signs_in(another, "manager", onward="/fleet")
    assert came.headers["location"] == f"{GATE}?next=%2Ffleet"
    for path in ("/", "/fleet", "/account", "/members"):
        turned = another.get(path)
        assert (turned.status_code, turned.headers["location"].partition("?")[0]) == (303, GATE)
    assert another.post("/account/tokens", data={"label": "x", "days": 9, "scopes": "read"}).status_code == 403
    refused = another.get("/api/v1/incidents")
    assert refused.status_code == 403
    assert refused.json()["type"] == "/problems/second-factor-needed"
    assert "The grace period is over" in another.get(GATE).text


def test_who_sets_it_up_at_the_gate_goes_on(house, visitor, another):
    has_account(house, visitor, "manager")
    house.clock.pass_by(GRACE)
    signs_in(another, "manager")
    _, codes = sets_up_codes(house, another)
    assert len(codes) == 10
    assert another.get("/fleet").status_code == 200
    assert "Your role requires a second factor" not in another.get("/?lang=en").text


def test_a_sign_in_with_a_code_is_asked_nothing_more(house, visitor, another):
    has_account(house, visitor, "manager")
    secret, _ = sets_up_codes(house, visitor)
    house.clock.pass_by(GRACE)
    came = signs_in(another, "manager", code=code_of(house, secret), onward="/fleet")
    assert came.headers["location"] == "/fleet"
    assert another.get("/fleet").status_code == 200


def test_of_others_nothing_is_asked(house, visitor):
    house.clock.pass_by(GRACE * 2)
    for member in ("guard", "officer", "engineer"):
        comes_by_link(house, visitor, member)
        page = visitor.get("/?lang=en")
        assert page.status_code == 200
        assert "A second factor is asked" not in page.text


def test_a_link_alone_is_no_second_factor_and_a_code_opens_its_session(house, visitor, another):
    has_account(house, visitor, "manager")
    secret, codes = sets_up_codes(house, visitor)
    comes_by_link(house, another, "manager")
    assert another.get("/fleet").status_code == 303
    assert "You signed in without your second factor" in another.get(GATE).text
    assert another.post(f"{GATE}/proof", data={"code": "000000"}).status_code == 401
    house.clock.pass_by(timedelta(seconds=30))
    proven = another.post(f"{GATE}/proof", data={"code": code_of(house, secret), "next": "/fleet"})
    assert (proven.status_code, proven.headers["location"]) == (303, "/fleet")
    assert another.get("/fleet").status_code == 200
    comes_by_link(house, another, "manager")
    assert another.post(f"{GATE}/proof", data={"code": codes[0]}).status_code == 303, "a recovery code as well"


def test_whoever_holds_a_link_cannot_put_another_phone_or_password_in_the_owners_place(house, visitor, another):
    has_account(house, visitor, "manager")
    sets_up_codes(house, visitor)
    comes_by_link(house, another, "manager")
    assert another.post(GATE).status_code == 403
    assert another.post(f"{GATE}/confirm", data={"code": "000000"}).status_code == 403
    taken = {"login": "mine", "password": "rain smells of stairs", "again": "rain smells of stairs"}
    assert another.post(f"{GATE}/password", data=taken).status_code == 403
    assert another.post("/account/password", data=taken).status_code == 403
    assert signs_in(visitor, "manager", "rain smells of stairs").status_code == 401


def test_guessing_at_the_code_ends(house, visitor, another):
    has_account(house, visitor, "manager")
    sets_up_codes(house, visitor)
    comes_by_link(house, another, "manager")
    answers = [another.post(f"{GATE}/proof", data={"code": f"{n:06}"}).status_code for n in range(11)]
    assert answers == [401] * 10 + [429]


def test_who_has_no_password_sets_one_at_the_gate(house, visitor):
    comes_by_link(house, visitor, "manager")
    visitor.get("/")
    house.clock.pass_by(GRACE)
    comes_by_link(house, visitor, "manager")
    assert "Set a password first" in visitor.get(GATE).text
    form = {"login": "manager", "password": PASSWORD, "again": PASSWORD, "next": "/fleet"}
    assert visitor.post(f"{GATE}/password", data=form).headers["location"] == f"{GATE}?next=%2Ffleet"
    sets_up_codes(house, visitor)
    assert visitor.get("/fleet").status_code == 200


def test_the_link_in_a_message_opens_its_task_whatever_is_asked(house, visitor):
    house.clock.pass_by(GRACE * 3)
    task = house.goes_wrong("lift.entrapment", "b3/lift-2")
    came = visitor.post(f"/enter/{message_to(house, 'manager', task)}")
    assert visitor.get(came.headers["location"]).status_code == 200


def test_it_is_replaced_and_not_ended(house, visitor):
    has_account(house, visitor, "manager")
    sets_up_codes(house, visitor)
    assert visitor.post(f"{GATE}/end", data={"present": PASSWORD}).status_code == 403
    assert "Another phone" in visitor.get("/account?lang=en").text
    sets_up_codes(house, visitor)


def test_the_operator_lets_in_who_has_lost_phone_and_codes(house, visitor, another):
    has_account(house, visitor, "manager")
    sets_up_codes(house, visitor)
    house.clock.pass_by(GRACE * 2)
    assert house.services.accounts.second_factor.reset("manager", actor="operator:root")
    assert visitor.get("/account").status_code == 401, "whoever has the phone now is out"
    assert signs_in(another, "manager", onward="/fleet").headers["location"].startswith(GATE)
    assert another.get("/fleet").status_code == 200, "the days begin anew"
    told = [entry for entry in house.ledger() if entry.kind == Kind.ACCOUNT_CHANGED]
    assert [entry.data["what"] for entry in told][-1] == "second-factor-reset"
    assert told[-1].actor == "operator:root"
    assert not house.services.accounts.second_factor.reset("manager", actor="operator:root")


def test_where_nobody_is_asked_a_held_session_is_open_again(house, visitor):
    has_account(house, visitor, "manager")
    sets_up_codes(house, visitor)
    comes_by_link(house, visitor, "manager")
    assert visitor.get("/fleet").status_code == 303
    house.services.sign_in.second_factor = SecondFactorRule()
    assert visitor.get("/fleet").status_code == 200


def test_api_tokens_are_their_own_proof(house, visitor):
    house.clock.pass_by(GRACE * 3)
    token = house.services.sign_in.issue_api_token("manager").token
    assert visitor.get("/api/v1/incidents", headers={"authorization": f"Bearer {token}"}).status_code == 200


def test_the_days_count_from_when_it_was_first_asked(house):
    sign_in: SignIn = house.services.sign_in
    first = house.session_of("manager")
    house.clock.pass_by(timedelta(days=3))
    second = house.session_of("manager")
    asked = [sign_in.identify(token, Purpose.SESSION).factor_by for token in (second,)]
    assert asked == [house.clock.now() - timedelta(days=3) + GRACE]
    assert first != second


def test_passwords_of_others_are_set_as_before(house, visitor):
    comes_by_link(house, visitor, "guard")
    assert sets_password(visitor, "guard").status_code == 200
