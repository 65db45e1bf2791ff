"""Everything that is done about enrolment, put together for who serves it: pages, interface, command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cloud.application.accounts.guesses import ClaimGuesses
from cloud.application.enrolment_ports import Authority
from cloud.application.estates.sign_in import Identity
from cloud.application.fleet.enrol_node import EnrolNode, RenewCredential
from cloud.application.fleet.issue_claims import CLAIM_LASTS, IssueClaim, RevokeNode
from cloud.application.ports import Clock, Ids, UnitsOfWork
from cloud.domain.accounts.throttle import USUAL, Limits
from cloud.domain.fleet.credential import CredentialState
from cloud.errors import NotFound


@dataclass(frozen=True, slots=True)
class CredentialView:
    """One board's credential, as operators see it. `id` is its name at the broker."""

    id: str
    estate: str
    node_id: str
    state: CredentialState
    enrolled_at: datetime
    issued_at: datetime
    expires_at: datetime
    ended_at: datetime | None


class Enrolling:
    """`broker`: where nodes are told to find it; `url`: where the cloud is told them to be reached."""

    def __init__(
        self,
        units: UnitsOfWork,
        clock: Clock,
        ids: Ids,
        authority: Callable[[], Authority],
        *,
        broker: tuple[str, int],
        url: str,
        claim_lasts: timedelta = CLAIM_LASTS,
        limits: Limits = USUAL,
    ) -> None:
        guesses = ClaimGuesses(units, clock, limits)
        self._units = units
        self.authority, self.broker, self.url = authority, broker, url
        self.issue = IssueClaim(units, clock, authority, lasts=claim_lasts)
        self.revoke = RevokeNode(units, clock, ids)
        self.enrol = EnrolNode(units, clock, ids, authority, guesses=guesses)
        self.renew = RenewCredential(units, clock, ids, authority, guesses=guesses)

    def credentials(self, estate: str, viewer: Identity | None) -> list[CredentialView]:
        """Every credential of the estate's nodes. Raises NotFound for an estate the viewer has no part in."""
        with self._units.reading() as uow:
            if uow.registers.find(estate) is None or (viewer is not None and estate not in viewer.estates):
                raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
            return [
                CredentialView(
                    one.id,
                    one.estate,
                    one.node_id,
                    one.state,
                    one.enrolled_at,
                    one.issued_at,
                    one.expires_at,
                    one.ended_at,
                )
                for one in uow.enrolments.of_estates([estate])
            ]

    def command(self, code: str) -> str:
        """What is typed at the node."""
        return f"tocsin-edge enroll --cloud {self.url} --code {code}"
