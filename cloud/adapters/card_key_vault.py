"""The card keys of estates, kept encrypted: only here are they ever in the clear, and only sealed for a node do they leave.

What is stored of a key is it, encrypted with AES-256-GCM under the vault's own key, which stands in a file beside the
authority's. Neither the database nor the file alone tells a card key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cloud.adapters.key_file import make_key_file
from cloud.application.card_key_ports import Made
from cloud.domain.fleet.card_key import CardKey
from cloud.errors import Invalid, Unavailable
from schemas.card_keys import NONCE_BYTES, SEALED_CARD_KEY, CardKeyOrder, bound_to, card_key_id
from schemas.topics import NodeAddress

VAULT_FILE: Final = "card-keys.key"
_AES_BYTES: Final = 32
_CARD_KEY_BYTES: Final = 32


class FileVault:
    """Implements `card_key_ports.CardKeyVault`. `own`: the key that card keys are stored under, 32 bytes."""

    def __init__(self, own: bytes) -> None:
        self._aes = AESGCM(own)

    def make(self, estate: str, version: int) -> Made:
        key = secrets.token_hex(_CARD_KEY_BYTES).encode()
        key_id, nonce = card_key_id(key), os.urandom(NONCE_BYTES)
        kept = nonce + self._aes.encrypt(nonce, key, _stored_as(estate, version, key_id))
        return Made(key_id, base64.b64encode(kept).decode())

    def opens(self, key: CardKey) -> bool:
        try:
            self._opened(key)
        except Invalid:
            return False
        return True

    def seal(self, key: CardKey, node: NodeAddress, command: str, certificate: str) -> CardKeyOrder:
        """As `schemas.card_keys` describes it: ECDH on P-256 with a pair made for this once, HKDF-SHA256, AES-256-GCM."""
        public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
        if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
            raise Invalid(
                f"The certificate of node {node} has no key on P-256: nothing can be sealed for it. Enrol it anew."
            )
        sealed_for = hashlib.sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
        clear = CardKeyOrder(key_id=key.id, made_at=key.made_at.timestamp(), sealed_for=sealed_for, sealed="AAAA")
        once = ec.generate_private_key(ec.SECP256R1())
        aes = HKDF(hashes.SHA256(), _AES_BYTES, salt=None, info=SEALED_CARD_KEY).derive(
            once.exchange(ec.ECDH(), public)
        )
        point = once.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        nonce = os.urandom(NONCE_BYTES)
        sealed = point + nonce + AESGCM(aes).encrypt(nonce, self._opened(key), bound_to(node, command, clear))
        return clear.model_copy(update={"sealed": base64.b64encode(sealed).decode()})

    def _opened(self, key: CardKey) -> bytes:
        try:
            kept = base64.b64decode(key.kept, validate=True)
            nonce, stored = kept[:NONCE_BYTES], kept[NONCE_BYTES:]
            return self._aes.decrypt(nonce, stored, _stored_as(key.estate, key.version, key.id))
        except (binascii.Error, ValueError, InvalidTag):
            # What was tried is left out of the error: a traceback goes to the log.
            raise Invalid(
                f"Card key {key.id} of estate {key.estate} was stored under another key of the vault: a new one is needed."
            ) from None


def open_vault(folder: Path) -> FileVault:
    """The vault whose key stands in that folder, made when there is none. Raises Invalid, Unavailable.

    A file that is damaged or open to others is never replaced by itself; one that is gone is, and new card keys follow.
    """
    path = folder / VAULT_FILE
    try:
        if not path.exists():
            make_key_file(path)
        text, mode = path.read_text(encoding="ascii").strip(), path.stat().st_mode
    except OSError as error:
        raise Unavailable(
            f"The vault of card keys, {path}, cannot be read or made ({error.strerror}): give this user the folder."
        ) from error
    except UnicodeDecodeError:
        text, mode = "", path.stat().st_mode
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise Invalid(
            f"{path} is damaged: put it back from the backup, or remove it, and every estate gets a new card key."
        )
    if mode & 0o077:
        raise Invalid(f"{path} can be read by others: chmod 600 {path}, and rotate the card keys of every estate.")
    return FileVault(bytes.fromhex(text))


def _stored_as(estate: str, version: int, key_id: str) -> bytes:
    return f"tocsin card key|{estate}|{version}|{key_id}".encode()
