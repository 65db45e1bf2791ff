"""The card key of a node that runs: what it is called, how old it is, and how a new one takes its place."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from pydantic import ValidationError

from edge.application.ports import Clock
from edge.application.timestamps import Timestamps
from edge.domain.credentials import CardKeys
from edge.errors import SettingsError
from schemas.batch import ClockState
from schemas.card_keys import CardKeyOrder

_log = logging.getLogger(__name__)


class CardKeyFile(Protocol):
    """Where the keys are kept. Blocking; raises EdgeError that says nothing of a key."""

    def read(self) -> CardKeys: ...

    def made_at(self) -> float | None:
        """When the key in use was made, in seconds since 1970; None where nobody knows."""

    def accept(self, order: CardKeyOrder, command: str) -> None:
        """Open a sealed key, and have it on the disk before the one in use, wholly or not at all."""


class CardKeyring:
    """`on_change` is given the keys from the next card on, on the loop."""

    def __init__(
        self, file: CardKeyFile, clock: Clock, timestamps: Timestamps, on_change: Callable[[CardKeys], None]
    ) -> None:
        self._file, self._clock, self._timestamps, self._on_change = file, clock, timestamps, on_change
        self._keys = file.read()

    @property
    def keys(self) -> CardKeys:
        return self._keys

    @property
    def age_s(self) -> float | None:
        """Since the key in use was made; None while the clock is not believed."""
        made = self._file.made_at()
        if made is None or self._timestamps.state is not ClockState.SYNCHRONISED:
            return None
        return max(self._clock.wall() - made, 0.0)

    async def accept(self, command: str, arguments: Mapping[str, object]) -> str:
        """Use the key that was sent; what came of it, in a sentence that names keys and tells none. Raises SettingsError."""
        try:
            order = CardKeyOrder.model_validate(arguments)
        except ValidationError as error:
            # Where it is wrong, and not what it was.
            named = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors(include_input=False))
            raise SettingsError("accept-card-key", [f"its arguments do not hold together: {named}"]) from None
        before = self._keys
        if order.key_id == before.name:
            return f"card key {order.key_id} is in use already"
        if order.key_id == before.former_name:
            raise SettingsError("accept-card-key", [f"card key {order.key_id} is the one before: make a new one"])
        await asyncio.to_thread(self._file.accept, order, command)
        self._keys = await asyncio.to_thread(self._file.read)
        self._on_change(self._keys)
        _log.warning("a new card key is in use", extra={"card_key": self._keys.name, "before": before.name})
        forgotten = f"; {before.former_name} is forgotten" if before.former_name else ""
        return (
            f"card key {self._keys.name} is in use; cards that gates list by {before.name} are known still{forgotten}"
        )
