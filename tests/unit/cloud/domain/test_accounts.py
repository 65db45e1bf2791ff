"""Passwords, tries, recovery codes, invitations: the rules by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.accounts.account import is_login, login_name
from cloud.domain.accounts.invitation import INVITES, RANKS, invitation_problem
from cloud.domain.accounts.passwords import LONGEST, SHORTEST, SHORTEST_WITH_SECOND, as_compared, password_problem
from cloud.domain.accounts.recovery import is_recovery_code, new_code, recovery_hash
from cloud.domain.accounts.throttle import EMPTIES_IN, Against, Limits, bucket_of
from cloud.domain.community.access import IDLE, AccessKey, Purpose
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Membership, Role

NOW = datetime(2026, 5, 12, 19, 4, 10, tzinfo=UTC)
KEY = b"k" * 32
MOST = Limits().account


def judged(password: str, *, second_factor: bool = False, common: frozenset[str] = frozenset()) -> Names | None:
    return password_problem(password, ("night", "tocsin"), common, second_factor=second_factor)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=SHORTEST, max_size=64))
def test_of_long_enough_passwords_only_what_says_little_is_refused(password):
    problem = judged(password)
    text = as_compared(password).casefold()
    if problem is not None and len(as_compared(password)) >= SHORTEST:
        repeated = len(set(text)) <= 2
        named = "night" in text or "tocsin" in text
        run = len({ord(b) - ord(a) for a, b in pairwise(text)}) <= 2
        assert repeated or named or run or len(as_compared(password)) > LONGEST


def test_length_is_what_counts_and_less_suffices_beside_a_second_factor():
    assert judged("elevenchar!") is not None
    assert judged("twelve chars") is None
    assert judged("eight cc", second_factor=True) is None
    assert judged("seven c", second_factor=True) is not None
    assert (SHORTEST, SHORTEST_WITH_SECOND) == (12, 8)


def test_what_everybody_tries_is_refused_in_any_case():
    assert judged("Correct Horse!", common=frozenset({"correct horse!"})) is not None
    assert judged("correct horses", common=frozenset({"correct horse!"})) is None


def test_the_same_letters_are_the_same_password_however_they_were_typed():
    assert as_compared("cafe\u0301 am Eck") == as_compared("caf\u00e9 am Eck")


@given(st.lists(st.floats(0, 600), max_size=60))
def test_a_bucket_never_lets_more_through_than_it_holds_and_what_leaks(waits):
    bucket, now, taken = bucket_of(Against.ACCOUNT, "somebody", KEY, NOW, MOST), NOW, 0
    for wait in waits:
        now += timedelta(seconds=wait)
        if not bucket.full(now):
            bucket, taken = bucket.with_one(now), taken + 1
    assert taken <= MOST * (1 + (now - NOW) / EMPTIES_IN) + 1e-6


def test_a_bucket_empties_and_a_clock_set_back_neither_fills_nor_empties_it():
    bucket = bucket_of(Against.ACCOUNT, "somebody", KEY, NOW, MOST)
    for _ in range(MOST):
        bucket = bucket.with_one(NOW)
    assert bucket.full(NOW)
    assert bucket.full(NOW - timedelta(days=365))
    assert not bucket.full(NOW + EMPTIES_IN / 10)
    assert bucket.now(NOW + EMPTIES_IN) == 0


@given(st.integers(3, 200), st.floats(0, 900))
def test_who_waits_as_long_as_they_are_told_is_let_through(most, later):
    bucket = bucket_of(Against.ADDRESS, "somewhere", KEY, NOW, most)
    while not bucket.full(NOW):
        bucket = bucket.with_one(NOW)
    now = NOW + timedelta(seconds=later)
    assert not bucket.full(now + bucket.waits(now))
    assert bucket.waits(NOW) <= EMPTIES_IN


def test_sources_are_hashed_under_the_key_and_by_what_they_are():
    known = {
        bucket_of(against, "203.0.113.7", key, NOW, MOST).source
        for against in Against
        for key in (KEY, b"another" + KEY[7:])
    }
    assert len(known) == 2 * len(Against)


def test_recovery_codes_may_be_typed_as_they_are_read():
    code = new_code()
    said = recovery_hash("guard", code)
    for typed in (code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} ", code.replace("O", "0")):
        assert is_recovery_code(typed)
        assert recovery_hash("guard", typed) == said
    assert recovery_hash("manager", code) != said
    assert not is_recovery_code("123456")


@pytest.mark.parametrize(("typed", "name"), [(" Night ", "night"), ("ＮＩＧＨＴ", "night"), ("夜班", "夜班")])
def test_logins_are_compared_without_case_and_width(typed, name):
    assert login_name(typed) == name
    assert is_login(name)


@pytest.mark.parametrize("typed", ["", "a", "two words", "x" * 65, "<b>", "a/b", "\u202eabc", ".hidden"])
def test_what_is_no_login(typed):
    assert not is_login(login_name(typed))


ROLES = st.sampled_from(list(Role))
PARTIES = st.sampled_from(["a", "b", "c"])
PEOPLE = st.builds(
    lambda id_, party, role, also: Member(id_, party, Names(id_, id_), role, also=tuple(also)),
    st.sampled_from(["x", "y"]), PARTIES, ROLES, st.lists(st.builds(Membership, PARTIES, ROLES), max_size=2),
)  # fmt: skip
ESTATES = st.frozensets(st.sampled_from(["e1", "e2", "e3"]))


@given(PEOPLE, PEOPLE, ESTATES, ESTATES)
def test_nobody_lets_in_more_than_they_are(inviter, invited, theirs, own):
    if invitation_problem(inviter, invited, theirs, own) is None:
        assert inviter.role in INVITES
        assert inviter.id != invited.id
        assert theirs
        assert theirs <= own
        assert all(RANKS[one.role] <= RANKS[inviter.role] for one in invited.memberships)
        if inviter.role is Role.MANAGER:
            assert {one.party_id for one in invited.memberships} <= {one.party_id for one in inviter.memberships}


def test_a_session_ends_unused_and_a_token_does_not():
    session = AccessKey("h" * 64, "guard", Purpose.SESSION, NOW, NOW + timedelta(hours=12))
    token = AccessKey("t" * 64, "guard", Purpose.API, NOW)
    assert session.opens(Purpose.SESSION, NOW + IDLE - timedelta(seconds=1))
    assert not session.opens(Purpose.SESSION, NOW + IDLE)
    assert token.opens(Purpose.API, NOW + timedelta(days=3650))
    assert not token.opens(Purpose.SESSION, NOW)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True), ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True), ("192.0.2.1", "192.0.2.2", False), ("fe80::1%eth0", "fe80::2", True),
        ("unknown", "unknown", True), ("unknown", "192.0.2.1", False),
    ],
)  # fmt: skip
def test_tries_of_one_connection_are_counted_together_whatever_address_of_it_they_come_from(one, other, same):
    sources = [bucket_of(Against.LABEL, address, KEY, NOW, MOST).source for address in (one, other)]
    assert (sources[0] == sources[1]) is same
