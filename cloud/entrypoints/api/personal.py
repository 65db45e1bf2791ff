"""Personal data over REST, for administrators: what is kept, and its erasure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal, Self

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from cloud.application.estates.sign_in import Identity
from cloud.domain.records.personal import Ground, PersonalClass, PersonalRecord
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import Area, EstateId, Given, entrance
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented

router = Interface("/personal", tags=["personal data"])

Key = Annotated[str, Field(min_length=1, max_length=128)]


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A piece of personal data without its words. `subject`: the key of the person."""

    id: str
    subject: str
    sort: PersonalClass
    at: datetime
    incident_id: str | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class Erasure:
    """`erased` now, `already` before; `seq`: the ledger's entry that says so."""

    estate: str
    erased: int
    already: int
    seq: int


def _naming(given: str, not_given: str) -> dict[str, Any]:
    """The description's way of saying that one is there and the other is not."""
    return {"required": [given], "properties": {given: {"type": "string"}, not_given: {"type": "null"}}}


class ErasureAsked(BaseModel):
    """Whose data (`subject`) or which piece (`record`), and on what ground."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"oneOf": [_naming("subject", "record"), _naming("record", "subject")]},
    )

    subject: Key | None = None
    record: Key | None = None
    ground: Literal["asked", "ordered"] = "asked"

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.subject is None) == (self.record is None):
            raise ValueError("name the person (subject) or one piece (record), not both")
        return self


Administrator = Annotated[Identity, Depends(entrance(Area.PERSONAL))]


@router.get("", summary="What is kept of people, without the words")
def list_personal(
    services: Given,
    member: Administrator,
    estate: EstateId,
    cut: cursors.Cut,
    *,
    subject: Annotated[str | None, Query(min_length=1, max_length=128, description="Only this person's.")] = None,
) -> list[KeptRecord]:
    return [_kept(one) for one in cut.of(services.personal(estate, member, subject=subject), lambda one: (one.id,))]


@router.post(
    "/erase",
    summary="Erase a person's data, or one piece; the ledger keeps verifying",
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
def erase_personal(services: Given, member: Administrator, estate: EstateId, asked: ErasureAsked) -> Erasure:
    done = services.erase(
        estate,
        subject=asked.subject,
        record=asked.record,
        actor=f"member:{member.member.id}",
        ground=Ground(asked.ground),
        cause="request",
    )
    return Erasure(done.estate, done.erased, done.already, done.seq)


def _kept(one: PersonalRecord) -> KeptRecord:
    return KeptRecord(one.id, one.subject, one.sort, one.at, one.incident_id, one.erased_at)
