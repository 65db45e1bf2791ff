"""Contact channels over REST: a member's own in full, those of a manager's people masked."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.rosters.keep_contacts import ContactView
from cloud.entrypoints.api.access import CurrentMember, Given
from cloud.entrypoints.api.rosters import ANSWERS

router = APIRouter(prefix="/members/{member_id}/contacts", tags=["contacts"])


class OfMember:
    """The member in the path, where their channels are the asker's to see; to anyone else they do not exist."""

    def __init__(self, member_id: Annotated[str, Path(max_length=128)], member: CurrentMember, services: Given) -> None:
        services.reach.contacts.may_see(member_id, member)
        self.id, self.viewer, self.contacts = member_id, member, services.reach.contacts


Whose = Annotated[OfMember, Depends(OfMember)]


def known_key(key: Annotated[str, Path(max_length=64)], whose: Whose) -> str:
    """The channel in the path, if the member has it."""
    whose.contacts.may_see(whose.id, whose.viewer, key)
    return key


Key = Annotated[str, Depends(known_key)]


class ContactGiven(BaseModel):
    """A kind of channel (`sms`, `voice`, `email`, `wecom` …) and an address on it."""

    model_config = ConfigDict(extra="forbid")

    channel: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$", examples=["sms"])
    address: str = Field(min_length=1, max_length=256)


class CodeGiven(BaseModel):
    """What arrived through the channel."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=16)


@router.get("", summary="How a member is reached, as it is tried", responses=ANSWERS)
def list_contacts(whose: Whose) -> list[ContactView]:
    return whose.contacts.of_member(whose.id, whose.viewer)


@router.post("", summary="Add a channel", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def add_contact(given: ContactGiven, whose: Whose) -> ContactView:
    return whose.contacts.add(whose.id, given.channel, given.address, whose.viewer)


@router.delete("/{key}", summary="Remove a channel", status_code=HTTPStatus.NO_CONTENT, responses=ANSWERS)
def remove_contact(key: Key, whose: Whose) -> None:
    whose.contacts.remove(whose.id, key, whose.viewer)


@router.post("/{key}/code", summary="Send a code through the channel", responses=ANSWERS)
def send_code(key: Key, whose: Whose) -> ContactView:
    return whose.contacts.send_code(whose.id, key, whose.viewer)


@router.post("/{key}/verify", summary="Say which code arrived", responses=ANSWERS)
def verify_contact(given: CodeGiven, key: Key, whose: Whose) -> ContactView:
    return whose.contacts.verify(whose.id, key, given.code, whose.viewer)
