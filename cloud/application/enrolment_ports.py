"""What enrolment needs from outside: a place for claims and credentials, and an authority that certifies keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cloud.domain.fleet.credential import Claim, Credential


class Enrolments(Protocol):
    """Claims, credentials, and the outboxes of boards that were replaced."""

    def claim(self, claim_id: str) -> Claim | None: ...

    def open_claims(self, estate: str, node_id: str, now: datetime) -> Sequence[Claim]:
        """Those that could still be redeemed."""
        ...

    def save_claim(self, claim: Claim) -> None: ...

    def credential(self, credential_id: str) -> Credential | None: ...

    def of_node(self, estate: str, node_id: str) -> Sequence[Credential]:
        """Every credential the node ever had, the oldest first."""
        ...

    def of_estates(self, estates: Collection[str] | None = None) -> Sequence[Credential]:
        """Every credential, by estate and node. `estates` None: all."""
        ...

    def speaking(self) -> Sequence[Credential]:
        """Those that may speak now: active and draining."""
        ...

    def revoked(self, now: datetime) -> Sequence[Credential]:
        """Those that may not, though their certificate has not ended yet."""
        ...

    def enrolled(self) -> Mapping[tuple[str, str], bool]:
        """(estate, node) of everyone that was ever enrolled → whether it may speak now."""
        ...

    def revision(self) -> tuple[int, datetime | None]:
        """Changes whenever any credential does: how many there are, and when one last changed."""
        ...

    def save(self, credential: Credential) -> None: ...

    def expiring(self, before: datetime, limit: int = 20) -> Sequence[Credential]:
        """Active ones that end before that moment and of which nobody was told yet."""
        ...

    def drain(self, estate: str, node_id: str, outboxes: Collection[str]) -> None:
        """From now on what these outboxes send is of a board that was replaced."""
        ...

    def undrain(self, outbox: str) -> None: ...

    def is_drained(self, outbox: str) -> bool: ...

    def outboxes_of(self, estate: str, node_id: str) -> Sequence[str]:
        """The outboxes that have ever numbered events or telemetry of this node."""
        ...


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate of a node's key, in PEM. `key_digest`: SHA-256 of the public key, hex."""

    pem: str
    key_digest: str
    issued_at: datetime
    expires_at: datetime


class Authority(Protocol):
    """Certifies the keys of nodes. Raises cloud.errors.Invalid for what cannot be certified."""

    @property
    def pem(self) -> str: ...

    @property
    def print(self) -> bytes:
        """What claim codes carry of it (schemas.enrolment.authority_print)."""
        ...

    def certify(self, csr_pem: str, credential_id: str, node: str, now: datetime) -> Certificate:
        """A certificate for the key that the request is signed with; nothing else of the request is taken over."""
        ...

    def key_digest(self, csr_pem: str) -> str: ...

    def revocation_list(self, revoked: Mapping[str, datetime], now: datetime) -> str:
        """A list of these certificates (PEM → when it was revoked), in PEM."""
        ...

    def possessor(self, certificate_der: bytes, csr_pem: str, signature: bytes, now: datetime) -> str:
        """Whose certificate this is, when its key has signed the request: the credential's id.

        Raises cloud.errors.NotAllowed: not ours, expired, or not signed with its key.
        """
        ...
