"""How members are reached: each keeps their own contacts in full, a manager sets up their people's and sees them masked."""

from __future__ import annotations

from datetime import time
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.estates.sign_in import Identity
from cloud.application.rosters.keep_contacts import ContactsView, ContactView
from cloud.domain.community.contact_rules import MOST
from cloud.domain.community.contacts import Contact
from cloud.entrypoints.api.access import Area, Given, entrance
from cloud.entrypoints.api.attempts import TestShown, shown_failure
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented

router = Interface("/members/{member_id}/contacts", tags=["contacts"])

ANSWERS = documented(
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


Myself = Annotated[Identity, Depends(entrance(Area.OWN))]
"""Whoever asks, residents too: how one is reached is everybody's own business."""


class OfMember:
    """The member in the path (`me`: who asks), where their contacts are the asker's to see; to others they do not exist."""

    def __init__(
        self,
        member_id: Annotated[str, Path(max_length=128, description="A member's id, or `me`.")],
        me: Myself,
        services: Given,
    ) -> None:
        self.id, self.viewer = me.member.id if member_id == "me" else member_id, me
        self.contacts = services.reach.contacts
        self.contacts.may_see(self.id, me)


Whose = Annotated[OfMember, Depends(OfMember)]


def known_key(key: Annotated[str, Path(max_length=64)], whose: Whose) -> str:
    """The contact in the path, if the member has it."""
    whose.contacts.may_see(whose.id, whose.viewer, key)
    return key


Key = Annotated[str, Depends(known_key)]


class ChannelGiven(BaseModel):
    """A kind of channel (`sms`, `voice`, `email`, `wecom` …) and an address on it."""

    model_config = ConfigDict(extra="forbid")

    channel: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$", examples=["sms"])
    address: str = Field(min_length=1, max_length=256)


class ContactGiven(ChannelGiven):
    """One contact. In quiet hours, in the estate's time, only life safety gets through; `digest` gathers what is merely
    told.
    """

    quiet_from: time | None = Field(default=None, examples=["22:00"])
    quiet_until: time | None = Field(default=None, examples=["07:00"])
    digest: bool = False

    def of(self, member_id: str) -> Contact:
        return Contact(
            member_id,
            self.channel,
            self.address,
            quiet_from=self.quiet_from.replace(tzinfo=None) if self.quiet_from else None,
            quiet_until=self.quiet_until.replace(tzinfo=None) if self.quiet_until else None,
            digest=self.digest,
        )


class ContactsGiven(BaseModel):
    """All contacts at once, the preferred one first."""

    model_config = ConfigDict(extra="forbid")

    contacts: list[ContactGiven] = Field(max_length=MOST)


class CodeGiven(BaseModel):
    """What arrived through the channel."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=16)


@router.get("", summary="How a member is reached, as it is tried", responses=ANSWERS)
def list_contacts(whose: Whose) -> ContactsView:
    return whose.contacts.of_member(whose.id, whose.viewer)


@router.put("", summary="Replace how I am reached: order, quiet hours, digest", responses=ANSWERS)
def put_contacts(given: ContactsGiven, whose: Whose) -> ContactsView:
    return whose.contacts.replace(whose.id, [one.of(whose.id) for one in given.contacts], whose.viewer)


@router.post("", summary="Add a contact", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def add_contact(given: ChannelGiven, whose: Whose) -> ContactView:
    return whose.contacts.add(whose.id, given.channel, given.address, whose.viewer)


@router.delete("/{key}", summary="Remove a contact", status_code=HTTPStatus.NO_CONTENT, responses=ANSWERS)
def remove_contact(key: Key, whose: Whose) -> None:
    whose.contacts.remove(whose.id, key, whose.viewer)


@router.post("/{key}/test", summary="Send a test message through it", responses=ANSWERS)
def try_contact(key: Key, whose: Whose) -> TestShown:
    tested = whose.contacts.test(whose.id, key, whose.viewer)
    return TestShown(tested.taken, tested.why, shown_failure(tested.why))


@router.post("/{key}/code", summary="Send a code through the channel", responses=ANSWERS)
def send_code(key: Key, whose: Whose) -> ContactView:
    return whose.contacts.send_code(whose.id, key, whose.viewer)


@router.post("/{key}/verify", summary="Say which code arrived", responses=ANSWERS)
def verify_contact(given: CodeGiven, key: Key, whose: Whose) -> ContactView:
    return whose.contacts.verify(whose.id, key, given.code, whose.viewer)
