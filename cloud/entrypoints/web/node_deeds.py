"""What is asked of nodes on the fleet page: plain forms that post and lead back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Form, Path
from fastapi.responses import RedirectResponse

from cloud.application.estates.sign_in import Identity
from cloud.entrypoints.api.access import Area, EstateId, Given, entrance
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import Back, back_to
from cloud.errors import Invalid

router = PageRouter()

NodeId = Annotated[str, Path(max_length=64)]


Commander = Annotated[Identity, Depends(entrance(Area.NODES))]


@router.post("/nodes/{node}/identify")
def identify(
    node: NodeId, services: Given, member: Commander, estate: EstateId, back: Back = "/fleet"
) -> RedirectResponse:
    services.command(estate, node, "identify", {"seconds": 30.0}, member.member)
    return back_to(back)


@router.post("/nodes/{node}/test-alarm")
def raise_test_alarm(
    node: NodeId,
    services: Given,
    member: Commander,
    estate: EstateId,
    of: Annotated[str, Form(max_length=256)],
    *,
    back: Back = "/fleet",
) -> RedirectResponse:
    """`of`: equipment and hazard, with a blank between them."""
    equipment, _, hazard = of.partition(" ")
    if not hazard:
        raise Invalid("The test alarm was not asked for.", ["of: choose the equipment and the alarm"])
    services.command(estate, node, "test-alarm", {"equipment": equipment, "hazard": hazard}, member.member)
    return back_to(back)


@router.post("/card-key/rotate")
def rotate_card_key(services: Given, member: Commander, estate: EstateId, back: Back = "/fleet") -> RedirectResponse:
    services.card_keys.rotate(estate, f"member:{member.member.id}")
    return back_to(back)
