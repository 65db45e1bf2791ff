"""One's own account: its password, its second factor, the codes on paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from cloud.application.accounts.proving import Proving, refused
from cloud.application.accounts.second_factor import opened
from cloud.application.accounts.telling import tell_change
from cloud.application.estates.revoking import revoke_all
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.accounts.account import Account, is_login, login_name
from cloud.domain.accounts.recovery import HOW_MANY, new_code, recovery_hash
from cloud.domain.accounts.second_factor import ASKS_NOBODY, SecondFactorRule
from cloud.domain.community.names import Names
from cloud.errors import Conflict, NotAllowed


@dataclass(frozen=True, slots=True)
class AccountView:
    """`login` None: there is no account yet, links only."""

    login: str | None
    has_password: bool
    password_at: datetime | None
    second_factor: bool
    recovery_left: int
    organisation: str | None
    second_factor_asked: bool = False


@dataclass(frozen=True, slots=True)
class Provisioning:
    """What the authenticator app is given: to read from a picture, or to type."""

    secret: str
    address: str


class OwnAccount:
    """`rule`: of whom a second factor is asked; these do not end it."""

    def __init__(
        self, units: UnitsOfWork, clock: Clock, proving: Proving, rule: SecondFactorRule = ASKS_NOBODY
    ) -> None:
        self._units, self._clock, self._proving, self._rule = units, clock, proving, rule

    def view(self, me: Identity) -> AccountView:
        with self._units.reading() as uow:
            account = uow.accounts.of_member(me.member.id)
            left = uow.accounts.recovery_left(me.member.id)
        asked = self._rule.asks(me.member.role)
        if account is None:
            return AccountView(
                None,
                has_password=False,
                password_at=None,
                second_factor=False,
                recovery_left=0,
                organisation=None,
                second_factor_asked=asked,
            )
        subject = account.subject
        return AccountView(
            account.login,
            has_password=account.password is not None,
            password_at=account.password_at,
            second_factor=account.second_factor,
            recovery_left=left,
            organisation=subject.issuer if subject else None,
            second_factor_asked=asked,
        )

    def set_password(self, me: Identity, login: str, present: str, password: str, *, address: str) -> None:
        """The first password, with a login, or another one; whoever else is signed in as me is so no longer. Raises Refused,
        Conflict, Unauthenticated, Throttled.
        """
        account = self._mine(me)
        _proven(me, account)
        name = account.login if account else checked_login(login)
        if account is not None:
            self._proving.again(account, present, address)
        hashed = self._proving.means.hashed(password, name, second_factor=bool(account and account.second_factor))
        now = self._clock.now()
        with self._units.writing() as uow:
            before = uow.accounts.of_member(me.member.id) or new_account(uow, me.member.id, name, now)
            uow.accounts.save(before.with_password(hashed, now))
            revoke_all(uow, me.member.id, now, actor=f"member:{me.member.id}", keep=me.key_id)
            tell_change(uow, me.member.id, "password-set", now)
            uow.commit()

    def begin_second_factor(self, me: Identity) -> Provisioning:
        """A new secret, which counts when a code has proven that the app has it. Raises Conflict without a password."""
        means = self._proving.means
        secret = means.codes().new_secret()
        with self._units.writing() as uow:
            account = self._with_password(uow.accounts.of_member(me.member.id))
            _proven(me, account)
            uow.accounts.save(replace(account, pending=means.seal().sealed(secret, me.member.id)))
            uow.commit()
        return Provisioning(secret, means.codes().address(secret, account.login))

    def pending(self, me: Identity) -> Provisioning | None:
        """The one that waits to be proven, to be shown again."""
        account, means = self._mine(me), self._proving.means
        if account is None or account.pending is None:
            return None
        secret = means.seal().opened(account.pending, me.member.id)
        return Provisioning(secret, means.codes().address(secret, account.login))

    def confirm_second_factor(self, me: Identity, code: str, *, address: str) -> list[str]:
        """From now on a code is asked for. Gives the recovery codes, shown this once. Raises Unauthenticated, Conflict."""
        means, now = self._proving.means, self._clock.now()
        self._proving.tries.take(address, self._with_password(self._mine(me)).login)
        with self._units.writing() as uow:
            account = self._with_password(uow.accounts.of_member(me.member.id))
            _proven(me, account)
            if account.pending is None:
                raise Conflict("No second factor waits to be proven. Begin again.", "没有待确认的动态码，请重新开始")
            step = means.codes().step_of(means.seal().opened(account.pending, me.member.id), code, now)
            if step is None:
                raise refused(
                    Names(
                        "动态码不正确，请检查手机时间是否自动设置",
                        "The code is not right. Check that the phone sets its time by itself",
                    )
                )
            self._proving.tries.forgive(uow, address, account.login)
            uow.accounts.save(account.confirmed(step))
            codes = fresh_codes(uow, me.member.id)
            opened(uow, me)
            tell_change(uow, me.member.id, "second-factor-on", now)
            uow.commit()
        return codes

    def end_second_factor(self, me: Identity, password: str, *, address: str) -> None:
        """Raises NotAllowed where the member's role has to have one; another phone takes its place."""
        if self._rule.asks(me.member.role):
            raise NotAllowed(
                "A second factor is asked of your role here. With another phone, set codes up anew: the former end with it.",
                "您的角色必须启用动态码。更换手机时请重新设置，原有的随即失效",
            )
        account = self._with_password(self._mine(me))
        self._proving.again(account, password, address)
        with self._units.writing() as uow:
            uow.accounts.save(self._with_password(uow.accounts.of_member(me.member.id)).without_second_factor())
            uow.accounts.put_recovery(me.member.id, [])
            tell_change(uow, me.member.id, "second-factor-off", self._clock.now())
            uow.commit()

    def new_recovery_codes(self, me: Identity, password: str, *, address: str) -> list[str]:
        """In place of the former ones. Raises Conflict where there is no second factor."""
        account = self._with_password(self._mine(me))
        if not account.second_factor:
            raise Conflict("There is no second factor to recover from.", "尚未启用动态码")
        self._proving.again(account, password, address)
        with self._units.writing() as uow:
            codes = fresh_codes(uow, me.member.id)
            tell_change(uow, me.member.id, "recovery-codes-made", self._clock.now())
            uow.commit()
        return codes

    def _mine(self, me: Identity) -> Account | None:
        with self._units.reading() as uow:
            return uow.accounts.of_member(me.member.id)

    @staticmethod
    def _with_password(account: Account | None) -> Account:
        if account is None or account.password is None:
            raise Conflict("Set a password first: a second factor is second to it.", "请先设置密码")
        return account


def _proven(me: Identity, account: Account | None) -> None:
    """Whoever came by a link alone must not put a phone of their own in the place of the owner's. Raises NotAllowed."""
    if me.held and account is not None and account.second_factor:
        raise NotAllowed("Type a code of the present second factor first.", "请先输入现有的动态码")


def fresh_codes(uow: UnitOfWork, member_id: str) -> list[str]:
    codes = [new_code() for _ in range(HOW_MANY)]
    uow.accounts.put_recovery(member_id, [recovery_hash(member_id, code) for code in codes])
    return codes


def checked_login(typed: str) -> str:
    """Raises Refused."""
    name = login_name(typed)
    if not is_login(name):
        raise refused(
            Names("登录名为2至64个字母、数字或 . _ @ + -", "A login has 2 to 64 letters, digits and . _ @ + - in it")
        )
    return name


def new_account(uow: UnitOfWork, member_id: str, login: str, now: datetime) -> Account:
    """Raises Conflict where somebody has that login."""
    if uow.accounts.by_login(login) is not None:
        raise Conflict("Somebody has this login. Choose another.", "登录名已被使用，请换一个")
    return Account(member_id, login, now)
