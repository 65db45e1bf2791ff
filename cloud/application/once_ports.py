"""What answering a repeated request with the first answer needs from outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

CARRIED: Final[ContextVar[str | None]] = ContextVar("carried", default=None)
"""The name of the request within which a unit of work is committed: the commit notes there that it has done something."""


@contextmanager
def beside_the_request() -> Iterator[None]:
    """What is written meanwhile is about whoever asks - that they came, how often - and not what was asked for."""
    carried = CARRIED.set(None)
    try:
        yield
    finally:
        CARRIED.reset(carried)


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """A request that came with a key. `name`: a hash of who asked what under which key; `digest`: of its body; `acted`:
    something was committed for it; `answer`: sealed, None as long as there is none.
    """

    name: str
    digest: str
    at: datetime
    acted: bool = False
    answer: str | None = None


class KeptRequests(Protocol):
    def find(self, name: str) -> KeptRequest | None:
        """Nobody else changes it until this unit of work ends."""
        ...

    def put(self, request: KeptRequest) -> None:
        """Raises cloud.errors.Conflict when another worker has just put it."""
        ...

    def acted(self, name: str) -> None:
        """Something is committed for it in this very transaction."""
        ...

    def answered(self, name: str, answer: str) -> None: ...

    def drop(self, name: str) -> None: ...

    def forget(self, before: datetime) -> None: ...


class Seal(Protocol):
    """Keeps an answer so that only who knows the key can read it: it may hold a token or a secret."""

    def close(self, key: str, text: bytes) -> str: ...

    def open(self, key: str, sealed: str) -> bytes: ...
