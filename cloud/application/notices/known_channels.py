"""Which channels there are at this moment: those of the settings, and those that administrators have set up since."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final

from cloud.application.channel_ports import ChannelSeal
from cloud.application.ports import UnitsOfWork
from cloud.domain.community.channel_setup import ChannelSetup
from cloud.domain.community.means import Means
from cloud.errors import CloudError, Invalid, Unavailable

LOOKS_EVERY_S: Final = 1.0
"""Real seconds for which what was read is good: after so long every process knows what another has set up."""


@dataclass(frozen=True, slots=True)
class Known:
    """One that was set up. `secrets` None: they cannot be opened, and it cannot be used until they are given again; `why`: what
    keeps them shut, where it is not simply another key.
    """

    setup: ChannelSetup
    secrets: Mapping[str, str] | None
    why: str | None = None

    @property
    def works(self) -> bool:
        return self.setup.active and self.secrets is not None


class KnownChannels:
    """Read once a second at most, from any thread. `laid`: kinds of the server's own settings, which go before what was set up
    under the same name.
    """

    def __init__(
        self, units: UnitsOfWork, seal: Callable[[], ChannelSeal], laid: frozenset[str],
        now: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._units, self._seal, self.laid, self._now = units, seal, laid, now
        self._found: Mapping[str, Known] = {}
        self._read_at: float | None = None
        self._lock = Lock()

    def all(self) -> Mapping[str, Known]:
        """By kind, those that the settings go before among them."""
        if self._fresh() or not self._lock.acquire(blocking=self._read_at is None):
            # Nobody waits for another's reading: who asks may hold a connection that the reader needs.
            return self._found
        try:
            if not self._fresh():
                self._read_if_it_can_be()
            return self._found
        finally:
            self._lock.release()

    def usable(self) -> Mapping[str, Known]:
        """Those through which something can go out."""
        return {kind: one for kind, one in self.all().items() if one.works and kind not in self.laid}

    def look_again(self) -> None:
        """Something was changed here: whoever asks next is told as it stands now."""
        with self._lock:
            self._read()

    def _fresh(self) -> bool:
        return self._read_at is not None and self._now() - self._read_at < LOOKS_EVERY_S

    def _read_if_it_can_be(self) -> None:
        try:
            self._read()
        except Unavailable:
            if self._read_at is None:
                raise  # else by what was known a moment ago: what can go out still does

    def _read(self) -> None:
        at = self._now()
        with self._units.reading() as uow:
            rows = list(uow.channels.all())
        same = {one.setup.kind: one for one in self._found.values() if one.secrets is not None and one.setup in rows}
        self._found = {row.kind: same.get(row.kind) or self.opened(row) for row in rows}
        self._read_at = at

    def opened(self, setup: ChannelSetup) -> Known:
        """With its secrets, as far as they can be opened."""
        if setup.sealed is None:
            return Known(setup, {})
        try:
            return Known(setup, self._seal().opened(setup.sealed, setup.kind))
        except CloudError as error:
            # An operator puts the key's file right; meanwhile every other way goes on.
            said = error.problems[0] if isinstance(error, Invalid) and error.problems else str(error)
            return Known(setup, None, said)


class MeansKnown:
    """Implements `channel_ports.MeansNow`. `laid`: what the settings alone give."""

    def __init__(self, known: KnownChannels, laid: Means) -> None:
        self._known, self._laid = known, laid

    def __call__(self) -> Means:
        usable = self._known.usable()
        rings = {kind for kind, one in usable.items() if one.setup.rings}
        return replace(
            self._laid, kinds=(self._laid.kinds or frozenset()) | usable.keys(), rings=self._laid.rings | rings
        )
