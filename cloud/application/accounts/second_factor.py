"""A second factor that is asked for: proven in a session that was begun without it, and reset for who has lost everything."""

from __future__ import annotations

from dataclasses import replace

from cloud.application.accounts.proving import Proving, wrong
from cloud.application.accounts.telling import tell_change
from cloud.application.estates.revoking import revoke_all
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.accounts.recovery import is_recovery_code
from cloud.errors import Conflict, NotFound


class SecondFactor:
    def __init__(self, units: UnitsOfWork, clock: Clock, proving: Proving) -> None:
        self._units, self._clock, self._proving = units, clock, proving

    def prove(self, me: Identity, code: str, *, address: str) -> None:
        """Opens this session, which a link or an organisation has begun, by a code. Raises Unauthenticated, Conflict, Throttled.

        Counted apart from tries at the password: who hammers at that keeps nobody from proving who they are.
        """
        member_id = me.member.id
        counted = f"second factor of {member_id}"
        self._proving.tries.take(address, counted)
        with self._units.writing() as uow:
            account = uow.accounts.of_member(member_id)
            if account is None or not account.second_factor:
                raise Conflict("There is no second factor yet: set one up.", "尚未启用动态码，请先启用")
            if not self._proving.code(uow, account, code):
                raise wrong()
            if is_recovery_code(code):
                left = uow.accounts.recovery_left(member_id)
                tell_change(uow, member_id, "recovery-code-used", self._clock.now(), left=left)
            self._proving.tries.forgive(uow, address, counted)
            opened(uow, me)
            uow.commit()

    def reset(self, member_id: str, *, actor: str) -> bool:
        """For the operator of the machine: whoever has lost phone and codes signs in with the password alone, and their time
        without a second factor begins anew; whoever has the phone now is out. Whether there was one. Raises NotFound.
        """
        now = self._clock.now()
        with self._units.writing() as uow:
            if uow.registers.member(member_id) is None:
                raise NotFound(f"There is no member {member_id!r}: load the estate that names them first.")
            account = uow.accounts.of_member(member_id)
            there_was = account is not None and account.second_factor
            if account is not None:
                uow.accounts.save(account.without_second_factor())
            uow.accounts.put_recovery(member_id, [])
            uow.accounts.second_factor_not_asked(member_id)
            if there_was:
                revoke_all(uow, member_id, now, actor=actor)
                tell_change(uow, member_id, "second-factor-reset", now, actor=actor)
            uow.commit()
        return there_was


def opened(uow: UnitOfWork, me: Identity) -> None:
    """Nothing more is asked of the session they came with."""
    for key in uow.keys.of_member(me.member.id):
        if key.id == me.key_id and key.factor_by is not None:
            uow.keys.save(replace(key, factor_by=None))
