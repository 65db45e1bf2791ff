"""Who asks, over REST: their sessions and API tokens, listed, made and ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.accounts.keep_keys import KeyView, Minted
from cloud.application.estates.sign_in import Identity
from cloud.domain.accounts.scopes import LASTS, LASTS_AT_MOST, Scope
from cloud.domain.community.access import Purpose
from cloud.domain.community.names import Names
from cloud.domain.community.party import Role
from cloud.entrypoints.api.access import Area, Given, entrance
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented

router = Interface("/me", tags=["accounts"])

ANSWERS: Final = documented(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)

Me = Annotated[Identity, Depends(entrance(Area.OWN))]
Owner = Annotated[Identity, Depends(entrance(Area.ACCOUNT))]
KeyId = Annotated[str, Path(max_length=64, description="The `id` in the list; it opens nothing.")]


@dataclass(frozen=True, slots=True)
class MeView:
    """`scopes` empty: everything the member may."""

    id: str
    names: Names
    party_id: str
    role: Role
    estates: list[str]
    through: Purpose
    scopes: list[str]


class TokenAsked(BaseModel):
    """For which program, with which scopes, for how many days."""

    model_config = ConfigDict(extra="forbid")

    label: str = Field(min_length=1, max_length=64, examples=["lift company's dispatcher"])
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope), examples=[["read"]])
    days: int = Field(default=LASTS.days, ge=1, le=LASTS_AT_MOST.days)


@dataclass(frozen=True, slots=True)
class Ended:
    """How many keys were ended."""

    ended: int


@router.get("", summary="Who asks, and what they may")
def read_me(me: Me) -> MeView:
    member = me.member
    return MeView(
        member.id, member.names, member.party_id, member.role, list(me.estates), me.purpose, sorted(me.scopes)
    )


@router.get("/sessions", summary="Where I am signed in")
def list_sessions(services: Given, me: Owner) -> list[KeyView]:
    return services.accounts.keys.mine(me, Purpose.SESSION)


@router.post("/sessions/{key_id}/end", summary="End a session", status_code=HTTPStatus.NO_CONTENT, responses=ANSWERS)
def end_session(key_id: KeyId, services: Given, me: Owner) -> None:
    services.accounts.keys.end(me, key_id, Purpose.SESSION)


@router.post("/sessions/end-others", summary="End all sessions and personal links but what asks")
def end_others(services: Given, me: Owner) -> Ended:
    return Ended(services.accounts.keys.end_others(me))


@router.get("/tokens", summary="My API tokens")
def list_tokens(services: Given, me: Owner) -> list[KeyView]:
    return services.accounts.keys.mine(me, Purpose.API)


@router.post(
    "/tokens",
    summary="Make an API token; it is shown this once",
    status_code=HTTPStatus.CREATED,
    responses={**ANSWERS, **documented(HTTPStatus.CONFLICT)},
)
def mint_token(asked: TokenAsked, services: Given, me: Owner) -> Minted:
    """A token that makes tokens gives no scope it has not."""
    return services.accounts.keys.mint(me, asked.label, asked.scopes, timedelta(days=asked.days))


@router.post("/tokens/{key_id}/end", summary="Revoke a token", status_code=HTTPStatus.NO_CONTENT, responses=ANSWERS)
def end_token(key_id: KeyId, services: Given, me: Owner) -> None:
    services.accounts.keys.end(me, key_id, Purpose.API)
