"""What is due by now, and which work it is: one question a second instead of one by everybody who would have to do it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Work(StrEnum):
    """What somebody has to do when it is due."""

    TIMERS = "timers"
    """Clocks, ladders, exercises and windows that end, nodes that fell silent."""
    NOTIFICATIONS = "notifications"
    MISSIVES = "missives"
    TELLING_NODES = "telling nodes"
    """Configurations, commands, and what was asked of a node and stayed unanswered."""
    WEBHOOKS = "webhooks"


class Lookout(Protocol):
    """Sees in the storage what is due."""

    def due(self, now: datetime) -> frozenset[Work]:
        """What there is to do at `now`, at least. Raises Unavailable."""
        ...
