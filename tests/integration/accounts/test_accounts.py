"""Local accounts: passwords, second factors, recovery, sessions - as people meet them, on pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.adapters.accounts.passwords import Argon2Passwords
from cloud.adapters.sql.account_tables import accounts as account_table
from cloud.adapters.sql.account_tables import recovery_codes
from cloud.domain.records.ledger import Kind
from tests.integration.accounts.at_the_door import (
    COOKIE,
    PASSWORD,
    again,
    code_of,
    has_account,
    sets_password,
    sets_up_codes,
    signs_in,
)

WRONG = "Login, password or code are not right"


def test_a_password_lets_in_and_a_wrong_one_does_not(house, visitor, another):
    has_account(house, visitor, "manager")
    assert another.get("/account").status_code == 401
    assert signs_in(another, "manager", "stairs smell of snow").status_code == 401
    came = signs_in(another, " MANAGER ")
    assert (came.status_code, came.headers["location"]) == (303, "/account")
    assert another.get("/account").status_code == 200


def test_one_answer_to_unknown_login_wrong_password_and_missing_code(house, visitor, another):
    has_account(house, visitor, "manager")
    sets_up_codes(house, visitor)
    answers = [
        signs_in(another, "nobody-here"),
        signs_in(another, "manager", "stairs smell of snow"),
        signs_in(another, "manager"),
        signs_in(another, "manager", code="000000"),
    ]
    shown = {answer.text.replace("nobody-here", "manager") for answer in answers}
    assert {answer.status_code for answer in answers} == {401}
    assert len(shown) == 1
    assert WRONG in shown.pop()


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short one", "At least 12 characters"),
        ("unbelievable", "Everybody tries this one first"),
        ("aaaaaaaaaaaaaa", "Everybody tries this one first"),
        ("123456789012", "Everybody tries this one first"),
        ("managermanager1", "little more than the login"),
        ("x" * 257, "At most 256 characters"),
    ],
)
def test_a_weak_password_is_not_taken_and_says_why(house, manager, password, why):
    if password == "unbelievable":
        password = next(word for word in sorted(house.common()) if len(word) >= 12 and not word.isdecimal())
    answer = sets_password(manager, "manager", password)
    assert answer.status_code == 422
    assert why in manager.post("/account/password?lang=en", data=again(password)).text
    assert house.services.accounts.own.view(house.identity("manager")).login is None


def test_no_signs_are_asked_of_a_password_and_any_letters_do(house, visitor, another):
    has_account(house, visitor, "manager")
    assert sets_password(visitor, "", "雨天楼道里有一股潮湿的味道", PASSWORD).status_code == 200
    assert signs_in(another, "manager", "雨天楼道里有一股潮湿的味道").status_code == 303


def test_the_database_holds_neither_password_nor_secret_nor_recovery_code(house, visitor):
    has_account(house, visitor, "manager")
    secret, codes = sets_up_codes(house, visitor)
    with house.engine.connect() as connection:
        kept = str(connection.execute(account_table.select()).all()) + str(
            connection.execute(recovery_codes.select()).all()
        )
    assert "$argon2id$" in kept
    for hidden in (PASSWORD, secret, *codes, *(code.replace("-", "") for code in codes)):
        assert hidden not in kept


def test_a_code_counts_once(house, visitor, another, browsers):
    has_account(house, visitor, "manager")
    secret, _ = sets_up_codes(house, visitor)
    assert signs_in(another, "manager", code=code_of(house, secret)).status_code == 401, "it confirmed the app already"
    house.clock.pass_by(timedelta(seconds=30))
    code = code_of(house, secret)
    assert signs_in(another, "manager", code=code).status_code == 303
    thief = browsers()
    assert signs_in(thief, "manager", code=code).status_code == 401
    house.clock.pass_by(timedelta(seconds=30))
    assert signs_in(thief, "manager", code=code_of(house, secret, -1)).status_code == 401, "an older one too"


def test_a_recovery_code_stands_in_for_the_phone_once(house, visitor, another, browsers):
    has_account(house, visitor, "manager")
    _, codes = sets_up_codes(house, visitor)
    assert len(set(codes)) == 10
    assert signs_in(another, "manager", code=codes[3].lower().replace("-", " ")).status_code == 303
    thief = browsers()
    assert signs_in(thief, "manager", code=codes[3]).status_code == 401
    assert "9 recovery codes are left" in another.get("/account?lang=en").text
    fresh = another.post("/account/recovery-codes", data={"present": PASSWORD})
    assert fresh.status_code == 200
    thief = browsers()
    assert signs_in(thief, "manager", code=codes[4]).status_code == 401, "new codes end the former"


def test_the_second_factor_goes_only_with_the_password(house, visitor, another):
    has_account(house, visitor, "manager")
    sets_up_codes(house, visitor)
    assert visitor.post("/account/second-factor/end", data={"present": "not it at all"}).status_code == 401
    assert signs_in(another, "manager").status_code == 401
    assert visitor.post("/account/second-factor/end", data={"present": PASSWORD}).status_code == 303
    assert signs_in(another, "manager").status_code == 303


def test_changing_the_password_asks_for_the_present_one_and_signs_others_out(house, visitor, another):
    has_account(house, visitor, "manager")
    assert signs_in(another, "manager").status_code == 303
    assert sets_password(visitor, "", "rain smells of stairs").status_code == 401
    assert sets_password(visitor, "", "rain smells of stairs", PASSWORD).status_code == 200
    assert visitor.get("/account").status_code == 200
    assert another.get("/account").status_code == 401
    assert signs_in(another, "manager").status_code == 401
    assert signs_in(another, "manager", "rain smells of stairs").status_code == 303


def test_a_session_that_was_ended_opens_nothing_whoever_has_its_cookie(house, visitor, another, browsers):
    has_account(house, visitor, "manager")
    signs_in(another, "manager")
    stolen = another.cookies[COOKIE]
    key = next(one for one in house.sessions("manager") if one.origin.device == "Test browser 1.0")
    listed = visitor.get("/account").text
    assert "Test browser 1.0" in listed
    assert "127.0.0.1" in listed
    assert visitor.post(f"/account/sessions/{key.id}/end").status_code == 303
    thief = browsers()
    thief.cookies.set(COOKIE, stolen)
    for path in ("/", "/account", "/api/v1/me", "/api/v1/me/sessions"):
        assert thief.get(path).status_code == 401


def test_ending_all_others_takes_personal_links_with_them(house, visitor, another):
    link = house.link_for("manager")
    has_account(house, visitor, "manager")
    signs_in(another, "manager")
    assert visitor.post("/account/sessions/end-others").status_code == 303
    assert another.get("/account").status_code == 401
    assert another.post(f"/enter/{link}").status_code == 401
    assert visitor.get("/account").status_code == 200


def test_signing_in_gives_a_new_session_and_ends_the_one_that_was_planted(house, visitor, another):
    has_account(house, visitor, "manager")
    planted = house.session_of("manager")
    another.cookies.set(COOKIE, planted)
    came = signs_in(another, "manager")
    fresh = came.cookies[COOKIE]
    assert fresh != planted
    another.cookies.clear()
    another.cookies.set(COOKIE, planted)
    assert another.get("/account").status_code == 401
    another.cookies.set(COOKIE, fresh)
    assert another.get("/account").status_code == 200


def test_a_session_ends_when_nobody_uses_it_and_when_its_time_is_up(house, visitor):
    visitor.cookies.set(COOKIE, house.session_of("manager"))
    for _ in range(3):
        house.clock.pass_by(timedelta(hours=3, minutes=59))
        if house.clock.now() < house.built_at + timedelta(hours=12):
            assert visitor.get("/account").status_code == 200, "who uses it stays in"
    house.clock.pass_by(timedelta(minutes=4))
    assert visitor.get("/account").status_code == 401, "twelve hours are over"
    visitor.cookies.set(COOKIE, house.session_of("manager"))
    house.clock.pass_by(timedelta(hours=4))
    assert visitor.get("/account").status_code == 401, "four hours unused"


def test_the_cookie_is_bound_to_this_site_and_hidden_from_scripts(house, visitor, another):
    has_account(house, visitor, "manager")
    said = signs_in(another, "manager").headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere_after_signing_in(house, visitor, another, onward):
    has_account(house, visitor, "manager")
    assert signs_in(another, "manager", onward=onward).headers["location"] == "/"


def test_passwords_are_hashed_anew_when_the_figures_change(house, visitor, another):
    has_account(house, visitor, "manager")
    before = house.account("manager").password
    house.services.accounts.password._proving.means.passwords._passes = 2
    del house.services.accounts.password._proving.means.passwords.__dict__["_hasher"]
    assert signs_in(another, "manager").status_code == 303
    after = house.account("manager").password
    assert "t=1" in before
    assert "t=2" in after


def test_the_ledger_tells_what_changed_and_keeps_the_secrets(house, visitor, another):
    has_account(house, visitor, "manager", "boss")
    sets_up_codes(house, visitor)
    told = [entry for entry in house.ledger() if entry.kind in (Kind.ACCOUNT_CHANGED, Kind.SIGNED_IN)]
    assert [entry.data.get("what") or entry.data["through"] for entry in told] == [
        "link", "password-set", "second-factor-on",
    ]  # fmt: skip
    assert PASSWORD not in str(house.ledger())
    assert "boss" not in str(house.ledger()), "a login is nobody's business"


def test_production_hashes_as_owasp_asks():
    assert Argon2Passwords().hash("a few words will do").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
