"""Whoever posted a need hears that it is answered, that somebody has taken it on, and that it was met; what is settled is told to
nobody any more.
"""

from __future__ import annotations

from datetime import datetime

from cloud.application.ports import Ids, UnitOfWork
from cloud.domain.community.names import Names
from cloud.domain.exchange.matching import matches
from cloud.domain.exchange.posting import Posting, Side
from cloud.domain.records.missive import Missive, Subject

_WORDS = {
    Subject.NEED_ANSWERED: Names(
        "有邻居回应了您在邻里互助中发布的需求。请登录查看，并在解决后标记为已满足。",
        "A neighbour has answered a need that you posted. Sign in to see the offer, and mark the need as met when it is.",
    ),
    Subject.NEED_TAKEN_UP: Names(
        "有邻居认领了为您的需求安排的任务。请登录查看进展。",
        "A neighbour has taken on the task that was posted for your need. Sign in to see how it goes.",
    ),
    Subject.NEED_MET: Names(
        "为您的需求安排的任务已完成并经核实，该需求已标记为已满足。",
        "The task that was posted for your need is done and confirmed by another; the need is marked as met.",
    ),
}
"""What was needed, and by whom it is answered, is read after signing in: others read phones over a shoulder."""


class Answered:
    """Within one unit of work, which the caller commits. Nobody is told what they did themselves."""

    def __init__(self, uow: UnitOfWork, ids: Ids, now: datetime) -> None:
        self._uow, self._ids, self._now = uow, ids, now

    def by_offer(self, offer: Posting, most: int = 50) -> None:
        """Whose open needs it fits: capability, place and hours. `most`: of the newest needs so many are looked at."""
        if offer.side is not Side.OFFER:
            return
        for need in self._uow.exchange.postings(offer.estate, Side.NEED, limit=most):
            if any(matches(need, [offer], ())):
                self._tell(need, Subject.NEED_ANSWERED, by=offer.member_id)

    def taken_up(self, need: Posting | None, by: str) -> None:
        if need is not None and need.open:
            self._tell(need, Subject.NEED_TAKEN_UP, by=by)

    def met(self, need: Posting, by: str) -> None:
        """By the confirmation of a task; whoever marks their own as met knows."""
        self.settled(need)
        self._tell(need, Subject.NEED_MET, by=by)

    def settled(self, need: Posting) -> None:
        """What has not left yet is withdrawn."""
        for known in self._uow.missives.about(need.id):
            if known.next_at is not None:
                self._uow.missives.save(known.withdrawn(self._now))

    def _tell(self, need: Posting, subject: Subject, *, by: str) -> None:
        """One message of a kind waits at a time: five who answer in one evening are read together."""
        waiting = any(one.subject is subject and one.next_at is not None for one in self._uow.missives.about(need.id))
        if by == need.member_id or waiting:
            return
        self._uow.missives.save(
            Missive(
                self._ids.new(self._now), need.estate, subject, need.id, _WORDS[subject], self._now, self._now,
                need.party_id, need.member_id,
            )
        )  # fmt: skip
