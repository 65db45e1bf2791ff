"""Passwords by argon2id (RFC 9106), as many at once as the machine's memory takes."""

from __future__ import annotations

from functools import cached_property
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final

from cloud.domain.accounts.passwords import as_compared

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MEMORY_KIB: Final = 19_456
PASSES: Final = 2
LANES: Final = 1
"""The first of OWASP's choices (Password Storage Cheat Sheet): 19 MiB, two passes, one lane."""
AT_ONCE: Final = 2
"""Whoever asks for more waits: a hundred forms posted together must not take two gigabytes."""


class Argon2Passwords:
    """Implements `account_ports.PasswordHashing`. Smaller figures are for tests."""

    def __init__(self, memory_kib: int = MEMORY_KIB, passes: int = PASSES, at_once: int = AT_ONCE) -> None:
        self._memory_kib, self._passes = memory_kib, passes
        self._room = BoundedSemaphore(at_once)

    def hash(self, password: str) -> str:
        with self._room:
            return self._hasher.hash(as_compared(password))

    def verify(self, hashed: str | None, password: str) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        with self._room:
            try:
                self._hasher.verify(hashed or self._nobodys, as_compared(password))
            except (VerificationError, InvalidHashError):
                return False
        return hashed is not None

    def stale(self, hashed: str) -> bool:
        return self._hasher.check_needs_rehash(hashed)

    @cached_property
    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher

        return PasswordHasher(time_cost=self._passes, memory_cost=self._memory_kib, parallelism=LANES)

    @cached_property
    def _nobodys(self) -> str:
        """What is compared where there is no such login, so that it takes as long."""
        return self._hasher.hash("nobody has this one")
