"""The ledger's head is made public, after what came since the last one was verified, and kept for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from cloud.application.ledger_ports import PublishedHead
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.records.ledger import Head
from cloud.domain.records.ledger_chain import verify
from cloud.errors import Invalid, NotFound

EVERY: Final = timedelta(hours=1)
"""Whoever wants to rewrite history has this long before it is public; a feed of hours can still be read by people."""

_STRETCH: Final = 1000


class PublishHeads:
    """One run over all estates. Raises Invalid, with the first entry that does not fit, and publishes nothing of that
    estate: a head on a broken chain would bless it.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, every: timedelta = EVERY) -> None:
        self._units, self._clock, self._every = units, clock, every

    def __call__(self) -> list[str]:
        """The estates whose head was published now."""
        with self._units.reading() as uow:
            estates = [estate.id for estate in uow.registers.estates()]
        published: list[str] = []
        broken: list[str] = []
        for estate in estates:
            try:
                if self._publish(estate):
                    published.append(estate)
            except Invalid as error:
                broken += error.problems
        if broken:
            raise Invalid(
                "The ledger does not verify; its head is not published. Restore the last good backup.", broken
            )
        return published

    def _publish(self, estate: str) -> bool:
        now = self._clock.now()
        with self._units.reading() as uow:
            last = next(iter(uow.heads.latest(estate)), None)
            head = uow.ledger.head(estate)
            if last is not None and (now - last.at < self._every or head == last.head):
                return False
            if head.seq == 0 and last is None:
                return False
            _verified(uow, estate, last.head if last else Head(), head)
        with self._units.writing() as uow:
            if uow.heads.latest(estate) == ([last] if last else []):
                uow.heads.add(estate, PublishedHead(head.seq, head.hash, now))
                uow.commit()
                return True
        return False


class AskHeads:
    """What everybody may know, without signing in: that the estate has a ledger, and how far it has come."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def __call__(self, estate: str, limit: int = 1, *, before: int | None = None) -> Sequence[PublishedHead]:
        """The newest first. Raises NotFound where nothing was ever published."""
        with self._units.reading() as uow:
            heads = uow.heads.latest(estate, limit, before=before)
            if not heads and not uow.heads.latest(estate):
                raise NotFound(
                    "No head of such a ledger has been published here. Check the estate's id in the address.",
                    "这里没有发布过该小区的存证日志摘要，请核对地址中的小区编号",
                )
            return heads

    def newest(self, estate: str) -> PublishedHead | None:
        with self._units.reading() as uow:
            return next(iter(uow.heads.latest(estate)), None)


def _verified(uow: UnitOfWork, estate: str, since: Head, head: Head) -> None:
    """That the chain goes from the head published last to the present one."""
    if since.seq:
        stands = uow.ledger.since(estate, since.seq - 1, 1)
        if not stands or (stands[0].seq, stands[0].hash) != (since.seq, since.hash):
            raise Invalid("", [f"estate {estate}: entry {since.seq} is not the one whose head was published"])
    at = since
    while at.seq < head.seq:
        stretch = uow.ledger.since(estate, at.seq, min(_STRETCH, head.seq - at.seq))
        misfit = verify(stretch, at)
        if misfit is not None or not stretch:
            where = misfit.seq if misfit else at.seq + 1
            raise Invalid("", [f"estate {estate}: entry {where} {misfit.reason if misfit else 'is missing'}"])
        at = Head(stretch[-1].seq, stretch[-1].hash)
