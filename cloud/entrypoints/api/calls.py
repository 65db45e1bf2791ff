"""Calls by phone over REST: a person has dialled a number of the call sheet and records what came of it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from cloud.domain.tasks.dialling import Outcome
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.tasks import ANSWERS, Done, ThisDeed, Words

router = Interface("/tasks", tags=["tasks"])


class Made(Words):
    """Who was phoned, by the number or by the party's id, and what came of it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "anyOf": [{"required": [name], "properties": {name: {"type": "string"}}} for name in ("number", "party")]
        },
    )

    number: str | None = Field(default=None, min_length=1, max_length=32, description="As the call sheet has it.")
    party: str | None = Field(default=None, min_length=1, max_length=128)
    outcome: Outcome

    @model_validator(mode="after")
    def names_somebody(self) -> Self:
        if self.number is None and self.party is None:
            raise ValueError("name the number that was dialled, or the party")
        return self


@router.post(
    "/{task_id}/calls",
    summary="Record a call by phone; the call sheet stays due until somebody accepts",
    status_code=HTTPStatus.CREATED,
    responses=ANSWERS,
)
def record_call(made: Made, deed: ThisDeed, services: Given) -> Done:
    record = services.assurance.record_call
    acted = record(
        deed.task.id, deed.member_id, made.outcome, number=made.number, party=made.party, note=made.note,
        cause=deed.cause,
    )  # fmt: skip
    return deed.done(acted)
