"""What comes with a claim code or an old certificate is certified or refused in a sentence, whatever bytes it is."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cloud.adapters.authority import open_authority
from cloud.errors import Invalid, NotAllowed

pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")

NOW = datetime(2026, 11, 26, tzinfo=UTC)


class Node:
    """A node that was certified once and asks again."""

    def __init__(self, folder):
        self.authority = open_authority(folder, now=NOW)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
        csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
        self.csr = csr.public_bytes(Encoding.DER)
        self.signature = key.sign(self.csr, ec.ECDSA(hashes.SHA256()))
        made = self.authority.certify(pem(self.csr), "node-1", "example/b1-node", NOW)
        self.certificate = x509.load_pem_x509_certificate(made.pem.encode()).public_bytes(Encoding.DER)


def pem(der: bytes) -> str:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{body}-----END CERTIFICATE REQUEST-----\n"


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    return Node(tmp_path_factory.mktemp("authority"))


damage = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=3)


def damaged(whole: bytes, where: list[tuple[int, int]]) -> bytes:
    found = bytearray(whole)
    for at, byte in where:
        found[at % len(found)] = byte
    return bytes(found)


@settings(max_examples=1500, deadline=None)
@given(damage)
def test_a_request_with_wrong_bytes_is_certified_or_refused(node, where):
    try:
        node.authority.certify(pem(damaged(node.csr, where)), "node-2", "example/b1-node", NOW)
    except Invalid as refused:
        assert str(refused)  # noqa: PT017 - most of them are refused, and each for a reason


@given(st.text(max_size=300) | st.binary(max_size=200).map(pem))
@example("\ud800")
def test_what_is_no_request_is_refused(node, text):
    with pytest.raises(Invalid):
        node.authority.key_digest(text)


@settings(max_examples=1500, deadline=None)
@given(damage)
def test_a_certificate_with_wrong_bytes_proves_nothing(node, where):
    changed = damaged(node.certificate, where)
    try:
        name = node.authority.possessor(changed, pem(node.csr), node.signature, NOW)
    except NotAllowed as refused:
        assert str(refused)  # noqa: PT017 - nearly all are refused, and each for a reason
    else:
        # Only what the authority did not sign may differ, such as how many bits of its signature's last byte are unused.
        signed, given = (
            x509.load_der_x509_certificate(der).tbs_certificate_bytes for der in (node.certificate, changed)
        )
        assert (given, name) == (signed, "node-1")


@given(st.binary(max_size=300), st.binary(max_size=100))
def test_what_is_no_certificate_or_no_signature_proves_nothing(node, certificate, signature):
    for der, proof in ((certificate, node.signature), (node.certificate, signature)):
        with pytest.raises(NotAllowed):
            node.authority.possessor(der, pem(node.csr), proof, NOW)
