"""What could never be taken, over REST: listed, read as a whole, and tried once more by the program as it is now."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path, Query

from cloud.application.asking.node_views import DeadLetterView
from cloud.application.estates.sign_in import Identity
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import Area, CurrentOperator, Given, entrance
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented

router = Interface("/dead-letters", tags=["dead letters"])

LetterId = Annotated[str, Path(max_length=64)]
Commander = Annotated[Identity, Depends(entrance(Area.NODES))]


@dataclass(frozen=True, slots=True)
class LetterShown:
    """`payload`: all of what came, in base64; empty once it is no longer kept."""

    letter: DeadLetterView
    payload: str


@router.get("", summary="What could never be taken, and why; newest first")
def list_dead_letters(
    services: Given,
    member: CurrentOperator,
    onward: cursors.ThisPage,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[DeadLetterView]:
    found = services.queries.dead_letters(member, limit=limit + 1, before=onward.id)
    return onward.page(found, limit, lambda one: [one.id])


@router.get("/{letter_id}", summary="One dead letter with all that came")
def read_dead_letter(services: Given, member: CurrentOperator, letter_id: LetterId) -> LetterShown:
    whole = services.tuning.letter(letter_id, member)
    return LetterShown(whole.letter, base64.b64encode(whole.payload).decode())


@router.post(
    "/{letter_id}/replay",
    summary="Take it after all, if the program as it is now can",
    description="Once: a letter that was taken is refused as a conflict. What it says is old news and pages nobody unless its alarm "
    "still stands. Answers 422 with the reason where it still cannot be taken. The ledger says who had it taken.",
    responses=documented(HTTPStatus.CONFLICT),
)
def replay_dead_letter(services: Given, member: Commander, letter_id: LetterId) -> DeadLetterView:
    services.tuning.replay(letter_id, member)
    return services.tuning.letter(letter_id, member).letter
