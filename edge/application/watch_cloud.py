"""The watcher watched: a node that does not hear the cloud says so where somebody is on duty."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from edge.application.ports import Clock

SILENT_AFTER_S: Final = 120.0
"""Without an acknowledgement or a hint for so long, alarms of this node may reach nobody (wire.md). Hints come twice a
minute."""
_LOOK_EVERY_S: Final = 2.0
_log = logging.getLogger(__name__)


class WatchCloud:
    """`tell` is called with whether the cloud is silent and the time, again and again: outputs may have changed meanwhile.

    The node is given the same two minutes after its start, for a building that gets its power back all at once.
    """

    def __init__(self, clock: Clock, tell: Callable[[bool, float], None]) -> None:
        self._clock, self._tell = clock, tell
        self._heard = clock.mono()
        self.silent = False

    def heard(self) -> None:
        """The cloud has acknowledged something, or a worker of it has announced itself."""
        self._heard = self._clock.mono()

    @property
    def heard_s_ago(self) -> float:
        """Seconds since the last word, or since the start."""
        return max(self._clock.mono() - self._heard, 0.0)

    async def run(self) -> None:
        """For ever."""
        while True:
            self.look()
            await self._clock.sleep(_LOOK_EVERY_S)

    def look(self) -> None:
        silent = self.heard_s_ago >= SILENT_AFTER_S
        if silent != self.silent:
            self.silent = silent
            if silent:
                _log.error(
                    "the cloud is not heard: alarms of this node may reach nobody",
                    extra={"what_to_do": "look after the network, the broker and the cloud; reflexes work on"},
                )
            else:
                _log.info("the cloud is heard again")
        self._tell(silent, self._clock.mono())
