"""Coming in with a login and a password."""

from __future__ import annotations

from dataclasses import replace

from cloud.application.accounts.proving import Proving, wrong
from cloud.application.accounts.telling import tell_change
from cloud.application.estates.sign_in import Issued, SignIn
from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.accounts.account import login_name
from cloud.domain.accounts.recovery import is_recovery_code
from cloud.domain.community.access import Origin, Through


class SignInWithPassword:
    """Takes as long for a login there is not as for one there is."""

    def __init__(self, units: UnitsOfWork, clock: Clock, proving: Proving, sign_in: SignIn) -> None:
        self._units, self._clock, self._proving, self._sign_in = units, clock, proving, sign_in

    def __call__(
        self, login: str, password: str, code: str = "", *, origin: Origin, former: str | None = None
    ) -> Issued:
        """A session. Raises Unauthenticated, with one sentence whatever was wrong; Throttled."""
        name = login_name(login)
        self._proving.tries.take(origin.address, name)
        with self._units.reading() as uow:
            account = uow.accounts.by_login(name)
        right = self._proving.password(account, password)
        if account is None or not right:
            raise wrong()
        passwords = self._proving.means.passwords
        assert account.password is not None
        newer = passwords.hash(password) if passwords.stale(account.password) else None
        with self._units.writing() as uow:
            now = uow.accounts.of_member(account.member_id)
            if now is None or now.password != account.password or uow.registers.member(now.member_id) is None:
                raise wrong()
            if not self._proving.code(uow, now, code):
                raise wrong()
            if newer is not None:
                # Read again: the code that was just used stands in it.
                stepped = uow.accounts.of_member(now.member_id) or now
                uow.accounts.save(replace(stepped, password=newer))
            if now.secret is not None and is_recovery_code(code):
                left = uow.accounts.recovery_left(now.member_id)
                tell_change(uow, now.member_id, "recovery-code-used", self._clock.now(), left=left)
            self._proving.tries.forgive(uow, origin.address, name)
            session = self._sign_in.begin(
                uow, now.member_id, Through.PASSWORD, origin, former=former, proven=now.second_factor
            )
            uow.commit()
        return session
