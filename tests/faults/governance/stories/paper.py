"""An authority and a vault on paper: what they give out is words, the same ones for the same question."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from cloud.application.card_key_ports import Made
from cloud.application.enrolment_ports import Certificate
from cloud.domain.fleet.card_key import CardKey
from cloud.errors import NotAllowed
from schemas.card_keys import CardKeyOrder
from schemas.topics import NodeAddress


class PaperAuthority:
    """Certifies keys that are words."""

    pem, print = "authority", bytes(10)

    def certify(self, csr_pem: str, credential_id: str, node: str, now: datetime) -> Certificate:
        assert node
        return Certificate(f"{credential_id} {csr_pem}", self.key_digest(csr_pem), now, now + timedelta(days=90))

    def key_digest(self, csr_pem: str) -> str:
        return hashlib.sha256(csr_pem.encode()).hexdigest()

    def possessor(self, certificate_der: bytes, csr_pem: str, signature: bytes, now: datetime) -> str:
        assert csr_pem
        assert now.tzinfo
        name, _, key = certificate_der.decode().partition(" ")
        if signature.decode() != key:
            raise NotAllowed("not signed with its key")
        return name


class PaperVault:
    """Keys of which only the names exist."""

    def make(self, estate: str, version: int) -> Made:
        name = hashlib.sha256(f"{estate} {version}".encode()).hexdigest()[:8]
        return Made(name, f"kept {name}")

    def opens(self, key: CardKey) -> bool:
        return key.kept == f"kept {key.id}"

    def seal(self, key: CardKey, node: NodeAddress, command: str, certificate: str) -> CardKeyOrder:
        assert node
        assert command
        digest = hashlib.sha256(certificate.partition(" ")[2].encode()).hexdigest()
        return CardKeyOrder(key_id=key.id, made_at=key.made_at.timestamp(), sealed_for=digest, sealed="AAAA")
