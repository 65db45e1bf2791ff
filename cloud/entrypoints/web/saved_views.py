"""Saving a view of the board and letting go of it: plain forms that lead back to the board."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Path
from fastapi.responses import RedirectResponse

from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.web.chosen import Chosen
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import Back, back_to

router = PageRouter("/views")


@router.post("")
def save(
    services: Given, member: CurrentMember, estate: EstateId, chosen: Chosen, name: Annotated[str, Form(max_length=256)],
    *, back: Back = "/",
) -> RedirectResponse:  # fmt: skip
    """The filter is the form's own address, as it is the board's."""
    services.views.save(estate, name, chosen.query, member)
    return back_to(back)


@router.post("/{view}/remove")
def remove(
    services: Given, member: CurrentMember, estate: EstateId, view: Annotated[str, Path(max_length=64)],
    *, back: Back = "/",
) -> RedirectResponse:  # fmt: skip
    services.views.remove(estate, view, member)
    return back_to(back)
