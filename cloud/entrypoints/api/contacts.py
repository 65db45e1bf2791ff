"""How the member who asks wants to be reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.estates.sign_in import Identity
from cloud.application.notices.contact_book import MOST, ContactBook, Tested
from cloud.domain.community.contacts import Contact
from cloud.domain.community.party import Member
from cloud.entrypoints.api.access import SAFE_METHODS, Given, identify
from cloud.entrypoints.api.problems import documented, forbidden, unauthorised

router = APIRouter(prefix="/me/contacts", tags=["me"])

ANSWERS: Final = documented(
    HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS
)


def myself(request: Request, services: Given) -> Identity:
    """Whoever asks, residents too: how one is reached is everybody's own business."""
    identity = identify(request, services)
    if identity is None:
        raise unauthorised()
    scope = "read" if request.method in SAFE_METHODS else "act"
    if identity.scopes and scope not in identity.scopes:
        raise forbidden(f"This API token has the scopes {sorted(identity.scopes)}; this needs {scope!r}.")
    return identity


Myself = Annotated[Identity, Depends(myself)]


def book_of(services: Given) -> ContactBook:
    return services.messaging.contacts


Book = Annotated[ContactBook, Depends(book_of)]


class ContactGiven(BaseModel):
    """One address. In quiet hours, in the estate's time, only life safety gets through; `digest` gathers what is merely told."""

    model_config = ConfigDict(extra="forbid")

    channel: str = Field(max_length=32, examples=["sms"])
    address: str = Field(min_length=1, max_length=256)
    quiet_from: time | None = Field(default=None, examples=["22:00"])
    quiet_until: time | None = Field(default=None, examples=["07:00"])
    digest: bool = False

    def contact(self, member: Member) -> Contact:
        return Contact(
            member.id,
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


@dataclass(frozen=True, slots=True)
class ContactShown:
    channel: str
    address: str
    verified_at: datetime | None
    quiet_from: time | None
    quiet_until: time | None
    digest: bool


@dataclass(frozen=True, slots=True)
class ContactsShown:
    """The preferred one first; `channels` are those that are set up here."""

    contacts: list[ContactShown]
    channels: list[str]


@router.get("", summary="How I am reached, in order of preference", responses=ANSWERS)
def read_contacts(me: Myself, book: Book) -> ContactsShown:
    shown = [
        ContactShown(c.channel, c.address, c.verified_at, c.quiet_from, c.quiet_until, c.digest)
        for c in book.of(me.member.id)
    ]
    return ContactsShown(shown, list(book.kinds))


@router.put("", summary="Replace how I am reached", responses=ANSWERS)
def put_contacts(given: ContactsGiven, me: Myself, book: Book) -> ContactsShown:
    book.replace(me.member, me.estates, [one.contact(me.member) for one in given.contacts])
    return read_contacts(me, book)


@router.post("/{number}/test", summary="Send a test message to one of them, by its place from 0", responses=ANSWERS)
def try_contact(number: Annotated[int, Path(ge=0, lt=MOST)], me: Myself, book: Book) -> Tested:
    return book.test(me.member, number)
