"""What moves in estates beside the one a stream follows: told by estate and sequence, and never what it is."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from fastapi.sse import format_sse_event

from cloud.domain.tasks.sight import Outlook
from cloud.entrypoints.feeds.frame import Frame

KEPT: Final = 256
"""Marks kept for streams that are busy; one further behind is told to look at everything."""

Outlooks = Mapping[str, Outlook]
"""By estate, what a reader sees of it."""


class Wanted(StrEnum):
    """Of which matters elsewhere a stream tells."""

    LIFE_SAFETY = "life-safety"
    ALL = "all"


LOOK: Final = format_sse_event(event="elsewhere", data_str="{}")
"""It names no estate: something may have happened in any. It has no id and moves no cursor, as all of these."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A line about a matter of some estate."""

    estate: str
    frame: Frame

    @property
    def wire(self) -> bytes:
        return format_sse_event(
            event="elsewhere", data_str=json.dumps({"estate": self.estate, "seq": self.frame.seq}, ensure_ascii=False)
        )


class Elsewhere:
    """The newest marks of all estates that are followed. `wake`: wakes the streams of every estate; it is called only where a
    life may be at stake, so that what is common somewhere wakes nobody elsewhere.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self.count = 0
        self._wake, self._kept = wake, deque[Mark](maxlen=KEPT)
        self._moved = asyncio.Event()
        self._alike: dict[tuple[tuple[str, Outlook], ...], Outlooks] = {}

    def take(self, estate: str, frames: Sequence[Frame]) -> None:
        """What an estate's ledger has gained."""
        matters = [Mark(estate, frame) for frame in frames if frame.incident_id is not None]
        self.count += len(matters)
        self._kept.extend(matters)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        if any(mark.frame.life_safety for mark in matters):
            self._wake()

    def after(self, position: int) -> Sequence[Mark] | None:
        """The marks that came after that many; None when they are not all kept."""
        missed = self.count - position
        if missed > len(self._kept):
            return None
        return [self._kept[n] for n in range(len(self._kept) - missed, len(self._kept))]

    def shared(self, outlooks: Outlooks) -> Outlooks:
        """The one object for all who see the same of the same estates."""
        if len(self._alike) >= KEPT:
            # What nobody sees any more goes with the rest; who is there shares again within a minute.
            self._alike.clear()
        return self._alike.setdefault(tuple(outlooks.items()), outlooks)

    async def moved(self, patience: float) -> None:
        """Returns when anything moved anywhere, or after `patience` seconds."""
        try:
            async with asyncio.timeout(patience):
                await self._moved.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        self._moved.set()


@dataclass(slots=True)
class Beyond:
    """One stream's view of the estates beside its own."""

    own: str
    elsewhere: Elsewhere
    outlooks: Outlooks
    wanted: Wanted
    _position: int = field(init=False)

    def __post_init__(self) -> None:
        self._position = self.elsewhere.count

    @property
    def behind(self) -> bool:
        return self._position != self.elsewhere.count

    @property
    def waiting(self) -> bool:
        """Whether there is something to tell, by what the reader could see when that was last asked."""
        marks = self.elsewhere.after(self._position)
        return marks is None or any(self._hears(mark) for mark in marks)

    def news(self) -> bytes:
        """What the reader has not been told yet, the last of each estate."""
        marks, self._position = self.elsewhere.after(self._position), self.elsewhere.count
        if marks is None:
            return LOOK
        return b"".join({mark.estate: mark.wire for mark in marks if self._hears(mark)}.values())

    def _hears(self, mark: Mark) -> bool:
        outlook = self.outlooks.get(mark.estate)
        if outlook is None or mark.estate == self.own:
            return False
        return (mark.frame.life_safety or self.wanted is Wanted.ALL) and mark.frame.seen_by(outlook)
