"""Through what the members of an estate are reached."""

from __future__ import annotations

from cloud.application.ports import UnitOfWork
from cloud.domain.duties.channels import Channels
from cloud.domain.duties.register import Register


def channels_of(uow: UnitOfWork, register: Register, *, console: bool) -> Channels:
    """Of every member. `console`: whether a line on the screen counts as an answer (see Channels)."""
    return Channels.of_contacts(uow.contacts.among(list(register.members)), console=console)
