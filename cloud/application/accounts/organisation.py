"""Coming in through an organisation's own sign-in (OpenID Connect)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest

from cloud.application.account_ports import IdentityProvider, Journey, Vouched
from cloud.application.accounts.accept_invitation import AcceptInvitation
from cloud.application.accounts.tries import Tries
from cloud.application.estates.sign_in import Issued, SignIn
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.community.access import Origin, Through
from cloud.errors import Unauthenticated


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser goes, and what it keeps of its own meanwhile."""

    address: str
    journey: Journey


class SignInThroughOrganisation:
    """Only members come in: by the subject that their account is linked to, by an invitation they hold, or by one that was
    made out to the mail which the provider has verified. `back`: where the provider sends them, on this service.
    """

    def __init__(
        self,
        units: UnitsOfWork,
        accept: AcceptInvitation,
        sign_in: SignIn,
        provider: Callable[[], IdentityProvider],
        *,
        back: str,
        tries: Tries,
        clock: Clock,
    ) -> None:
        self._units, self._clock, self._accept, self._sign_in = units, clock, accept, sign_in
        self._provider, self._back, self._tries = provider, back, tries

    def depart(self) -> Departure:
        """Raises Unavailable."""
        journey = Journey(*(secrets.token_urlsafe(32) for _ in range(3)))
        return Departure(self._provider().way(journey, self._back), journey)

    def arrive(
        self,
        state: str,
        code: str,
        journey: Journey | None,
        invitation: str | None = None,
        *,
        origin: Origin,
        former: str | None = None,
    ) -> Issued:
        """A session. `journey`: what this browser kept. Raises Unauthenticated, Unavailable, NotFound, Throttled."""
        if journey is None or not code or not compare_digest(state.encode(), journey.state.encode()):
            raise Unauthenticated(
                "This sign-in was not begun in this browser, or too long ago. Begin again.",
                "此登录不是在本浏览器中发起，或已超时，请重新登录",
            )
        self._tries.take(origin.address)
        vouched = self._provider().vouches(code, journey, self._back)
        with self._units.writing() as uow:
            member_id = self._member(uow, vouched, invitation)
            self._tries.forgive(uow, origin.address)
            session = self._sign_in.begin(
                uow, member_id, Through.ORGANISATION, origin, former=former, proven=vouched.second_factor
            )
            uow.commit()
        return session

    def _member(self, uow: UnitOfWork, vouched: Vouched, invitation: str | None) -> str:
        account = uow.accounts.by_subject(vouched.subject)
        if account is not None and uow.registers.member(account.member_id) is not None:
            return account.member_id
        if invitation is not None:
            found = self._accept.open_invitation(uow, invitation)
            return self._accept.with_subject(uow, found, vouched.subject).id
        now = self._clock.now()
        waiting = [one for one in uow.accounts.invited_email(vouched.email) if one.open(now)] if vouched.email else []
        if waiting:
            return self._accept.with_subject(uow, waiting[0], vouched.subject).id
        raise Unauthenticated(
            "Your organisation knows you; here nobody has asked you in yet. Ask your manager for an invitation.",
            "您的单位账号有效，但尚未被邀请加入，请联系管理员获取邀请",
        )
