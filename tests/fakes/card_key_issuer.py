"""The other end of `accept-card-key`: whoever holds the estate's card key seals it for one node's certificate."""

from __future__ import annotations

import base64
import hashlib
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from schemas.card_keys import NONCE_BYTES, SEALED_CARD_KEY, CardKeyOrder, bound_to, card_key_id
from schemas.topics import NodeAddress


def sealed_order(key: bytes, certificate: str, node: NodeAddress, command: str, made_at: float, **said) -> CardKeyOrder:
    """The arguments of the command, as `schemas.card_keys` describes them. `said`: instead of what is true."""
    public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    digest = hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    clear = CardKeyOrder(
        **{"key_id": card_key_id(key), "made_at": made_at, "sealed_for": digest, "sealed": "AAAA"} | said
    )
    once = ec.generate_private_key(ec.SECP256R1())
    aes = HKDF(hashes.SHA256(), 32, salt=None, info=SEALED_CARD_KEY).derive(once.exchange(ec.ECDH(), public))
    nonce = os.urandom(NONCE_BYTES)
    point = once.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    sealed = point + nonce + AESGCM(aes).encrypt(nonce, key, bound_to(node, command, clear))
    return clear.model_copy(update={"sealed": base64.b64encode(sealed).decode()})
