"""A card key that was sealed for this node: opened with the key of its certificate, and put in place of the one in use.

The library that opens it takes ten megabytes: this module is imported when a key comes.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge.adapters.credentials import CredentialFolder
from edge.errors import SettingsError
from schemas.card_keys import (
    KEY_PATTERN,
    NONCE_BYTES,
    POINT_BYTES,
    SEALED_CARD_KEY,
    CardKeyOrder,
    bound_to,
    card_key_id,
)
from schemas.topics import NodeAddress

_AES_BYTES: Final = 32
_WHERE: Final = "the card key in the command"


def opened(order: CardKeyOrder, node: NodeAddress, command: str, credentials: Path) -> bytes:
    """The key. Raises EdgeError that says why it cannot be had, and nothing of what was sealed."""
    folder = CredentialFolder(credentials)
    identity = folder.identity
    if identity is None:
        raise SettingsError(_WHERE, ["this node was never enrolled, so nothing can be sealed for it: enrol it"])
    ours = _private(folder.read(identity.key_file))
    public = ours.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(public)
    if digest.finalize().hex() != order.sealed_for:
        raise SettingsError(
            _WHERE,
            ["it is sealed for another key than this node's certificate has now: seal it for that one and send anew"],
        )
    key = _unsealed(order, ours, bound_to(node, command, order))
    if not re.fullmatch(KEY_PATTERN, key.decode("ascii", "replace")) or card_key_id(key) != order.key_id:
        raise SettingsError(_WHERE, [f"what was sealed is not the key {order.key_id}: seal that one and send anew"])
    return key


def _unsealed(order: CardKeyOrder, ours: ec.EllipticCurvePrivateKey, bound: bytes) -> bytes:
    try:
        raw = base64.b64decode(order.sealed, validate=True)
        point, nonce, sealed = raw[:POINT_BYTES], raw[POINT_BYTES:][:NONCE_BYTES], raw[POINT_BYTES + NONCE_BYTES :]
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        secret = ours.exchange(ec.ECDH(), theirs)
        aes = HKDF(hashes.SHA256(), _AES_BYTES, salt=None, info=SEALED_CARD_KEY).derive(secret)
        return AESGCM(aes).decrypt(nonce, sealed, bound)
    except (ValueError, InvalidTag):
        # What was tried is left out of the error: a traceback goes to the log.
        raise SettingsError(
            _WHERE, ["it does not open: it was sealed for another node or another command, or was changed on the way"]
        ) from None


def _private(pem: str) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise SettingsError(_WHERE, ["this node's own key cannot be read: enrol it anew"]) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise SettingsError(
            _WHERE, ["this node's own key is not on P-256, so nothing can be sealed for it: enrol it anew"]
        )
    return key
