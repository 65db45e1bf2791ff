"""A request to a node, from its asking to its receipt - or to the moment at which none will come any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import takewhile
from typing import Final

from schemas.commands import Action

MUTE: Final = "mute"
UNMUTE: Final = "unmute"
SOUND: Final = "sound"
HUSH: Final = "hush"
MOST_LOOKED_AT: Final = 200
"""So many of a node's orders tell how often in a row it confirmed nothing: a night of one asked every two minutes."""

FOR_AN_INCIDENT: Final = frozenset({MUTE, UNMUTE, SOUND, HUSH})
"""What only the work on an incident asks of a node; that it stays unanswered is told there."""


def missed_in_a_row(orders: Iterable[Order], action: Action, incident_id: str, now: datetime) -> int:
    """How often in a row, up to now, a node did nothing of what it was asked on account of that incident. `orders`:
    those of the node, newest first.
    """
    mine = (one for one in orders if one.incident_id == incident_id and one.action in FOR_AN_INCIDENT)
    return sum(1 for _ in takewhile(lambda one: one.action == action and one.state(now) in UNDONE, mine))


class OrderState(StrEnum):
    """`unanswered`: it expired, and nothing was heard."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    UNANSWERED = "unanswered"


UNDONE: Final = frozenset({OrderState.FAILED, OrderState.REFUSED, OrderState.UNANSWERED})
"""What came of an order that, for all that is known, changed nothing."""


@dataclass
class Order:
    """One command to one boot of one node. `told_at` None: it is still to be published."""

    id: str
    estate: str
    node_id: str
    boot: str
    action: Action
    by: str
    at: datetime
    expires_at: datetime
    arguments: Mapping[str, str | float | bool] = field(default_factory=dict)
    told_at: datetime | None = None
    outcome: OrderState | None = None
    detail: str = ""
    answered_at: datetime | None = None

    @property
    def incident_id(self) -> str | None:
        """The incident on whose account it was asked."""
        named = self.arguments.get("incident")
        return named if isinstance(named, str) else None

    def repeated_by(self, other: Order) -> bool:
        """Whether the other asks what this one, which still waits, has asked: a node is not asked twice."""
        ours, theirs = ((one.boot, one.action, one.by, dict(one.arguments)) for one in (self, other))
        return ours == theirs and self.state(other.at) is OrderState.WAITING

    def state(self, now: datetime) -> OrderState:
        if self.outcome is not None:
            return self.outcome
        return OrderState.WAITING if now < self.expires_at else OrderState.UNANSWERED
