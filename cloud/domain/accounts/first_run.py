"""The code with which the first administrator is made: printed once where the operator is, good once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FirstRun:
    """`used_at`: an administrator was made with it. From then on there is no first run any more."""

    code_hash: str
    created_at: datetime
    used_at: datetime | None = None
