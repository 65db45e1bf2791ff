"""The estate's key for card numbers: when a new one is due, and what has to happen until each node uses it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cloud.domain.fleet.node import SILENT_AFTER, Node
from cloud.domain.fleet.order import Order, OrderState

ACCEPT: Final = "accept-card-key"

CONFIRMED_WITHIN: Final = timedelta(minutes=5)
"""A node names its key in its health, at least once a minute; one that took a key and names another has lost it again."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=6)
"""Between two orders of which nothing came: doubled each time. A node that was started anew is asked at once."""

BEHIND_AFTER: Final = timedelta(days=1)
"""A node that is heard all that time and does not come to the estate's key: somebody has to look into it."""

FORGOTTEN_AFTER: Final = timedelta(minutes=10)
"""A node that is away for so long is not behind any more: it gets the key within seconds when it is back."""

RENEWED_AT_MOST_EVERY: Final = timedelta(days=1)
"""Keys made because a node has the estate's key as the one before: no node may make the estate rotate without end."""

_ONE_BEFORE: Final = "is the one before"
"""What a node says of a key that it used before the one in use (edge/application/card_keyring.py)."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """`automatic` False: keys are made when a person asks, and a task reminds them."""

    period: timedelta = timedelta(days=180)
    automatic: bool = True


class Reason(StrEnum):
    """Why a key was made. `forced`: asked for, although cards that gates list are not known by it any more."""

    FIRST = "first"
    DUE = "due"
    BY_HAND = "by_hand"
    FORCED = "forced"
    UNREADABLE = "unreadable"
    USED_BEFORE = "used_before"


@dataclass(frozen=True, slots=True)
class CardKey:
    """One key of an estate; the highest version is in force. `kept`: what is stored of it, which only the vault opens."""

    estate: str
    version: int
    id: str
    made_at: datetime
    kept: str
    by: str
    reason: Reason

    def is_due(self, period: timedelta, now: datetime) -> bool:
        return now - self.made_at >= period


@dataclass(frozen=True, slots=True)
class Holder:
    """A node that reads cards. `first`: the first key it ever named here; `reported`: the one it names now.

    `order`: what it was last sent a key with; `tries`: how often since anything changed. `behind_since`: from when on it
    has been heard without the estate's key.
    """

    estate: str
    node_id: str
    first: str
    reported: str
    order: str | None = None
    tries: int = 0
    behind_since: datetime | None = None

    def named(self, key: str) -> Holder:
        """As it is when the node names this key."""
        return replace(self, reported=key, tries=self.tries if key == self.reported else 0)

    def stands(self, step: Step, node: Node, now: datetime) -> Holder:
        """As it is after a look: how long it has been behind. A node that is away for long is silent, not neglected."""
        away_for_long = node.heard_at is None or now - node.heard_at > FORGOTTEN_AFTER
        if step is Step.HAS or (step is Step.AWAY and away_for_long):
            return replace(self, behind_since=None)
        return replace(self, behind_since=self.behind_since or (None if step is Step.AWAY else now))

    def pause(self) -> timedelta:
        doublings: int = 2 ** min(max(self.tries - 1, 0), 16)
        return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of a node when it is looked whether it needs the key.

    `sealing`: digest of the public key that can be sealed for; None where it speaks without a certificate of ours.
    `listed`: names of the keys under which its gates list cards, None for hashes without a name; None where nobody knows
    what the node runs. `order`: the last one that carried a key.
    """

    node: Node
    sealing: str | None
    listed: frozenset[str | None] | None
    order: Order | None


class Step(StrEnum):
    """How a node stands to the estate's key, and so what is next."""

    HAS = "has"
    ASKED = "asked"
    ISSUE = "issue"
    PAUSES = "pauses"
    AWAY = "away"
    NOT_ENROLLED = "not_enrolled"
    UNKNOWN_LISTS = "unknown_lists"
    WOULD_CLOSE = "would_close"
    USED_BEFORE = "used_before"


def reported_key(node: Node) -> str | None:
    """The card key that the node named in its last health; None where it reads no cards."""
    named = node.health.get("card_key")
    return named if isinstance(named, str) else None


def reported_age(node: Node) -> timedelta | None:
    age = node.health.get("card_key_age_s")
    return timedelta(seconds=min(float(age), 1e9)) if isinstance(age, (int, float)) else None


def is_heard(node: Node, now: datetime) -> bool:
    """Whether it is there, and what is known of its key is of the run that lasts."""
    there = bool(node.online and node.heard_at and now - node.heard_at <= SILENT_AFTER)
    return there and node.boot is not None and node.health.get("boot") == node.boot


def on_its_way(holder: Holder, order: Order | None, now: datetime) -> str | None:
    """The key that the node may use by now although it has not said so yet: its name, if there is such a one."""
    if order is None or order.outcome in (OrderState.FAILED, OrderState.REFUSED):
        return None
    sent = str(order.arguments.get("key_id"))
    return sent if sent != holder.reported and now < order.expires_at + CONFIRMED_WITHIN else None


def closes_out(listed: Collection[str | None], holder: Holder, new: str) -> bool:
    """Whether cards that gates list would not be known any more once the node has `new` before the key it uses now.

    A hash without a name was made with the first key that the node is known to have had, or an earlier one.
    """
    known = {new, holder.reported}
    return any((holder.first if name is None else name) not in known for name in listed)


def next_step(key: CardKey, holder: Holder, found: Situation, now: datetime) -> Step:
    """What is to be done about one node. Looked at again and again: whatever was lost on the way is done anew."""
    if holder.reported == key.id:
        return Step.HAS
    if not is_heard(found.node, now):
        return Step.AWAY
    if found.sealing is None:
        return Step.NOT_ENROLLED
    return _of_the_last_order(key, holder, found, now) or _of_its_lists(key, holder, found)


def _of_its_lists(key: CardKey, holder: Holder, found: Situation) -> Step:
    if key.reason is Reason.FORCED:
        return Step.ISSUE
    if found.listed is None:
        return Step.UNKNOWN_LISTS
    return Step.WOULD_CLOSE if closes_out(found.listed, holder, key.id) else Step.ISSUE


def _of_the_last_order(key: CardKey, holder: Holder, found: Situation, now: datetime) -> Step | None:
    """Whether the last order still counts; None where the key is to be sent (anew)."""
    order = found.order
    if order is None:
        return None
    if order.arguments.get("key_id") != key.id:
        # Two keys one right after the other would make the node forget the one its gates list by.
        waits = order.boot == found.node.boot and on_its_way(holder, order, now)
        return Step.ASKED if waits else None
    state = order.state(now)
    if state is OrderState.FAILED and _ONE_BEFORE in order.detail:
        return Step.USED_BEFORE
    if order.boot != found.node.boot or order.arguments.get("sealed_for") != found.sealing:
        return None  # It started anew, or its certificate was renewed: nothing can come of that order any more.
    answered = order.answered_at if state is OrderState.DONE else None
    if state is OrderState.WAITING or (answered is not None and now - answered < CONFIRMED_WITHIN):
        return Step.ASKED
    return Step.PAUSES if now - order.at < holder.pause() else None


def may_follow(key: CardKey, step: Step, now: datetime) -> bool:
    """Whether a new key is to be made because a node has this one as the one before."""
    return step is Step.USED_BEFORE and now - key.made_at >= RENEWED_AT_MOST_EVERY


def is_neglected(holders: Iterable[Holder], now: datetime) -> bool:
    """Whether a node that is heard has been without the estate's key for too long."""
    return any(one.behind_since is not None and now - one.behind_since >= BEHIND_AFTER for one in holders)
