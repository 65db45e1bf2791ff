"""Screens on walls over REST: where they hang and whether they are heard, a new one's link, and taking one back."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.accounts.keep_screens import ScreenView
from cloud.domain.accounts.screen import LONGEST_LABEL
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.members import ANSWERS, Here
from cloud.entrypoints.api.problems import documented, not_found

router = Interface("/estates/{estate}/screens", tags=["accounts"])
ScreenId = Annotated[str, Path(max_length=64)]


class ScreenWanted(BaseModel):
    """Whose duty room it shows, and where it hangs."""

    model_config = ConfigDict(extra="forbid")

    party: str = Field(min_length=1, max_length=128)
    label: str = Field(min_length=1, max_length=LONGEST_LABEL, examples=["Gate house"])


@dataclass(frozen=True, slots=True)
class ScreenMade:
    """The link is shown this once, and opens one screen within a day."""

    screen: ScreenView
    link: str


@router.get("", summary="Wall screens that one may take back, the newest first", responses=ANSWERS)
def list_screens(here: Here, services: Given, cut: cursors.Cut) -> list[ScreenView]:
    found = [one for one in services.accounts.screens.of(here.host) if one.wall.estate == here.estate]
    return cut.of(found, lambda one: (cursors.at(one.created_at), one.id), newest_first=True)


@router.post(
    "",
    summary="Make the link that opens a new wall screen",
    status_code=HTTPStatus.CREATED,
    responses={**ANSWERS, **documented(HTTPStatus.CONFLICT)},
)
def make_screen(wanted: ScreenWanted, here: Here, services: Given, response: Response) -> ScreenMade:
    response.headers["Cache-Control"] = "no-store"
    hung = services.accounts.screens.make(here.host, here.estate, wanted.party, wanted.label)
    return ScreenMade(hung.screen, f"{here.url}/screen/{hung.token}")


@router.post("/{screen_id}/end", summary="Take a screen back", status_code=HTTPStatus.NO_CONTENT, responses=ANSWERS)
def end_screen(screen_id: ScreenId, here: Here, services: Given) -> None:
    screens = services.accounts.screens
    if not any((one.id, one.wall.estate) == (screen_id, here.estate) for one in screens.of(here.host)):
        raise not_found("such screen")
    screens.end(here.host, screen_id)
