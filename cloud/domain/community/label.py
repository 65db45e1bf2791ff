"""The label on a lift or a door: a short code that anybody may read there, and the piece of equipment it stands for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is read as another."""

LENGTH: Final = 8
"""40 bits: short enough to type from a door, far too many to find the doors of an estate by trying."""

_MISREAD: Final = str.maketrans("OIL", "011", "- ")


@dataclass(frozen=True, slots=True)
class Label:
    """One label. It lasts as long as its equipment does, unless it is replaced: then its code opens nothing any more.

    The code is public where it hangs and secret nowhere: all it opens is what everybody may know of that spot.
    """

    code: str
    estate: str
    equipment_id: str
    made_at: datetime
    replaced_at: datetime | None = None

    @property
    def printed(self) -> str:
        """As people read and type it."""
        return printed(self.code)


def fresh_code() -> str:
    """A code that says nothing of the equipment, nor of any other code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def printed(code: str) -> str:
    half = LENGTH // 2
    return f"{code[:half]}-{code[half:]}"


def read_code(typed: str) -> str | None:
    """The code that somebody typed, however they wrote it; None for what can be none."""
    code = typed.upper().translate(_MISREAD)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None
