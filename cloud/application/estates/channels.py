"""Through what the members of an estate are reached."""

from __future__ import annotations

from dataclasses import dataclass

from cloud.application.ports import UnitOfWork
from cloud.domain.duties.channels import Channels
from cloud.domain.duties.register import Register


@dataclass(frozen=True, slots=True)
class Means:
    """What this program can reach anybody through. `kinds`: the channels that are set up, None for any; `console`: whether a
    line on the screen counts as an answer (see Channels).
    """

    kinds: frozenset[str] | None = None
    console: bool = False


ANY: Means = Means()


def channels_of(uow: UnitOfWork, register: Register, means: Means) -> Channels:
    """Of every member, those that are set up: an address on any other is never tried."""
    contacts = {
        member: [one for one in given if means.kinds is None or one.channel in means.kinds]
        for member, given in uow.contacts.among(list(register.members)).items()
    }
    return Channels.of_contacts(contacts, console=means.console)
