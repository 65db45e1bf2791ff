"""The estate's card key over REST: its name, its age and who uses it; never the key."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Path
from pydantic import BaseModel, ConfigDict

from cloud.application.estates.sign_in import Identity
from cloud.application.fleet.card_key_questions import CardKeyView
from cloud.entrypoints.api.access import Area, Given, entrance
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented, not_found
from schemas.base import NAME_PATTERN

router = Interface("/estates/{estate}/card-key", tags=["nodes"])

ANSWERS: Final[Any] = documented(
    HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY
)


Keyholder = Annotated[Identity, Depends(entrance(Area.NODES))]


def own_estate(estate: Annotated[str, Path(pattern=NAME_PATTERN)], member: Keyholder) -> str:
    if estate not in member.estates:
        raise not_found("such estate")
    return estate


OwnEstate = Annotated[str, Depends(own_estate)]


class RotationAsked(BaseModel):
    """`force`: even where cards that gates still list by an older key would open nothing any more - after a leak."""

    model_config = ConfigDict(extra="forbid")

    force: bool = False


@router.get("", summary="The name and age of the estate's card key, and which node uses which", responses=ANSWERS)
def read_card_key(services: Given, estate: OwnEstate, member: Keyholder) -> CardKeyView:
    return services.card_keys.ask(estate, member)


@router.post("/rotate", summary="Make a new card key, which every node gets by itself", responses=ANSWERS)
def rotate_card_key(services: Given, estate: OwnEstate, member: Keyholder, asked: RotationAsked) -> CardKeyView:
    services.card_keys.rotate(estate, f"member:{member.member.id}", force=asked.force)
    return services.card_keys.ask(estate, member)
