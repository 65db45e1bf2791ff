"""Whether messages have reached a member lately, for that member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.records.delivery import Delivery, DeliveryState

LATELY: Final = timedelta(days=30)
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class ReachedView:
    """One message to the member. `channel`: the one tried last; `why`: why it failed there, without an address.
    `reached`: it went a way that would be relied upon where a life is at stake.
    """

    incident_id: str
    state: DeliveryState
    channel: str | None
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    why: str | None
    reached: bool


class ReachedLately:
    """Newest first, of the estates the member is seen to belong to."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(self, viewer: Identity) -> list[ReachedView]:
        with self._units.reading() as uow:
            found = uow.outbox.of_member(viewer.member.id, self._clock.now() - LATELY, MOST)
        return [_view(one) for one in found if one.estate in viewer.estates]


def _view(one: Delivery) -> ReachedView:
    return ReachedView(
        one.incident_id, one.state, one.channel, one.attempts, one.created_at, one.sent_at, one.why, one.reached_its_member
    )  # fmt: skip
