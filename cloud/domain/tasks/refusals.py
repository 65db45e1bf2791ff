"""The deeds there are, and what a refusal of one says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cloud.domain.community.names import Names


class Action(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    START = "start"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    NOTE = "note"
    HOLD = "hold"
    DECLINE = "decline"
    TRANSFER = "transfer"
    ARRIVE = "arrive"
    FINISH = "finish"
    HELP = "help"
    WISH = "ask-for-whistle"
    WHISTLE = "whistle"
    NO_WHISTLE = "refuse-whistle"
    JUDGE = "judge"
    ARBITRATE = "arbitrate"
    MERGE = "merge"
    UNMERGE = "undo-merge"
    CHECK = "check"
    LOOK = "look"
    CANNOT_LOOK = "cannot-look"
    REFUSED = "refused"
    CONFIRM = "confirm-report"
    MUTE = "mute"
    TURN_REAL = "turn-real"
    RELEASE = "release"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not. `forbidden`: this member may not at all; otherwise the task's present state does not permit it."""

    text: Names
    forbidden: bool = False


def forbidden(zh: str, en: str) -> Refusal:
    return Refusal(Names(zh, en), forbidden=True)


def not_now(zh: str, en: str) -> Refusal:
    return Refusal(Names(zh, en))
