"""The estate's own certificate authority: one P-256 key in a file, which certifies the keys of nodes and of the broker."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import ipaddress
import os
import tempfile
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cloud.application.enrolment_ports import Certificate
from cloud.errors import Invalid, NotAllowed, Unavailable
from schemas.enrolment import authority_print

NODE_DAYS: Final = 90
SERVER_DAYS: Final = 730
AUTHORITY_DAYS: Final = 7305
"""Twenty years: a building outlives its servers, and every node would have to be enrolled anew."""

BACKDATED: Final = timedelta(days=1)
"""Two clocks that are both right differ a little, and ours may be ahead of a machine's that was set back (ADR 0014)."""

CURVE: Final = ec.SECP256R1()

_UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)
"""What the library raises for bytes that are no certificate or request, or one of a kind that it does not know."""


class LocalAuthority:
    """Implements `enrolment_ports.Authority`. `valid_days`: how long a node's certificate lasts."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, valid_days: int) -> None:
        self._certificate, self._key, self._valid = certificate, key, timedelta(days=valid_days)

    @property
    def pem(self) -> str:
        return _pem(self._certificate)

    @property
    def print(self) -> bytes:
        return authority_print(self._certificate.public_bytes(Encoding.DER))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as people compare it."""
        return self._certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def certify(self, csr_pem: str, credential_id: str, node: str, now: datetime) -> Certificate:
        """The subject is ours: CN is the name at the broker, the SAN says whose it is. What the request asks is ignored."""
        csr = _request(csr_pem)
        uri = x509.UniformResourceIdentifier(f"tocsin://{node}")
        made = self._issue(
            csr.public_key(), credential_id, [uri], now, valid=self._valid, purpose=ExtendedKeyUsageOID.CLIENT_AUTH
        )
        return Certificate(_pem(made), self.key_digest(csr_pem), made.not_valid_before_utc, made.not_valid_after_utc)

    def key_digest(self, csr_pem: str) -> str:
        return _digest(_request(csr_pem).public_key())

    def possessor(self, certificate_der: bytes, csr_pem: str, signature: bytes, now: datetime) -> str:
        csr = _request(csr_pem)
        try:
            certificate = x509.load_der_x509_certificate(certificate_der)
            certificate.verify_directly_issued_by(self._certificate)
            key = certificate.public_key()
            if not isinstance(key, ec.EllipticCurvePublicKey):
                raise NotAllowed("The certificate has a key of another kind than we issue.")
            if now > certificate.not_valid_after_utc:
                raise NotAllowed(
                    f"The certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}: it cannot be renewed any "
                    "more. Enrol the node with a new claim code.",
                    "证书已过期，无法续期，请用新登记码重新登记",
                )
            key.verify(signature, csr.public_bytes(Encoding.DER), ec.ECDSA(hashes.SHA256()))
        except (*_UNREADABLE, InvalidSignature) as error:
            raise NotAllowed(
                "This certificate is none of this authority's, or the request is not signed with its key.",
                "证书不是本机构签发，或签名不符",
            ) from error
        return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    def revocation_list(self, revoked: Mapping[str, datetime], now: datetime) -> str:
        """A list (RFC 5280, 5) of these certificates (PEM → when it was revoked), in PEM. Raises Invalid.

        It counts as current for as long as the authority does: what makes it anew is a revocation, and a broker whose list is
        over would let nobody in any more.
        """
        usage = self._certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        if not usage.crl_sign:
            raise Invalid(
                "The authority's certificate does not allow it to sign lists of revoked certificates (key usage cRLSign): a "
                "broker would refuse every node. Leave crl_file out of the settings and crlfile out of mosquitto's."
            )
        made = x509.CertificateRevocationListBuilder(
            issuer_name=self._certificate.subject,
            last_update=now - BACKDATED,
            next_update=self._certificate.not_valid_after_utc,
        )
        for pem, since in sorted(revoked.items()):
            serial = x509.load_pem_x509_certificate(pem.encode()).serial_number
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since).build()
            made = made.add_revoked_certificate(entry)
        return made.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()

    def certify_server(self, hosts: Collection[str], now: datetime) -> tuple[str, str]:
        """(certificate, key) in PEM for a broker or a web server reached under these names and addresses."""
        names = [_general_name(host) for host in hosts]
        return self._keyed("tocsin-broker", names, now, ExtendedKeyUsageOID.SERVER_AUTH)

    def certify_cloud(self, name: str, now: datetime) -> tuple[str, str]:
        """(certificate, key) in PEM with which the cloud itself comes to the broker, under this name."""
        return self._keyed(name, [x509.DNSName(name)], now, ExtendedKeyUsageOID.CLIENT_AUTH)

    def _keyed(
        self, common_name: str, names: Collection[x509.GeneralName], now: datetime, purpose: x509.ObjectIdentifier
    ) -> tuple[str, str]:
        key = ec.generate_private_key(CURVE)
        made = self._issue(
            key.public_key(), common_name, names, now, valid=timedelta(days=SERVER_DAYS), purpose=purpose
        )
        return _pem(made), _key_pem(key)

    def _issue(
        self,
        key: object,
        common_name: str,
        names: Collection[x509.GeneralName],
        now: datetime,
        *,
        valid: timedelta,
        purpose: x509.ObjectIdentifier,
    ) -> x509.Certificate:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        until = min(now + valid, self._certificate.not_valid_after_utc)
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
            .issuer_name(self._certificate.subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - BACKDATED)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(x509.SubjectAlternativeName(list(names)), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        return builder.sign(self._key, hashes.SHA256())


def open_authority(folder: Path, *, now: datetime, valid_days: int = NODE_DAYS) -> LocalAuthority:
    """The authority kept in that folder (`ca.crt`, `ca.key`), made when there is none. Raises Invalid, Unavailable.

    An operator who has one already puts its certificate and key there (P-256, unencrypted PEM, mode 0600) beforehand.
    """
    certificate_file, key_file = folder / "ca.crt", folder / "ca.key"
    try:
        if not certificate_file.exists() or not key_file.exists():
            _found(certificate_file, key_file, now)
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise Unavailable(
            f"Of the certificate authority in {folder}, {Path(error.filename).name} is not there: put it back from the backup. "
            "Nodes trust that one; only where none was ever enrolled may both files go, and a new one is made."
        ) from error
    except OSError as error:
        raise Unavailable(
            f"The certificate authority in {folder} cannot be read or made ({error.strerror}): give this user the folder."
        ) from error
    except (ValueError, TypeError) as error:
        raise Invalid(
            f"The certificate authority in {folder} is damaged ({error}): put ca.crt and ca.key back."
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise Invalid(f"{key_file} is not the P-256 key of {certificate_file}: put the two that belong together there.")
    if key_file.stat().st_mode & 0o077:
        raise Invalid(f"{key_file} can be read by others: chmod 600 {key_file}, and think who may have read it.")
    return LocalAuthority(certificate, key, valid_days)


def ends_at(certificate: Path) -> datetime:
    """When a certificate ends. Raises Unavailable where the file cannot be read as one."""
    try:
        return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        raise Unavailable(
            f"The certificate {certificate} cannot be read ({error}): run `tocsin broker setup` again."
        ) from error


def write_private(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file as a whole or not at all, closed to others from its first byte."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _found(certificate_file: Path, key_file: Path, now: datetime) -> None:
    """Both or neither, by one process or thread at a time; what one that died meanwhile began is finished."""
    folder = certificate_file.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    begun = folder / ".ca.crt.begun"
    turn = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if certificate_file.exists() or (key_file.exists() and not begun.exists()):
            return
        if not key_file.exists():
            key = ec.generate_private_key(CURVE)
            write_private(begun, _pem(_of_itself(key, now)), mode=0o644)
            # Before the certificate: one without its key would look like an authority that was robbed.
            write_private(key_file, _key_pem(key))
        begun.replace(certificate_file)
        os.fsync(turn)
    finally:
        os.close(turn)


def _of_itself(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Tocsin {os.urandom(4).hex()}")])
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, hashes.SHA256())


def _request(csr_pem: str) -> x509.CertificateSigningRequest:
    try:
        csr = x509.load_pem_x509_csr(csr_pem.encode())
        key, signed = csr.public_key(), csr.is_signature_valid
    except _UNREADABLE as error:
        raise Invalid(f"The certificate request cannot be read: {error}.") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Invalid("The certificate request holds a key of another kind: an EC key on P-256 is certified.")
    if not signed:
        raise Invalid("The certificate request is not signed with its own key.")
    return csr


def _digest(key: object) -> str:
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    plain = serialization.NoEncryption()
    return key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()
