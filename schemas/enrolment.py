"""Enrolment: the claim code a node is given, and what node and cloud say to each other over HTTPS."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AwareDatetime, Field

from schemas.base import Name, Uuid, WireModel
from schemas.topics import NodeAddress

CLAIM_SCHEME: Final = "Claim"
"""`Authorization: Claim CODE` carries the code, so that it stands in no address and no log of addresses."""

CERTIFICATE_SCHEME: Final = "Certificate"
"""`Authorization: Certificate BASE64` carries the certificate that is to be renewed, DER in base64."""

ENROL_PATH: Final = "/api/v1/enrolment"
RENEW_PATH: Final = "/api/v1/enrolment/renewals"
CA_PATH: Final = "/api/v1/enrolment/ca.crt"

PRINT_BYTES: Final = 10
"""80 bits of the authority's SHA-256: nobody makes a second certificate that begins so."""

SECRET_BYTES: Final = 10
_ID_BYTES: Final = 4
_CHECK_BYTES: Final = 1
_BYTES: Final = _ID_BYTES + SECRET_BYTES + PRINT_BYTES + _CHECK_BYTES
_CRC8: Final = 0x07
"""x⁸ + x² + x + 1, as in ITU-T I.432.1."""
_GROUP: Final = 5
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is read as another."""

_STANDARD: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_OURS: Final = str.maketrans(_STANDARD, _ALPHABET)
_FROM_OURS: Final = str.maketrans(_ALPHABET + "OIL", _STANDARD + _STANDARD[0] + _STANDARD[1] + _STANDARD[1])


class ClaimCodeError(ValueError):
    """What was given is no claim code; the message says why and what to do."""


@dataclass(frozen=True, slots=True, repr=False)
class ClaimCode:
    """Which claim is redeemed, the secret that redeems it once, and the print of the authority the node may trust."""

    claim: str
    secret: bytes
    authority: bytes

    @classmethod
    def made(cls, claim: bytes, secret: bytes, authority_print: bytes) -> ClaimCode:
        """From fresh random bytes: 4 that name the claim, 10 that are its secret."""
        return cls(claim.hex(), secret, authority_print)

    @property
    def text(self) -> str:
        """Eight groups of five letters and figures, as people type them."""
        body = bytes.fromhex(self.claim) + self.secret + self.authority
        letters = base64.b32encode(body + _check(body)).decode().translate(_TO_OURS)
        return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))

    @classmethod
    def parse(cls, text: str) -> ClaimCode:
        """Read a code, however it was typed. Raises ClaimCodeError."""
        letters = "".join(text.split()).replace("-", "").upper()
        if len(letters) != _BYTES * 8 // 5:
            raise ClaimCodeError(f"a claim code has {_BYTES * 8 // 5} letters and figures; this has {len(letters)}")
        try:
            raw = base64.b32decode(letters.translate(_FROM_OURS))
        except ValueError:
            raise ClaimCodeError("a claim code has letters and figures only, in groups of five") from None
        body, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
        if _check(body) != check:
            raise ClaimCodeError("the claim code was mistyped: its last letters do not fit the others; type it again")
        return cls(body[:_ID_BYTES].hex(), body[_ID_BYTES : _ID_BYTES + SECRET_BYTES], body[-PRINT_BYTES:])

    def trusts(self, authority_der: bytes) -> bool:
        """Whether this certificate is the authority the code was issued by."""
        return authority_print(authority_der) == self.authority


def authority_print(der: bytes) -> bytes:
    """The first 80 bits of the certificate's SHA-256."""
    return hashlib.sha256(der).digest()[:PRINT_BYTES]


def _check(body: bytes) -> bytes:
    """CRC-8: the one byte that notices every error of up to eight neighbouring bits, so every wrong letter of five."""
    remainder = 0
    for byte in body:
        remainder ^= byte
        for _ in range(8):
            remainder = (remainder << 1 ^ _CRC8) & 0xFF if remainder & 0x80 else remainder << 1
    return bytes([remainder])


Pem = Annotated[str, Field(min_length=64, max_length=8192, pattern=r"^-----BEGIN [A-Z ]+-----[A-Za-z0-9+/=\s-]+$")]


class EnrolmentRequest(WireModel):
    """A node's request. `outbox`: the store it keeps numbering in, where it has one; it is not taken for the old board's."""

    csr: Pem
    outbox: Uuid | None = None


class RenewalRequest(WireModel):
    """`signature`: ECDSA with SHA-256 by the certificate's own key over the request's DER bytes, in base64."""

    csr: Pem
    signature: Annotated[str, Field(min_length=16, max_length=512, pattern=r"^[A-Za-z0-9+/=]+$")]


class Enrolled(WireModel):
    """Who the node is now, what proves it, and where its broker is."""

    estate: Name
    node: Name
    credential: str
    certificate: Pem
    authority: Pem
    broker_host: str
    broker_port: Annotated[int, Field(ge=1, le=65535)]
    issued_at: AwareDatetime
    expires_at: AwareDatetime

    @property
    def address(self) -> NodeAddress:
        return NodeAddress(self.estate, self.node)
