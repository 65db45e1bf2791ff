"""What the commits left in the outbox is delivered to each member, at least once, and the ledger says whether it was."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cloud.application.channel_ports import MeansNow
from cloud.application.messages import Channels, why_not
from cloud.application.notices.address import Address
from cloud.application.notices.nobody import PassOn
from cloud.application.notices.prepare import Calls, Prepare, Ready
from cloud.application.notices.settle import Outcome, settle
from cloud.application.notices.sparing import Sparing
from cloud.application.ports import Clock, Ids, UnitsOfWork
from cloud.domain.community.faults import fault
from cloud.domain.records.failure import without_its_address
from cloud.errors import CloudError

_log = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=30)
"""How long a claim lasts: what a worker had in hand when it died is sent by another after this."""

TOGETHER_S: Final = 0.05
"""Real seconds in which what comes back is noted in one transaction."""

TAKES_AT_MOST: Final = timedelta(seconds=10)
"""The longest that a channel may take for one message; it gives up before."""


@dataclass(frozen=True, slots=True)
class Delivered:
    sent: int
    failed: int
    addressed: bool = False


NOTHING: Final = Delivered(0, 0)
"""What a run comes to when nothing was due."""


class SendNotifications:
    """One run over what is due. Each delivery is claimed durably before it is sent, so that two workers never send the
    same; sending happens outside any transaction, for a slow provider must not hold up an alarm. A crash between
    sending and noting it sends again once the claim has run out, under the same id, rather than not at all.

    `means`: which of a member's addresses are ways to them, the same for whoever asks who is reached. `sparing`: how much
    channels that ring or cost money are used. `at_once`: how many channels are spoken to at the same time, so that one that hangs holds up no other.
    """

    def __init__(
        self, units: UnitsOfWork, clock: Clock, ids: Ids, channels: Channels,
        *, means: MeansNow, calls: Calls | None = None, sparing: Sparing | None = None, at_once: int = 1,
    ) -> None:  # fmt: skip
        self._units, self._clock, self._channels, self._at_once = units, clock, channels, at_once
        self._address = Address(channels, ids)
        self._prepare = Prepare(channels, calls or Calls(), means, sparing or Sparing())
        self._pass_on = PassOn(units, clock)
        self._ids = ids

    def __call__(self, limit: int = 50) -> Delivered:
        with self._units.reading() as uow:
            if not uow.outbox.waits(self._clock.now()):
                return NOTHING
        by = secrets.token_hex(8)
        addressed, claimed = self._claim(by, limit)
        delivered = self._deliver(claimed, by, addressed=addressed)
        self._pass_on()
        return delivered

    def _deliver(self, claimed: Sequence[Ready], by: str, *, addressed: bool) -> Delivered:
        sent = failed = 0
        for done in self._attempts(claimed):
            self._settle(done, by)
            failed += sum(outcome.tried and outcome.why is not None for _, outcome in done)
            sent += sum(outcome.tried and outcome.why is None for _, outcome in done)
        return Delivered(sent, failed, addressed)

    def _settle(self, done: Sequence[tuple[Ready, Outcome]], by: str) -> None:
        with self._units.writing() as uow:
            for estate in sorted({n.estate for ready, _ in done for n in ready.notifications}):
                uow.ledger.hold(estate)
            now = self._clock.now()
            for ready, outcome in done:
                settle(uow, ready, outcome, now=now, by=by, ids=self._ids)
            uow.commit()

    def _claim(self, by: str, limit: int) -> tuple[bool, Sequence[Ready]]:
        with self._units.reading() as uow:
            now = self._clock.now()
            if not (uow.outbox.unsent(now, 1) or uow.outbox.second_rounds(now, 1) or uow.outbox.due(now, 1)):
                return False, ()
        with self._units.writing() as uow:
            now = self._clock.now()
            for estate in sorted(estate.id for estate in uow.registers.estates()):
                uow.ledger.hold(estate)
            addressed = self._address.waiting(uow, now, limit)
            claimed = uow.outbox.claim(now, by=by, until=now + LEASE, limit=limit)
            ready = self._prepare(uow, claimed, now, by)
            uow.commit()
        return addressed, ready

    def _attempts(self, claimed: Sequence[Ready]) -> Iterator[Sequence[tuple[Ready, Outcome]]]:
        """What came of them, as it comes: one that hangs keeps no other from being settled, and followed by the next."""
        if self._at_once == 1:
            yield [(ready, self._attempt(ready)) for ready in claimed]
            return
        with ThreadPoolExecutor(self._at_once, "channel") as pool:
            pending = {pool.submit(self._attempt, ready): ready for ready in claimed}
            while pending:
                wait(pending, return_when=FIRST_COMPLETED)
                done, _ = wait(pending, timeout=TOGETHER_S)
                yield [(pending.pop(future), future.result()) for future in done]

    def _attempt(self, ready: Ready) -> Outcome:
        if self._clock.now() + TAKES_AT_MOST > ready.until:
            # The claim no longer outlasts the sending: the rest is left to whoever claims it next.
            return Outcome(tried=False)
        try:
            self._channels[ready.contact.channel].deliver(ready.message)
        except CloudError as error:
            return Outcome(why=without_its_address(why_not(error), ready.contact))
        except Exception as error:  # noqa: BLE001 - logged, recorded and tried again
            # One message that no channel can take must not hold back those behind it. What the error says may hold
            # an address or a provider's key, so where it happened has to do.
            frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
            _log.error("a channel fails unexpectedly: %s: %s\n%s", ready.contact.channel, type(error).__name__, frames)
            return Outcome(why=fault("unexpected", detail=type(error).__name__))
        return Outcome()
