"""What the node has to say about itself when there is a connection: receipts, and that it is born anew."""

from __future__ import annotations

from collections import deque

from edge.application.ports import Clock
from edge.application.waiting import Wakeup
from schemas.commands import AnyReceipt

_MOST_HELD = 100


class Answers:
    """Held until they are said. A receipt older than the last hundred has no reader any more."""

    def __init__(self, clock: Clock) -> None:
        self._receipts: deque[AnyReceipt] = deque(maxlen=_MOST_HELD)
        self._wakeup = Wakeup(clock)
        self._birth = False

    def give(self, receipt: AnyReceipt) -> None:
        self._receipts.append(receipt)
        self._wakeup.wake()

    def bear(self) -> None:
        """What a birth says has changed: say it again."""
        self._birth = True
        self._wakeup.wake()

    async def wait(self) -> None:
        """Until there may be something to say."""
        await self._wakeup.wait(None)

    def take_birth(self) -> bool:
        birth, self._birth = self._birth, False
        return birth

    def next(self) -> AnyReceipt | None:
        """The oldest receipt that was not said yet; it stays until `said`."""
        return self._receipts[0] if self._receipts else None

    def said(self, receipt: AnyReceipt) -> None:
        if self._receipts and self._receipts[0] is receipt:
            self._receipts.popleft()
