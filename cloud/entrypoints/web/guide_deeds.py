"""What the forms of the set-up guide do; where something is wrong, the step is shown again and says what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cloud.application.estates.amend_estate import LONGEST_NAME, Head
from cloud.domain.community.names import Names
from cloud.domain.community.party import PartyKind
from cloud.domain.community.quick_building import read_buildings
from cloud.domain.duties.first_hour import Step
from cloud.entrypoints.api.enrolment import give_claim
from cloud.entrypoints.web.claims import picture
from cloud.entrypoints.web.guide import Here, SettingUpHere
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.errors import CloudError
from schemas.base import NAME_PATTERN

Name = Annotated[str, Form(max_length=LONGEST_NAME)]
Word = Annotated[str, Form(max_length=128)]
PlaceId = Annotated[str, Form(max_length=512)]
Lines = Annotated[str, Form(max_length=8000)]


def guide_deeds(pages: Pages) -> PageRouter:
    router = PageRouter("/guide")

    def done(here: SettingUpHere, step: Step, deed: Callable[[], object], typed: Any = "") -> Response:
        """Post, redirect, get; what could not be done is said above the form, with what was typed."""
        try:
            deed()
        except CloudError as error:
            return here.show(pages, step, error, typed=typed)
        return here.back(step)

    @router.post("/estate")
    async def head(request: Request, here: Here) -> Response:
        """The places around it are as many as there are: the form names each."""
        form = {key: str(value) for key, value in (await request.form()).items()}
        around = {
            key.removeprefix("around-zh:"): Names(value, form.get(f"around-en:{key.removeprefix('around-zh:')}", ""))
            for key, value in form.items()
            if key.startswith("around-zh:")
        }
        names = Names(form.get("zh", ""), form.get("en", ""))
        said = Head(names, form.get("region", ""), form.get("time_zone", "").strip(), around)
        return await run_in_threadpool(
            done, here, Step.ESTATE, lambda: here.use.amend.head(here.estate, said, here.chief), form
        )

    @router.post("/places")
    def places(here: Here, buildings: Lines = "", remove: PlaceId = "") -> Response:
        amend = here.use.amend
        if remove:
            return done(here, Step.PLACES, lambda: amend.take_out_building(here.estate, remove, here.chief))
        add = lambda: amend.buildings(here.estate, read_buildings(buildings), here.chief)  # noqa: E731 - said twice
        return done(here, Step.PLACES, add, buildings)

    @router.post("/parties")
    async def parties(request: Request, here: Here) -> Response:
        form = {key: str(value) for key, value in (await request.form()).items()}
        return await run_in_threadpool(done, here, Step.PARTIES, lambda: _parties(here, form), form)

    _people(router, pages, done)
    return router


def _parties(here: SettingUpHere, form: dict[str, str]) -> None:
    amend = here.use.amend
    if form.get("do") == "matrix":
        amend.take_default_matrix(here.estate, here.chief)
        return
    if form.get("do") == "external":
        amend.external(here.estate, Names(form.get("zh", ""), form.get("en", "")), form.get("phone", ""), here.chief)
        return
    said = {
        kind: (Names(form[f"zh:{kind}"], form.get(f"en:{kind}", "")), form.get(f"phone:{kind}", ""))
        for kind in PartyKind
        if form.get(f"zh:{kind}", "").strip() or form.get(f"en:{kind}", "").strip()
        if f"zh:{kind}" in form
    }
    amend.roles(here.estate, said, here.chief)


Done = Callable[..., Response]


def _people(router: PageRouter, pages: Pages, done: Done) -> None:
    @router.post("/members")
    def channel(here: Here, channel: Word, address: Annotated[str, Form(max_length=254)]) -> Response:
        """A way to whoever sets up, and the code that proves it: so that the test at the end reaches somebody."""
        me, contacts = here.chief.member.id, here.services.reach.contacts

        def add() -> None:
            added = contacts.add(me, channel, address, here.chief)
            contacts.send_code(me, added.key, here.chief)

        return done(here, Step.MEMBERS, add)

    @router.post("/node")
    def node(here: Here, name: Annotated[str, Form(pattern=NAME_PATTERN)], place: PlaceId = "") -> Response:
        """Registers the node where it is new, and gives out its code, which is shown in this answer only."""
        try:
            if place:
                here.use.amend.node(here.estate, name, place, here.chief)
            claim = give_claim(here.services.enrolling, here.estate, name, here.chief, replaces=False)
        except CloudError as error:
            return here.show(pages, Step.NODE, error, typed=name)
        shown = {"node": name, "code": claim.code, "command": claim.command, "expires_at": claim.expires_at}
        return here.show(pages, Step.NODE, claim={**shown, "picture": picture(claim.command)})

    @router.post("/test")
    def test(here: Here, what: Annotated[str, Form(max_length=256)] = "", end: Word = "") -> Response:
        use = here.use
        if end:
            return done(here, Step.TEST, lambda: use.end_test(here.estate, here.chief))
        equipment, _, hazard = what.partition(" ")
        return done(here, Step.TEST, lambda: use.try_alarm(here.estate, equipment, hazard, here.chief))
