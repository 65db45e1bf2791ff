"""Members over REST: who has an account, who is asked in and shown out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.accounts.keep_members import InvitationRow, Invited, MemberRow, Newcomer
from cloud.application.estates.sign_in import Identity
from cloud.domain.community.names import Language, Names
from cloud.domain.community.party import Role
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import Area, Given, entrance
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented, not_found
from schemas.base import NAME_PATTERN

router = Interface("/estates/{estate}", tags=["accounts"])

ANSWERS: Final = documented(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)
MemberId = Annotated[str, Path(max_length=128)]
InvitationId = Annotated[str, Path(max_length=64)]


class OfEstate:
    """Whoever may ask others in, and the estate in the path, if it is theirs."""

    def __init__(
        self,
        estate: Annotated[str, Path(pattern=NAME_PATTERN)],
        host: Annotated[Identity, Depends(entrance(Area.MEMBERS))],
        services: Given,
        request: Request,
    ) -> None:
        if estate not in host.estates:
            raise not_found("such estate")
        self.estate, self.host, self.members = estate, host, services.accounts.members
        self.url = services.url or str(request.base_url).rstrip("/")

    def given(self, invited: Invited) -> InvitationGiven:
        made = invited.invitation
        return InvitationGiven(made.id, made.member.id, f"{self.url}/invitation/{invited.secret}", made.expires_at)


Here = Annotated[OfEstate, Depends(OfEstate)]


class Asking(BaseModel):
    """The mail with which their organisation's sign-in may vouch for them."""

    model_config = ConfigDict(extra="forbid")

    email: str | None = Field(default=None, max_length=254, examples=["name@example.org"])


class AskingNew(Asking):
    """Somebody who is not a member yet: as what, and how others call them. A resident says where they live instead of a party:
    `home`, a building, unit or floor, in which a household is made; or `party_id`, a household that is there already.
    """

    party_id: str = Field(default="", max_length=128)
    home: str = Field(default="", max_length=512, examples=["binhai/example/b3/f7"])
    role: Role
    names: Names
    language: Language = "zh"


@dataclass(frozen=True, slots=True)
class InvitationGiven:
    """The link is shown this once."""

    id: str
    member_id: str
    link: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ShownOut:
    """`gone`: they are no member any more; else the estate's file names them."""

    gone: bool


@router.get("/members", summary="Members, and how they come in", responses=ANSWERS)
def list_members(here: Here, cut: cursors.Cut) -> Sequence[MemberRow]:
    found = here.members.view(here.estate, here.host).members
    return cut.of(found, lambda one: (one.party_names.en, -list(Role).index(one.role), one.id))


@router.get("/invitations", summary="Invitations that nobody has taken yet", responses=ANSWERS)
def list_invitations(here: Here, cut: cursors.Cut) -> Sequence[InvitationRow]:
    found = here.members.view(here.estate, here.host).invitations
    return cut.of(found, lambda one: (cursors.at(one.created_at), one.id), newest_first=True)


@router.post("/invitations", summary="Ask somebody new in", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def invite(asking: AskingNew, here: Here) -> InvitationGiven:
    newcomer = Newcomer(asking.names, asking.party_id, asking.role, asking.language, asking.home)
    return here.given(here.members.invite(here.host, here.estate, newcomer, email=asking.email))


@router.post(
    "/members/{member_id}/invitations",
    summary="Give a member a way in, or another one",
    status_code=HTTPStatus.CREATED,
    responses=ANSWERS,
)
def invite_member(asking: Asking, member_id: MemberId, here: Here) -> InvitationGiven:
    """When it is taken, what proved them before no longer does."""
    return here.given(here.members.invite(here.host, here.estate, member_id, email=asking.email))


@router.post(
    "/invitations/{invitation_id}/revoke",
    summary="Take an invitation back",
    status_code=HTTPStatus.NO_CONTENT,
    responses=ANSWERS,
)
def revoke_invitation(invitation_id: InvitationId, here: Here) -> None:
    here.members.revoke_invitation(here.host, here.estate, invitation_id)


@router.post("/members/{member_id}/show-out", summary="End everything that lets a member in", responses=ANSWERS)
def show_out(member_id: MemberId, here: Here) -> ShownOut:
    return ShownOut(here.members.show_out(here.host, here.estate, member_id))
