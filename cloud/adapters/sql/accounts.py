"""Accounts, invitations and tries in SQL."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from cloud.adapters.sql.account_tables import (
    accounts,
    first_run,
    invitations,
    recovery_codes,
    second_factor_asks,
    sign_in_tries,
)
from cloud.adapters.sql.alone import Book, hold
from cloud.adapters.sql.invited_members import SqlInvitedMembers
from cloud.adapters.sql.report_sources import SqlReportSources
from cloud.adapters.sql.upserting import insert_new, upsert
from cloud.domain.accounts.account import Account, Subject
from cloud.domain.accounts.first_run import FirstRun
from cloud.domain.accounts.invitation import Invitation
from cloud.domain.accounts.throttle import Bucket
from cloud.domain.community.party import Member

_MEMBER: Final = TypeAdapter(Member)
_TRIES_KEY: Final = "sign-in-tries"


class SqlAccounts(SqlInvitedMembers):
    """Implements `account_ports.AccountBook`."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._connection = connection
        self._alone = False

    def hold(self) -> None:
        if not self._alone:
            hold(self._connection, Book.ACCOUNTS)
            self._alone = True

    def of_member(self, member_id: str) -> Account | None:
        return self._one(select(accounts).where(accounts.c.member_id == member_id))

    def by_login(self, login: str) -> Account | None:
        return self._one(select(accounts).where(accounts.c.login == login))

    def by_subject(self, subject: Subject) -> Account | None:
        return self._one(select(accounts).where(accounts.c.issuer == subject.issuer, accounts.c.sub == subject.sub))

    def with_accounts(self, members: Collection[str]) -> Mapping[str, Account]:
        rows = self._connection.execute(select(accounts).where(accounts.c.member_id.in_(list(members))))
        return {row.member_id: _account(row) for row in rows}

    def any(self) -> bool:
        self.hold()
        return self._connection.execute(select(accounts.c.member_id).limit(1)).first() is not None

    def save(self, account: Account) -> None:
        subject = account.subject
        row = {
            "member_id": account.member_id,
            "login": account.login,
            "created_at": account.created_at,
            "password": account.password,
            "password_at": account.password_at,
            "secret": account.secret,
            "pending": account.pending,
            "step": account.step,
            "issuer": subject.issuer if subject else None,
            "sub": subject.sub if subject else None,
        }
        upsert(self._connection, accounts, [row])

    def remove(self, member_id: str) -> None:
        for table in (recovery_codes, second_factor_asks, accounts):
            self._connection.execute(delete(table).where(table.c.member_id == member_id))

    def use_step(self, member_id: str, step: int) -> bool:
        # One statement, so that of two who come with the same code at once only one gets in.
        mine = (accounts.c.member_id == member_id, accounts.c.step < step)
        return self._connection.execute(update(accounts).where(*mine).values(step=step)).rowcount == 1

    def put_recovery(self, member_id: str, hashes: Sequence[str]) -> None:
        self._connection.execute(delete(recovery_codes).where(recovery_codes.c.member_id == member_id))
        if hashes:
            rows = [{"member_id": member_id, "hash": hash_, "used_at": None} for hash_ in hashes]
            self._connection.execute(insert(recovery_codes), rows)

    def use_recovery(self, member_id: str, hash_: str, now: datetime) -> bool:
        table = recovery_codes
        mine = (table.c.member_id == member_id, table.c.hash == hash_, table.c.used_at.is_(None))
        return self._connection.execute(update(table).where(*mine).values(used_at=now)).rowcount == 1

    def recovery_left(self, member_id: str) -> int:
        table = recovery_codes
        query = select(func.count()).where(table.c.member_id == member_id, table.c.used_at.is_(None))
        return int(self._connection.execute(query).scalar_one())

    def second_factor_asked(self, member_id: str, now: datetime) -> datetime:
        row = {"member_id": member_id, "asked_at": now}
        insert_new(self._connection, second_factor_asks, row)
        mine = second_factor_asks.c.member_id == member_id
        found: datetime = self._connection.execute(select(second_factor_asks.c.asked_at).where(mine)).scalar_one()
        return found

    def second_factor_not_asked(self, member_id: str) -> None:
        self._connection.execute(delete(second_factor_asks).where(second_factor_asks.c.member_id == member_id))

    def invitation(self, secret_hash: str) -> Invitation | None:
        found = self._invitations(select(invitations).where(invitations.c.secret_hash == secret_hash))
        return found[0] if found else None

    def invitation_by_id(self, invitation_id: str) -> Invitation | None:
        found = self._invitations(select(invitations).where(invitations.c.id == invitation_id))
        return found[0] if found else None

    def invitations(self, estates: Collection[str]) -> Sequence[Invitation]:
        query = select(invitations).where(invitations.c.estate.in_(list(estates)))
        return self._invitations(query.order_by(invitations.c.created_at.desc(), invitations.c.id.desc()).limit(200))

    def invited_email(self, email: str) -> Sequence[Invitation]:
        query = select(invitations).where(invitations.c.email == email, invitations.c.used_at.is_(None))
        return self._invitations(query.order_by(invitations.c.created_at.desc()))

    def save_invitation(self, invitation: Invitation) -> None:
        row = {
            "id": invitation.id,
            "secret_hash": invitation.secret_hash,
            "estate": invitation.estate,
            "member_id": invitation.member.id,
            "body": _MEMBER.dump_json(invitation.member).decode(),
            "new": invitation.new,
            "by": invitation.by,
            "email": invitation.email,
            "created_at": invitation.created_at,
            "expires_at": invitation.expires_at,
            "used_at": invitation.used_at,
            "revoked_at": invitation.revoked_at,
        }
        upsert(self._connection, invitations, [row])

    def forget_invitations(self, before: datetime) -> int:
        return self._connection.execute(delete(invitations).where(invitations.c.expires_at < before)).rowcount

    def bucket(self, empty: Bucket) -> Bucket:
        self.hold()
        query = select(sign_in_tries).where(sign_in_tries.c.source == empty.source)
        row = self._connection.execute(query).one_or_none()
        return replace(empty, level=row.level, at=row.at) if row else empty

    def save_bucket(self, bucket: Bucket) -> None:
        row = {"source": bucket.source, "against": bucket.against.value, "level": bucket.level, "at": bucket.at}
        upsert(self._connection, sign_in_tries, [row])

    def forget_tries(self, before: datetime) -> int:
        return self._connection.execute(delete(sign_in_tries).where(sign_in_tries.c.at < before)).rowcount

    def tries_key(self, now: datetime) -> bytes:
        self.hold()
        keys = SqlReportSources(self._connection)
        return keys.key(_TRIES_KEY) or keys.make_key(_TRIES_KEY, now)

    def first_run(self) -> FirstRun | None:
        self.hold()
        row = self._connection.execute(select(first_run)).one_or_none()
        return FirstRun(row.code_hash, row.created_at, row.used_at) if row else None

    def save_first_run(self, run: FirstRun) -> None:
        row = {"id": 1, "code_hash": run.code_hash, "created_at": run.created_at, "used_at": run.used_at}
        upsert(self._connection, first_run, [row])

    def _one(self, query: Select[Any]) -> Account | None:
        self.hold()
        row = self._connection.execute(query).one_or_none()
        return _account(row) if row else None

    def _invitations(self, query: Select[Any]) -> list[Invitation]:
        self.hold()
        return [
            Invitation(
                id=row.id,
                secret_hash=row.secret_hash,
                estate=row.estate,
                member=_MEMBER.validate_python(json.loads(row.body)),
                new=row.new,
                by=row.by,
                created_at=row.created_at,
                expires_at=row.expires_at,
                email=row.email,
                used_at=row.used_at,
                revoked_at=row.revoked_at,
            )
            for row in self._connection.execute(query)
        ]


def _account(row: Row[Any]) -> Account:
    return Account(
        member_id=row.member_id,
        login=row.login,
        created_at=row.created_at,
        password=row.password,
        password_at=row.password_at,
        secret=row.secret,
        pending=row.pending,
        step=row.step,
        subject=Subject(row.issuer, row.sub) if row.issuer is not None else None,
    )
