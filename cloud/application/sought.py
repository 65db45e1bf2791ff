"""What somebody looks for among matters that are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cloud.domain.tasks.ending import Ending


@dataclass(frozen=True, slots=True)
class Sought:
    """What is None does not narrow. `place`: there and in all that lies in it; `hazard`: by id, or a whole family; `party`:
    whatever it had a part in; closed from `since` until before `until`.
    """

    place: str | None = None
    hazard: str | None = None
    party: str | None = None
    ending: Ending | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = Sought()
