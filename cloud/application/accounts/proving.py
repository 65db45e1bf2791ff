"""What an account is proven by: a password, and a code or a recovery code where it asks for one."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from cloud.application.account_ports import OneTimeCodes, PasswordHashing, SecretSeal
from cloud.application.accounts.tries import Tries
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.accounts.account import Account
from cloud.domain.accounts.passwords import password_problem
from cloud.domain.accounts.recovery import is_recovery_code, recovery_hash
from cloud.domain.accounts.throttle import USUAL, Limits
from cloud.domain.community.names import Names
from cloud.errors import Refused, Unauthenticated

SERVICE_WORDS = ("tocsin", "警钟")


@dataclass(frozen=True)
class Means:
    """Who hashes, counts, seals, and knows what everybody tries first. Each is opened when it is first needed."""

    passwords: PasswordHashing
    codes: Callable[[], OneTimeCodes]
    seal: Callable[[], SecretSeal]
    common: Callable[[], Collection[str]]

    def hashed(self, password: str, login: str, *, second_factor: bool) -> str:
        """What is kept of a new password. Raises Refused."""
        problem = password_problem(password, (login, *SERVICE_WORDS), self.common(), second_factor=second_factor)
        if problem is not None:
            raise refused(problem)
        return self.passwords.hash(password)


class Proving:
    """One answer for everything that is wrong, so that nobody learns which part of it was right, or which logins there are."""

    def __init__(self, units: UnitsOfWork, clock: Clock, means: Means, limits: Limits = USUAL) -> None:
        self._units, self._clock, self.means = units, clock, means
        self.tries = Tries(units, clock, limits)

    def password(self, account: Account | None, password: str) -> bool:
        """Slow, so outside any unit of work."""
        return self.means.passwords.verify(account.password if account else None, password)

    def code(self, uow: UnitOfWork, account: Account, code: str) -> bool:
        """Whether the second factor is proven; the code is used up with it. True where none is asked for."""
        if account.secret is None:
            return True
        if is_recovery_code(code):
            used = recovery_hash(account.member_id, code)
            return uow.accounts.use_recovery(account.member_id, used, self._clock.now())
        secret = self.means.seal().opened(account.secret, account.member_id)
        step = self.means.codes().step_of(secret, code, self._clock.now())
        return step is not None and uow.accounts.use_step(account.member_id, step)

    def again(self, account: Account, password: str, address: str) -> None:
        """Somebody who is in proves once more that it is them, before something that would let others stay in. Raises
        Unauthenticated, Throttled.
        """
        if account.password is None:
            return
        self.tries.take(address, account.login)
        if not self.password(account, password):
            raise wrong()
        with self._units.writing() as uow:
            self.tries.forgive(uow, address, account.login)
            uow.commit()


def wrong() -> Unauthenticated:
    return Unauthenticated(
        "Login, password or code are not right. Codes change every thirty seconds and count once.",
        "登录名、密码或动态码不正确。动态码每30秒更换，且只能使用一次",
    )


def refused(problem: Names) -> Refused:
    return Refused(f"{problem.en}.", problem.zh)
