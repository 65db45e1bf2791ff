"""Contact channels over REST: a member's own in full, those of a manager's people masked."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.rosters.keep_contacts import ContactView
from cloud.domain.community.contact import ChannelKind
from cloud.entrypoints.api.access import CurrentMember, Given
from cloud.entrypoints.api.rosters import ANSWERS

router = APIRouter(tags=["contacts"])

MemberId = Annotated[str, Path(max_length=128)]
ContactId = Annotated[str, Path(max_length=64)]


class ContactGiven(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: ChannelKind
    address: str = Field(min_length=1, max_length=512)


class CodeGiven(BaseModel):
    """What arrived through the channel."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=16)


@router.get("/members/{member_id}/contacts", summary="How a member is reached", responses=ANSWERS)
def list_contacts(member_id: MemberId, member: CurrentMember, services: Given) -> list[ContactView]:
    return services.reach.contacts.of_member(member_id, member)


@router.post(
    "/members/{member_id}/contacts", summary="Add a channel", status_code=HTTPStatus.CREATED, responses=ANSWERS
)
def add_contact(member_id: MemberId, given: ContactGiven, member: CurrentMember, services: Given) -> ContactView:
    return services.reach.contacts.add(member_id, given.kind, given.address, member)


@router.delete("/contacts/{contact}", summary="Remove a channel", status_code=HTTPStatus.NO_CONTENT, responses=ANSWERS)
def remove_contact(contact: ContactId, member: CurrentMember, services: Given) -> None:
    services.reach.contacts.remove(contact, member)


@router.post("/contacts/{contact}/code", summary="Send a code through the channel", responses=ANSWERS)
def send_code(contact: ContactId, member: CurrentMember, services: Given) -> ContactView:
    return services.reach.contacts.send_code(contact, member)


@router.post("/contacts/{contact}/verify", summary="Say which code arrived", responses=ANSWERS)
def verify_contact(contact: ContactId, given: CodeGiven, member: CurrentMember, services: Given) -> ContactView:
    return services.reach.contacts.verify(contact, given.code, member)
