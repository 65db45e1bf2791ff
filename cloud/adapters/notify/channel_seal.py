"""Secrets of channels, encrypted under a key in a file beside the database: neither alone tells them."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cloud.adapters.key_file import make_key_file
from cloud.domain.community.faults import Fault
from cloud.errors import Invalid, Unavailable

SEAL_FILE: Final = "channels.key"
_NONCE_BYTES: Final = 12


class FileChannelSeal:
    """Implements `channel_ports.ChannelSeal` with AES-256-GCM, bound to the channel's kind. The file is read each time, which is
    seldom, so that one that was put back counts at once; it is made when there is first something to seal. The library is
    loaded then, too: most servers never need it for this.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / SEAL_FILE

    def sealed(self, secrets: Mapping[str, str], kind: str) -> str:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce, clear = os.urandom(_NONCE_BYTES), json.dumps(dict(secrets)).encode()
        return base64.b64encode(nonce + AESGCM(self._key(make=True)).encrypt(nonce, clear, _bound(kind))).decode()

    def opened(self, sealed: str, kind: str) -> Mapping[str, str] | None:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if not self._path.exists():
            return None
        try:
            kept = base64.b64decode(sealed, validate=True)
            clear = AESGCM(self._key()).decrypt(kept[:_NONCE_BYTES], kept[_NONCE_BYTES:], _bound(kind))
        except (binascii.Error, ValueError, InvalidTag):
            return None
        return {str(name): str(text) for name, text in json.loads(clear).items()}

    def _key(self, *, make: bool = False) -> bytes:
        path = self._path
        try:
            if make and not path.exists():
                make_key_file(path)
            text, mode = path.read_text(encoding="ascii").strip(), path.stat().st_mode
        except OSError as error:
            raise Unavailable(
                f"{path} cannot be read or made ({error.strerror}): give this user the folder.",
                f"无法读取或创建 {path}，请检查文件夹权限",
            ) from error
        except UnicodeDecodeError:
            text, mode = "", path.stat().st_mode
        if not re.fullmatch(r"[0-9a-f]{64}", text):
            raise _unusable(
                f"{path} is damaged: put it back from the backup, or remove it and enter the secrets of all channels again",
                f"{path} 已损坏，请从备份恢复，或删除后重新填写各渠道的密码",
            )
        if mode & 0o077:
            raise _unusable(
                f"{path} can be read by others: chmod 600 {path}, and change the passwords that it keeps",
                f"{path} 可被其他用户读取，请执行 chmod 600 {path}，并更换其保护的密码",
            )
        return bytes.fromhex(text)


def _unusable(en: str, zh: str) -> Invalid:
    return Invalid("The secrets of channels cannot be opened.", [Fault(en, zh)])


def _bound(kind: str) -> bytes:
    return f"tocsin channel|{kind}".encode()
