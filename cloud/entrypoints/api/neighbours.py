"""Doors that are open to residents too: who asks, and about which of their estates."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request

from cloud.application.estates.sign_in import Identity
from cloud.entrypoints.api.access import Area, Given, let_in
from cloud.entrypoints.api.problems import forbidden, not_found


def neighbour_for(request: Request, services: Given) -> Identity:
    return let_in(request, services, Area.NEIGHBOURS)


CurrentNeighbour = Annotated[Identity, Depends(neighbour_for)]
"""Whoever has signed in, residents among them."""


def shared_estate_for(
    member: CurrentNeighbour,
    estate: Annotated[
        str | None, Query(max_length=64, description="By default the first of the member's estates.")
    ] = None,
) -> str:
    if not member.estates:
        raise forbidden("Your party serves no estate yet. Ask an administrator to add it.")
    if estate is None:
        return member.estates[0]
    if estate not in member.estates:
        raise not_found("such estate")
    return estate


SharedEstate = Annotated[str, Depends(shared_estate_for)]
