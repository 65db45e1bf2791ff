"""Codes on paper for who has lost the phone: ten, each good once."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Final

HOW_MANY: Final = 10
_BYTES: Final = 10
"""80 bits: a plain hash of them cannot be guessed back, and sixteen letters can be typed."""
_LETTERS: Final = 16


def new_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(_BYTES)).decode()
    return "-".join(letters[n : n + 4] for n in range(0, _LETTERS, 4))


def is_recovery_code(typed: str) -> bool:
    """Whether it can only be one of these, not the six digits of a second factor."""
    return len(_plain(typed)) == _LETTERS


def recovery_hash(member_id: str, typed: str) -> str:
    """Hex SHA-256. However it was typed: hyphens, blanks and case make no difference, nor 0 for O and 1 for I."""
    return hashlib.sha256(f"{member_id}|{_plain(typed)}".encode()).hexdigest()


def _plain(typed: str) -> str:
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    return letters.replace("0", "O").replace("1", "I").replace("8", "B")
