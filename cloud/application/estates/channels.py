"""Through what the members of an estate are reached."""

from __future__ import annotations

from cloud.application.ports import UnitOfWork
from cloud.domain.community.means import Means
from cloud.domain.duties.channels import Channels
from cloud.domain.duties.register import Register


def channels_of(uow: UnitOfWork, register: Register, means: Means) -> Channels:
    """Of every member, the ways that messages take to them."""
    contacts = uow.contacts.among(list(register.members))
    return Channels.of_ways({name: means.ways(name, contacts.get(name, ())) for name in register.members})
