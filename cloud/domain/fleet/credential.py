"""What lets a node speak: claims that are redeemed once, and the credentials they become."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

CREDENTIAL_PREFIX: Final = "node-"
"""Credentials are named so at the broker, where other users (the cloud itself) are named otherwise."""

_MOST_FORMER: Final = 64
"""Of 90 days each and renewed after 60 there are two; a node that renews without end fills no disk of ours."""

MOST_FAILURES: Final = 5
"""Wrong secrets after which a claim is void: who has the code in hand needs one try, or two."""

EXPIRY_WARNING: Final = timedelta(days=14)
"""A node renews with a third of its time left (30 days of 90); that it has not by then, somebody has to know."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to enrol one node once. Of its secret only the hash is kept. `replaces`: the board before becomes drain-only."""

    id: str
    estate: str
    node_id: str
    secret_hash: str
    created_at: datetime
    expires_at: datetime
    created_by: str
    replaces: bool = False
    used_at: datetime | None = None
    revoked_at: datetime | None = None
    failures: int = 0

    def refusal(self, now: datetime) -> str | None:
        """Why it cannot be redeemed any more; None while it can."""
        if self.used_at is not None:
            return "used"
        if self.revoked_at is not None:
            return "revoked"
        if self.failures >= MOST_FAILURES:
            return "locked"
        return "expired" if now >= self.expires_at else None

    def failed(self) -> Claim:
        return replace(self, failures=self.failures + 1)


def secret_hash(secret: bytes) -> str:
    """80 random bits and five tries: a plain hash cannot be guessed back in the time a claim lives."""
    return hashlib.sha256(secret).hexdigest()


class CredentialState(StrEnum):
    """`draining`: of a board that was replaced; its backlog is stored and nothing of it calls anybody."""

    ACTIVE = "active"
    DRAINING = "draining"
    REVOKED = "revoked"


class RevocationReason(StrEnum):
    """Why a node is shut out: a word of these and no text, for it stands in the ledger."""

    STOLEN = "stolen"
    KEY_EXPOSED = "key_exposed"
    MISBEHAVES = "misbehaves"
    RETIRED = "retired"
    REPLACED = "replaced"
    OTHER = "other"


@dataclass
class Credential:
    """One board's right to speak as a node. `id` is its name at the broker; certificates are renewed under it.

    `key_digest`: SHA-256 of the public key last certified; `changed_at`: when anything of it last changed.
    `warned`: the occurrence under which its coming end stands on the board.
    """

    id: str
    estate: str
    node_id: str
    claim_id: str
    key_digest: str
    certificate: str
    issued_at: datetime
    expires_at: datetime
    enrolled_at: datetime
    changed_at: datetime
    state: CredentialState = CredentialState.ACTIVE
    ended_at: datetime | None = None
    warned: str | None = None
    outbox: str | None = None
    """The store that the board numbered in when it was enrolled, where it had one."""
    former: tuple[tuple[datetime, str], ...] = ()
    """Certificates that were renewed and have not ended yet, each with its end: whoever is revoked is revoked with all."""

    def renew(self, certificate: str, key_digest: str, issued_at: datetime, expires_at: datetime) -> None:
        known = [one for one in self.former if one[0] > issued_at]
        self.former = (*known, (self.expires_at, self.certificate))[-_MOST_FORMER:]
        self.certificate, self.key_digest = certificate, key_digest
        self.issued_at, self.expires_at, self.changed_at = issued_at, expires_at, issued_at

    def drain(self, now: datetime) -> None:
        self.state, self.changed_at = CredentialState.DRAINING, now

    def revoke(self, now: datetime) -> None:
        self.state, self.changed_at, self.ended_at = CredentialState.REVOKED, now, now

    def certificates(self, now: datetime) -> list[str]:
        """Every certificate under this name that has not ended, in PEM."""
        return [pem for until, pem in (*self.former, (self.expires_at, self.certificate)) if until > now]

    def expires_soon(self, now: datetime) -> bool:
        return self.state is CredentialState.ACTIVE and self.expires_at - now <= EXPIRY_WARNING
