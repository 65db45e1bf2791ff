"""The board's filter as an address carries it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from cloud.entrypoints.web.filters import Filter

Facet = Annotated[str | None, Query(max_length=256)]


def chosen(
    *,
    hazard: Facet = None,
    place: Facet = None,
    party: Facet = None,
    state: Facet = None,
    severity: Facet = None,
    mine: bool = False,
) -> Filter:
    return Filter(hazard, place, party, state, severity, mine)


Chosen = Annotated[Filter, Depends(chosen)]
