"""One's own consent about one's own home over REST, and whom to phone for those who answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.rosters.keep_consent import Wanted, WelfareView
from cloud.domain.duties.consent import (
    DEFAULT_HOURS,
    LEAST_HOURS,
    MAX_NAME,
    MOST_CONTACTS,
    MOST_FAMILY,
    MOST_HOURS,
    MOST_POINTS,
    Called,
    Consent,
)
from cloud.entrypoints.api.access import CurrentMember, Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.me import Me
from cloud.entrypoints.api.moments import Moment
from cloud.entrypoints.api.problems import documented

router = Interface(tags=["consent"])
ANSWERS: Final = documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)
EstatePath = Annotated[str, Path(max_length=64)]


class CalledGiven(BaseModel):
    """Whom to phone."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=MAX_NAME)
    phone: str = Field(min_length=1, max_length=32)


class ConsentGiven(BaseModel):
    """Which points of my own home count as activity, and after how many hours of silence somebody is asked to look."""

    model_config = ConfigDict(extra="forbid")

    points: Annotated[list[Annotated[str, Field(max_length=256)]], Field(min_length=1, max_length=MOST_POINTS)]
    hours: int = Field(default=DEFAULT_HOURS, ge=LEAST_HOURS, le=MOST_HOURS)
    day_from: time = Field(
        default=time(0), description="In the estate's time. The same as `day_until`: round the clock."
    )
    day_until: time = time(0)
    away_until: Moment | None = Field(default=None, description="Until then nothing is raised.")
    contacts: Annotated[list[CalledGiven], Field(max_length=MOST_CONTACTS)] = []
    family: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=MOST_FAMILY)] = Field(
        default=[],
        description="Members of my household who may see and answer what is raised about my home, and nothing else.",
    )

    def wanted(self) -> Wanted:
        return Wanted(
            tuple(self.points),
            self.hours,
            self.day_from.replace(tzinfo=None),
            self.day_until.replace(tzinfo=None),
            self.away_until,
            tuple((one.name, one.phone) for one in self.contacts),
            tuple(self.family),
        )


@router.get("/me/welfare/{estate}", summary="My consent, and what of my home may count as activity", responses=ANSWERS)
def read_consent(estate: EstatePath, services: Given, me: Me) -> WelfareView:
    return services.welfare.consent.show(estate, me)


@router.put("/me/welfare/{estate}", summary="Give my consent, or change it", responses=ANSWERS)
def give_consent(given: ConsentGiven, estate: EstatePath, services: Given, me: Me) -> Consent:
    """Nobody gives it for another."""
    return services.welfare.consent.give(estate, given.wanted(), me)


@router.post("/me/welfare/{estate}/well", summary="I am well: silence counts from now", responses=ANSWERS)
def give_word(estate: EstatePath, services: Given, me: Me) -> Consent:
    return services.welfare.consent.well(estate, me)


@router.delete(
    "/me/welfare/{estate}",
    summary="Take my consent back; what was kept of it is erased",
    status_code=HTTPStatus.NO_CONTENT,
    responses=ANSWERS,
)
def withdraw_consent(estate: EstatePath, services: Given, me: Me) -> None:
    services.welfare.consent.withdraw(estate, me)


@router.get(
    "/tasks/{task_id}/to-phone",
    summary="Whom the person of a home wants to be phoned",
    responses=documented(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND),
)
def whom_to_phone(
    task_id: Annotated[str, Path(max_length=64)], services: Given, member: CurrentMember
) -> Sequence[Called]:
    """For the parties with a part in the open task; empty for any other. Reading it is an entry of the ledger."""
    return services.welfare.whom_to_phone(task_id, member)
