"""What people bear witness to on a task: reporters' verdicts, and photos of before and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """A reporter's answer to what was done (Condo): good, bad, or not done at all and sent back."""

    GOOD = "good"
    BAD = "bad"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Judged:
    """What one reporter said, and when. `claim`: how often the task had been reopened before the claim it is about. `own`:
    the reporter is one of those who did the work, or the desk of who claimed it: words, and no verdict of another.
    """

    report_id: str
    verdict: Verdict
    at: datetime
    claim: int = 0
    own: bool = False


class Stage(StrEnum):
    """What a photo shows."""

    BEFORE = "before"
    AFTER = "after"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Photo:
    """That there is one. `by`: the member's id, or `report:<id>` where the reporter took it. Erased ones stay a fact."""

    id: str
    stage: Stage
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Look:
    """A member said that they go and look after a claim. `until`: how long the others are left in peace; `ended_at`: since
    when it holds no more, because nobody had come by then or, `taken_back`, because they cannot.
    """

    member_id: str
    party_id: str
    at: datetime
    until: datetime
    ended_at: datetime | None = None
    taken_back: bool = False


@dataclass(frozen=True, slots=True)
class Mute:
    """One person on site keeps the sounder quiet until that moment; nothing else is held back by it."""

    member_id: str
    party_id: str
    at: datetime
    until: datetime
