"""What a member's contacts must be like before they are kept: channels that are set up, addresses that fit, no doubles."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from typing import Final

from cloud.domain.community.contacts import Contact, checked_address
from cloud.errors import Invalid

MOST: Final = 10
"""Contacts that a member may have."""


def problems(given: Sequence[Contact], kinds: Collection[str], known: Collection[str] = ()) -> Iterator[str]:
    """What is wrong with each, with its place in the list. `kinds`: the channels that are set up; none: any will do, for
    they may be set up later. `known`: keys of those that are kept already, whose channel may have gone since.
    """
    if len(given) > MOST:
        yield f"contacts: at most {MOST}, not {len(given)}"
    seen: set[str] = set()
    for number, contact in enumerate(given):
        where = f"contacts.{number}"
        if kinds and contact.channel not in kinds and contact.key not in known:
            yield f"{where}.channel: {contact.channel!r} is not set up here; there is {', '.join(sorted(kinds))}"
        else:
            yield from (f"{where}.{problem}" for problem in _no_address(contact))
        if (contact.quiet_from is None) != (contact.quiet_until is None):
            yield f"{where}: quiet_from and quiet_until belong together"
        if contact.key in seen:
            yield f"{where}: stands there twice"
        seen.add(contact.key)


def _no_address(contact: Contact) -> Sequence[str]:
    try:
        checked_address(contact.channel, contact.address)
    except Invalid as error:
        return error.problems
    return ()


class Loss(StrEnum):
    """What would be gone with a contact."""

    EVERY_WAY = "every-way"
    RINGING = "ringing"
    PROVEN = "proven"


def lost_with(contact: Contact, others: Sequence[Contact], rings: Collection[str]) -> Loss | None:
    """What a member loses with a contact that the others do not make up for: any way to them, the last one that wakes them,
    the last that was proven. One that is only written down makes up for none that is proven.
    """
    left = [one for one in others if one.key != contact.key]
    if not left:
        return Loss.EVERY_WAY
    as_good = [one for one in left if one.relied_upon or not contact.relied_upon]
    if contact.channel in rings and not any(one.channel in rings for one in as_good):
        return Loss.RINGING
    return Loss.PROVEN if not as_good else None
