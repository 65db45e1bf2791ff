"""Shift handovers (交接班) over REST: drawn up, signed by two, listed with those that are missing."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.rosters.hand_over import MAX_NOTE, HandoversView, HandoverView
from cloud.domain.records.handover import Side
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.rosters import ANSWERS, Here

router = Interface("/estates/{estate}/handovers", tags=["handovers"])

HandoverId = Annotated[str, Path(max_length=64)]


class HandoverGiven(BaseModel):
    """Whose shift changes, and what is to be said beyond what is open anyway."""

    model_config = ConfigDict(extra="forbid")

    party: str = Field(min_length=1, max_length=128)
    note: str = Field(default="", max_length=MAX_NOTE)


class SignatureGiven(BaseModel):
    """The member signs as who leaves or as who comes, never as both."""

    model_config = ConfigDict(extra="forbid")

    side: Side


@router.get("", summary="Handovers, newest first, and changes of shift that lack one", responses=ANSWERS)
def list_handovers(
    here: Here,
    onward: cursors.ThisPage,
    party: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HandoversView:
    before = onward.moment
    found = here.reach.handovers.listed(here.id, here.member, party=party, limit=limit + 1, before=before)
    shown = onward.page(found.handovers, limit, lambda one: [one.handover.drawn_at.isoformat(), one.handover.id])
    return HandoversView(shown, found.missing)


@router.post("", summary="Draw one up from what is open now", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def draw_handover(given: HandoverGiven, here: Here) -> HandoverView:
    return here.reach.handovers.draw(here.id, given.party, given.note, here.member, cause=here.cause)


@router.get("/{handover}", summary="One handover", responses=ANSWERS)
def read_handover(handover: HandoverId, here: Here) -> HandoverView:
    return here.reach.handovers.read(here.id, handover, here.member)


@router.post("/{handover}/sign", summary="Sign it", responses=ANSWERS)
def sign_handover(handover: HandoverId, given: SignatureGiven, here: Here) -> HandoverView:
    return here.reach.handovers.sign(here.id, handover, given.side, here.member, cause=here.cause)
