"""Doors that are open to residents too: who asks, and about which of their estates."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from cloud.application.estates.sign_in import Identity
from cloud.entrypoints.api.access import Area, entrance
from cloud.entrypoints.api.problems import forbidden, not_found

CurrentNeighbour = Annotated[Identity, Depends(entrance(Area.NEIGHBOURS))]
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
