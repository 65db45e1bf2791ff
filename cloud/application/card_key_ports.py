"""What card keys need from outside: a vault that alone sees them, and a place for what it gives out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from cloud.domain.fleet.card_key import CardKey, Holder
from schemas.card_keys import CardKeyOrder
from schemas.topics import NodeAddress


class Made(NamedTuple):
    """A new key: its name, and what is stored of it."""

    id: str
    kept: str


class CardKeyVault(Protocol):
    """Makes keys, and seals them for nodes. No key ever leaves it otherwise. Raises cloud.errors.Unavailable, Invalid."""

    def make(self, estate: str, version: int) -> Made: ...

    def opens(self, key: CardKey) -> bool:
        """Whether what is stored of the key can still be opened."""
        ...

    def seal(self, key: CardKey, node: NodeAddress, command: str, certificate: str) -> CardKeyOrder:
        """The key for this node and this command alone, sealed for the public key in the certificate (PEM)."""
        ...


class CardKeys(Protocol):
    """Keys of estates, and the nodes that use them."""

    def current(self, estate: str) -> CardKey | None: ...

    def add(self, key: CardKey) -> None:
        """Raises cloud.errors.Conflict where that version is there already. What was kept of the ones before is forgotten."""
        ...

    def history(self, estate: str, limit: int = 20) -> Sequence[CardKey]:
        """Newest first. Only the current one has anything kept."""
        ...

    def holders(self, estate: str) -> Sequence[Holder]: ...

    def save(self, holder: Holder) -> None: ...
