"""Codes of the second factor (RFC 6238) by pyotp."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import pyotp

STEP: Final = timedelta(seconds=30)
ISSUER: Final = "Tocsin"
_AROUND: Final = (0, -1, 1)
"""Steps beside the present one: a phone's clock and a slow hand (RFC 6238, 5.2 allows one for the way)."""


class TimeCodes:
    """Implements `account_ports.OneTimeCodes`. `ahead`: by how much our time is later than the machine's, with which a
    phone's agrees.
    """

    def __init__(self, ahead: Callable[[], timedelta] = timedelta) -> None:
        self._ahead = ahead

    def new_secret(self) -> str:
        return pyotp.random_base32()

    def step_of(self, secret: str, code: str, now: datetime) -> int | None:
        digits = "".join(letter for letter in code if not letter.isspace())
        totp, step = pyotp.TOTP(secret), int((now - self._ahead()).timestamp()) // int(STEP.total_seconds())
        right = [
            step + beside for beside in _AROUND if pyotp.utils.strings_equal(digits, totp.generate_otp(step + beside))
        ]
        return right[0] if right else None

    def address(self, secret: str, login: str) -> str:
        return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)
