"""Secrets of second factors, encrypted under a key in a file: the database alone does not tell them."""

from __future__ import annotations

import base64
import binascii
import os
import re
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cloud.adapters.key_file import make_key_file
from cloud.domain.community.faults import Fault
from cloud.errors import Invalid, Unavailable

SEAL_FILE: Final = "accounts.key"
_NONCE_BYTES: Final = 12


class FileSeal:
    """Implements `account_ports.SecretSeal` with AES-256-GCM. `own`: 32 bytes."""

    def __init__(self, own: bytes) -> None:
        self._aes = AESGCM(own)

    def sealed(self, secret: str, owner: str) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        return base64.b64encode(nonce + self._aes.encrypt(nonce, secret.encode(), _bound(owner))).decode()

    def opened(self, sealed: str, owner: str) -> str:
        try:
            kept = base64.b64decode(sealed, validate=True)
            return self._aes.decrypt(kept[:_NONCE_BYTES], kept[_NONCE_BYTES:], _bound(owner)).decode()
        except (binascii.Error, ValueError, InvalidTag):
            # What was tried is left out of the error: a traceback goes to the log.
            raise _unusable(
                f"the second factor of {owner} was stored under another key than the server has now: come in with a recovery code, "
                f"and whoever runs the server puts {SEAL_FILE} back from the backup, or resets the second factor",
                f"{owner} 的动态码密钥与服务器现有的不符：请先用恢复码登录，并请服务器管理者从备份恢复 {SEAL_FILE}，或重置其动态码",
            ) from None


def open_seal(folder: Path) -> FileSeal:
    """The seal whose key stands in that folder, made when there is none. Raises Invalid, Unavailable."""
    path = folder / SEAL_FILE
    try:
        if not path.exists():
            make_key_file(path)
        text, mode = path.read_text(encoding="ascii").strip(), path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"{path} cannot be read or made ({error}): give this user the folder.") from error
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise _unusable(
            f"{SEAL_FILE} on the server is damaged: come in with a recovery code, and whoever runs the server puts it back from the backup",
            f"服务器上的 {SEAL_FILE} 已损坏：请先用恢复码登录，并请服务器管理者从备份恢复",
        )
    if mode & 0o077:
        raise _unusable(
            f"{SEAL_FILE} on the server can be read by others: whoever runs it gives it the mode 600 and has second factors set up anew",
            f"服务器上的 {SEAL_FILE} 可被其他用户读取：请服务器管理者将其权限改为 600，并重新设置动态码",
        )
    return FileSeal(bytes.fromhex(text))


def _unusable(en: str, zh: str) -> Invalid:
    """Told to who types a code, who seldom is the one that can mend it: hence what helps meanwhile, and no path."""
    return Invalid("The second factor cannot be checked.", [Fault(en, zh)])


def _bound(owner: str) -> bytes:
    return f"tocsin second factor|{owner}".encode()
