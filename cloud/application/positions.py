"""Where a list that grows was left: what its port goes on from."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

Position = tuple[datetime, str]
"""When the last one that was read was, and its id, which decides between those of one moment."""


class TopicPosition(NamedTuple):
    """The same in the list of topics, where those that are not over stand before the others."""

    over: bool
    at: datetime
    id: str
