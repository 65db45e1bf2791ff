"""Which of a member's addresses is tried now, or until when their message waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cloud.domain.community.contacts import Contact, ordered

CONSOLE: Final = "console"
"""The channel that needs no address: a line where the program runs."""


def quiet_end(contact: Contact, local: datetime) -> datetime | None:
    """When a contact's quiet hours end, if that moment lies in them; None where it does not."""
    start, end = contact.quiet_from, contact.quiet_until
    if start is None or end is None or start == end:
        return None
    clock = local.time()
    quiet = start <= clock < end if start < end else clock >= start or clock < end
    if not quiet:
        return None
    today = local.replace(hour=end.hour, minute=end.minute, second=end.second, microsecond=0)
    return today if today > local else today + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Way:
    """What to do for a member now: try `contact`, or wait `until`; neither: there is nothing left to try.

    `others`: whether another contact could be tried at once, should this one fail.
    """

    contact: Contact | None = None
    until: datetime | None = None
    others: bool = False


def unrung(contacts: Sequence[Contact], rings: Collection[str]) -> list[Contact]:
    """The ways that wake nobody. By these who is merely told that life is at stake is told at any hour; only who has none
    of them hears of it when their quiet hours are over.
    """
    return [contact for contact in contacts if contact.channel not in rings]


DIGEST_EVERY: Final = timedelta(minutes=30)
"""At every full half hour what was merely told since is sent as one message, to those who want it gathered."""


def way_to(
    contacts: Sequence[Contact], tried: Collection[str], local: datetime, *, urgent: bool, told: bool, waited: bool
) -> Way:
    """How a member is reached at that moment, in the estate's time zone. `urgent`: life is at stake, and quiet hours are
    none. `told`: nothing is asked of them. `waited`: it was held back before and is not gathered again.
    """
    left = [contact for contact in ordered(contacts) if contact.key not in tried]
    if not left:
        return Way()
    if urgent:
        return Way(left[0], others=len(left) > 1)
    awake = [contact for contact in left if quiet_end(contact, local) is None]
    if not awake:
        return Way(until=min(end for c in left if (end := quiet_end(c, local)) is not None))
    if told and not waited and awake[0].digest:
        return Way(until=_next_digest(local))
    return Way(awake[0], others=len(awake) > 1)


def _next_digest(local: datetime) -> datetime:
    since = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return local + DIGEST_EVERY - since % DIGEST_EVERY
