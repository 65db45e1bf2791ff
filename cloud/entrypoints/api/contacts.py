"""Contact channels over REST: a member's own in full, those of a manager's people masked."""

# ruff: noqa: FAST003 - the dependencies read the ids from the path

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.rosters.keep_contacts import ContactView
from cloud.domain.community.contact import ChannelKind
from cloud.entrypoints.api.access import CurrentMember, Given
from cloud.entrypoints.api.rosters import ANSWERS

router = APIRouter(tags=["contacts"])


class OfMember:
    """The member in the path, where their channels are the asker's to see; to anyone else they do not exist."""

    def __init__(self, member_id: Annotated[str, Path(max_length=128)], member: CurrentMember, services: Given) -> None:
        services.reach.contacts.may_see(member, member=member_id)
        self.id, self.viewer, self.contacts = member_id, member, services.reach.contacts


class ThisContact:
    """The channel in the path, in the same way."""

    def __init__(self, contact: Annotated[str, Path(max_length=64)], member: CurrentMember, services: Given) -> None:
        services.reach.contacts.may_see(member, contact=contact)
        self.id, self.viewer, self.contacts = contact, member, services.reach.contacts


Whose = Annotated[OfMember, Depends(OfMember)]
Which = Annotated[ThisContact, Depends(ThisContact)]


class ContactGiven(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: ChannelKind
    address: str = Field(min_length=1, max_length=512)


class CodeGiven(BaseModel):
    """What arrived through the channel."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=16)


@router.get("/members/{member_id}/contacts", summary="How a member is reached", responses=ANSWERS)
def list_contacts(whose: Whose) -> list[ContactView]:
    return whose.contacts.of_member(whose.id, whose.viewer)


@router.post(
    "/members/{member_id}/contacts", summary="Add a channel", status_code=HTTPStatus.CREATED, responses=ANSWERS
)
def add_contact(given: ContactGiven, whose: Whose) -> ContactView:
    return whose.contacts.add(whose.id, given.kind, given.address, whose.viewer)


@router.delete("/contacts/{contact}", summary="Remove a channel", status_code=HTTPStatus.NO_CONTENT, responses=ANSWERS)
def remove_contact(which: Which) -> None:
    which.contacts.remove(which.id, which.viewer)


@router.post("/contacts/{contact}/code", summary="Send a code through the channel", responses=ANSWERS)
def send_code(which: Which) -> ContactView:
    return which.contacts.send_code(which.id, which.viewer)


@router.post("/contacts/{contact}/verify", summary="Say which code arrived", responses=ANSWERS)
def verify_contact(given: CodeGiven, which: Which) -> ContactView:
    return which.contacts.verify(which.id, given.code, which.viewer)
