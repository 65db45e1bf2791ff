"""Asks the cloud for a certificate: the key is made here and stays here, only the request for it travels."""

from __future__ import annotations

import base64
import contextlib
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.request import Request

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from edge.adapters.clock import SystemClock
from edge.adapters.cloud_web import address_of, send
from edge.adapters.credentials import CredentialFolder, PendingKey
from edge.adapters.dated_tls import judge_dates
from edge.application.ports import Clock
from edge.domain.validity import KnownTime, known_time
from edge.errors import EnrolmentError
from edge.settings import Identity
from edge.version import RELEASED
from schemas.enrolment import (
    CA_PATH,
    CERTIFICATE_SCHEME,
    CLAIM_SCHEME,
    ENROL_PATH,
    RENEW_PATH,
    ClaimCode,
    ClaimCodeError,
    Enrolled,
    EnrolmentRequest,
    RenewalRequest,
)

_UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)
"""What the library raises for text that is no certificate, or one of a kind that it does not know."""


class HttpsEnrolment:
    """Enrols and renews over HTTPS. Implements `renew.Renewing`. Blocking; raises EnrolmentError."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self._folder = folder
        self._clock = clock or SystemClock()
        self._credentials = CredentialFolder(folder)

    @property
    def identity(self) -> Identity | None:
        return self._credentials.identity

    def enrol(self, cloud: str, code_text: str, outbox: str | None) -> Identity:
        """Redeem a claim code. Asking again after an answer was lost uses the same key, so nothing is used up twice."""
        cloud = address_of(cloud)
        try:
            code = ClaimCode.parse(code_text)
        except ClaimCodeError as error:
            raise EnrolmentError(str(error)) from error
        authority = self._authority(cloud, code)
        pending = PendingKey(self._folder)
        key_pem = pending.take(code.text) or _key_pem(ec.generate_private_key(ec.SECP256R1()))
        pending.put(code.text, key_pem)
        asked = EnrolmentRequest(csr=_csr(_key(key_pem)).public_bytes(Encoding.PEM).decode(), outbox=outbox)
        enrolled = _ask(
            cloud + ENROL_PATH, f"{CLAIM_SCHEME} {code.text}", asked.model_dump_json(), authority, self._time
        )
        if not code.trusts(_der(enrolled.authority)):
            raise EnrolmentError("the answer names another authority than the claim code: somebody stands in between")
        _judge(enrolled, key_pem)
        identity = self._credentials.keep(enrolled, key_pem, cloud)
        pending.forget()
        return identity

    def renew(self) -> Identity:
        """A new key and a certificate for it, proved with the old key. The old ones count until the new are written."""
        identity = self._credentials.identity
        if identity is None:
            raise EnrolmentError("this node was never enrolled: tocsin-edge enroll --cloud URL --code CODE")
        old = _key(self._credentials.read(identity.key_file))
        certificate = _der(self._credentials.read(identity.certificate_file))
        authority = self._credentials.read(identity.authority_file)
        mark = f"renew {identity.certificate_file}"
        pending = PendingKey(self._folder)
        key_pem = pending.take(mark) or _key_pem(ec.generate_private_key(ec.SECP256R1()))
        pending.put(mark, key_pem)
        csr = _csr(_key(key_pem))
        signature = old.sign(csr.public_bytes(Encoding.DER), ec.ECDSA(hashes.SHA256()))
        asked = RenewalRequest(
            csr=csr.public_bytes(Encoding.PEM).decode(), signature=base64.b64encode(signature).decode()
        )
        carried = f"{CERTIFICATE_SCHEME} {base64.b64encode(certificate).decode()}"
        enrolled = _ask(identity.cloud + RENEW_PATH, carried, asked.model_dump_json(), authority, self._time)
        if _der(enrolled.authority) != _der(authority):
            raise EnrolmentError("the answer names another authority than this node trusts: nothing was changed")
        _judge(enrolled, key_pem)
        renewed = self._credentials.keep(enrolled, key_pem, identity.cloud)
        pending.forget()
        return renewed

    def _time(self) -> KnownTime:
        return known_time(
            wall=self._clock.wall(),
            synchronised=self._clock.synchronised(),
            released=RELEASED,
            last_trusted=None,
            issued=None,
            ends=None,
        )

    @staticmethod
    def _authority(cloud: str, code: ClaimCode) -> str:
        """The cloud's authority, fetched from whoever answers and believed only if the code carries its print."""
        blind = ssl.create_default_context()
        blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
        pem = send(Request(cloud + CA_PATH), blind).decode("ascii", "replace")  # noqa: S310 - https, or loopback
        with contextlib.suppress(EnrolmentError):
            if code.trusts(_der(pem)):
                return pem
        raise EnrolmentError(
            f"{cloud} is not the cloud this claim code comes from, or somebody stands in between: check --cloud, and ask "
            "the operator"
        )


def _ask(url: str, authorization: str, body: str, authority_pem: str, now: Callable[[], KnownTime]) -> Enrolled:
    """Whoever answers proves itself with a certificate of the system's authorities or of the cloud's own, in its time by
    what this node knows of it: a new board is often enrolled before it has found a clock.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(cadata=authority_pem)
    judge_dates(context, now, "the cloud's certificate", authorities=False)
    headers = {"Authorization": authorization, "Content-Type": "application/json"}
    answer = send(Request(url, body.encode(), headers), context)  # noqa: S310 - https, or http to this machine
    try:
        return Enrolled.model_validate_json(answer)
    except ValidationError as error:
        raise EnrolmentError(f"{url} gave an answer that is none of Tocsin's: check --cloud") from error


def _judge(enrolled: Enrolled, key_pem: str) -> None:
    """A certificate that is of another key, or that nobody will believe, would take the place of one that counts."""
    try:
        certificate = x509.load_pem_x509_certificate(enrolled.certificate.encode())
        ours = certificate.public_key() == _key(key_pem).public_key()
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(enrolled.authority.encode()))
    except (*_UNREADABLE, InvalidSignature) as error:
        raise EnrolmentError(
            "the certificate in the answer is none of the authority's: nothing was changed; ask the operator"
        ) from error
    if not ours:
        raise EnrolmentError("the certificate in the answer is for another key than this node's: nothing was changed")


def _csr(key: ec.EllipticCurvePrivateKey) -> x509.CertificateSigningRequest:
    """The cloud takes the key from it and nothing else, so the name in it says only what it is."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tocsin-node")])
    return x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())


def _der(pem: str) -> bytes:
    try:
        return x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    except _UNREADABLE as error:
        raise EnrolmentError("a certificate cannot be read: nothing was changed; ask again, or the operator") from error


def _key(pem: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise EnrolmentError("this node's key is of another kind than it makes: enrol it anew")
    return key


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
