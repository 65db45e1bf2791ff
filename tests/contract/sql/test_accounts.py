"""Accounts, invitations, tries and keys: every database gives the same answers, also to two who come at once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.domain.accounts.account import Account, Subject
from cloud.domain.accounts.first_run import FirstRun
from cloud.domain.accounts.invitation import Invitation
from cloud.domain.accounts.throttle import Against, bucket_of
from cloud.domain.community.access import IDLE, AccessKey, Matter, Origin, Purpose, Through
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Membership, Role
from cloud.errors import Conflict
from tests.fakes.estate import ESTATE, description

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def units(request):
    units = SqlUnitsOfWork(request.getfixturevalue("engine" if request.param == "sqlite" else "server"))
    with units.writing() as uow:
        uow.registers.store(description().register(1), "first")
        uow.commit()
    return units


def saves(units, *accounts):
    with units.writing() as uow:
        for account in accounts:
            uow.accounts.save(account)
        uow.commit()


def test_an_account_is_found_by_member_login_and_subject(units):
    mine = Account("guard", "night", NOW, "hash", NOW, "sealed", "pending", 7, Subject("https://login.example", "17"))
    saves(units, mine, Account("technician", "lift", NOW))
    with units.reading() as uow:
        found = uow.accounts
        assert found.any()
        assert found.of_member("guard") == found.by_login("night") == mine
        assert found.by_subject(Subject("https://login.example", "17")) == mine
        assert found.by_subject(Subject("https://other.example", "17")) is None
        assert set(found.with_accounts(["guard", "technician", "nobody"])) == {"guard", "technician"}


def test_a_login_is_one_members(units):
    saves(units, Account("guard", "night", NOW))
    with pytest.raises(Conflict):
        saves(units, Account("technician", "night", NOW))


def test_of_two_who_come_with_the_same_code_one_gets_in(units):
    saves(units, Account("guard", "night", NOW, step=5))
    with units.writing() as uow:
        uow.accounts.put_recovery("guard", ["a" * 64, "b" * 64])
        uow.commit()
    took = []

    def comes():
        with units.writing() as uow:
            took.append((uow.accounts.use_step("guard", 6), uow.accounts.use_recovery("guard", "a" * 64, NOW)))
            uow.commit()

    threads = [threading.Thread(target=comes) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(took) == [(False, False)] * 3 + [(True, True)]
    with units.writing() as uow:
        assert not uow.accounts.use_step("guard", 6)
        assert uow.accounts.recovery_left("guard") == 1
        uow.accounts.put_recovery("guard", ["c" * 64])
        assert not uow.accounts.use_recovery("guard", "b" * 64, NOW)


def test_invitations_come_back_as_they_were(units):
    member = Member(
        "m-1", "property", Names("夜班", "Night"), Role.RESPONDER, "en", (Membership("lifts", Role.RESIDENT),)
    )
    first = Invitation("i1", "h" * 64, ESTATE, member, True, "manager", NOW, NOW + DAY, "night@example.org")
    second = replace(first, id="i2", secret_hash="g" * 64, created_at=NOW + DAY, email=None, used_at=NOW)
    with units.writing() as uow:
        for one in (first, second):
            uow.accounts.save_invitation(one)
        uow.commit()
    with units.writing() as uow:
        assert uow.accounts.invitation("h" * 64) == uow.accounts.invitation_by_id("i1") == first
        assert list(uow.accounts.invitations([ESTATE])) == [second, first]
        assert list(uow.accounts.invited_email("night@example.org")) == [first]
        assert uow.accounts.forget_invitations(NOW + 2 * DAY) == 2


def test_who_was_asked_in_is_in_the_register_until_taken_out(units):
    member = Member("m-1", "property", Names("夜班", "Night"), Role.RESPONDER)
    with units.writing() as uow:
        uow.accounts.add_member(member, [ESTATE])
        assert uow.registers.find(ESTATE).members["m-1"] == member
        uow.commit()
    with units.writing() as uow:
        uow.registers.store(description().register(2), "second")
        assert uow.registers.member("m-1") == member
        assert uow.registers.find(ESTATE).members["m-1"] == member
        assert uow.accounts.added_members(ESTATE) == {"m-1"}
        assert not uow.accounts.remove_member("guard"), "the file names the guard"
        assert uow.accounts.remove_member("m-1")
        assert uow.registers.member("m-1") is None
        assert "m-1" not in uow.registers.find(ESTATE).members


def test_tries_are_kept_and_forgotten(units):
    with units.writing() as uow:
        key = uow.accounts.tries_key(NOW)
        assert uow.accounts.tries_key(NOW + DAY) == key
        assert len(key) == 32
        empty = bucket_of(Against.ACCOUNT, "night", key, NOW, 10)
        assert uow.accounts.bucket(empty) == empty
        uow.accounts.save_bucket(empty.with_one(NOW))
        assert uow.accounts.bucket(empty).level == 1
        assert uow.accounts.forget_tries(NOW) == 0
        assert uow.accounts.forget_tries(NOW + DAY) == 1


def test_the_first_run_is_one(units):
    with units.writing() as uow:
        assert uow.accounts.first_run() is None
        for run in (FirstRun("a" * 64, NOW), FirstRun("b" * 64, NOW, NOW)):
            uow.accounts.save_first_run(run)
            assert uow.accounts.first_run() == run


def test_keys_say_where_they_are_and_ended_ones_are_forgotten(units):
    session = AccessKey(
        "s" * 64, "guard", Purpose.SESSION, NOW, NOW + DAY, seen_at=NOW, origin=Origin("192.0.2.7", "Browser"),
        through=Through.MESSAGE, matters=(Matter("t1", "i1"), Matter("t2", "i2")),
    )  # fmt: skip
    token = AccessKey("t" * 64, "guard", Purpose.API, NOW, NOW + DAY)
    with units.writing() as uow:
        uow.keys.put(session)
        uow.keys.put(token)
        assert uow.keys.find(session.hash) == session
        uow.keys.seen(session.hash, NOW + IDLE)
        assert uow.keys.find(session.hash).seen_at == NOW + IDLE
        assert uow.keys.purge_links(NOW + IDLE) == 0
        assert uow.keys.purge_links(NOW + 2 * IDLE + timedelta(seconds=1)) == 1
        assert uow.keys.find(token.hash) == token
