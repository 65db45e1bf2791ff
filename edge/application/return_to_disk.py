"""A node that started on a disk without room goes over to its file by itself, as soon as there is some."""

from __future__ import annotations

import logging
from collections.abc import Callable

from edge.application.ports import Clock, Outbox
from edge.errors import OutboxError

TRY_EVERY_S = 5.0
_log = logging.getLogger(__name__)


class ReturnToDisk:
    """`returned` is called on the loop, before anything else there sees the store in its file."""

    def __init__(self, outbox: Outbox, clock: Clock, returned: Callable[[], None]) -> None:
        self._outbox = outbox
        self._clock = clock
        self._returned = returned

    async def run(self) -> None:
        """Try until it is done."""
        said: str | None = None
        while (file := self._outbox.volatile_instead_of) is not None:
            await self._clock.sleep(TRY_EVERY_S)
            try:
                await self._outbox.recover()
            except OutboxError as error:
                if str(error) != said:
                    said = str(error)
                    _log.warning("the outbox lies in memory still", extra={"file": file, "why": said})
                continue
            self._returned()
            _log.warning("the outbox lies in its file again, with all that was held in memory", extra={"file": file})
