"""How messages go out: an administrator sets channels up, tries and switches them off; what is secret is typed and never shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from cloud.application.estates.sign_in import Identity
from cloud.application.rosters.keep_channels import Shown
from cloud.application.rosters.try_channel import Tried
from cloud.entrypoints.api.access import Area, EstateId, Given, entrance
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.web.channel_examples import EXAMPLES, Example
from cloud.entrypoints.web.channel_forms import Sort, given_of, said_of, sort_of
from cloud.entrypoints.web.language import N_
from cloud.entrypoints.web.page import Page, ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import back_to
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.telling import problem_of
from cloud.errors import CloudError, Conflict

SORTS: Final[Mapping[Sort, str]] = {
    Sort.MAIL: N_("E-mail"),
    Sort.SMS: N_("Text messages"),
    Sort.VOICE: N_("Telephone calls"),
    Sort.APPRISE: N_("Chat and other services"),
}
KINDS: Final[Mapping[Sort, str]] = {Sort.MAIL: "email", Sort.SMS: "sms", Sort.VOICE: "voice", Sort.APPRISE: ""}
"""Under which name it is offered; members' numbers and addresses are checked by it."""

ChannelKind = Annotated[str, Path(max_length=32)]


class ChannelsHere:
    """Who sets channels up, and how the page shows them."""

    def __init__(
        self, request: Request, services: Given, chief: Annotated[Identity, Depends(entrance(Area.SETUP))],
        page: ThisPage, estate: EstateId,
    ) -> None:  # fmt: skip
        del estate
        self.request, self.chief, self.keep = request, chief, services.setting_up.channels
        self._contacts = services.reach.contacts
        self.page: Page = replace(page.at("channels"), path=f"/channels{page.estate_query}")

    def show(
        self, pages: Pages, problem: CloudError | None = None, tried: tuple[str, Tried] | None = None
    ) -> HTMLResponse:
        """`tried`: of which channel a test was sent, and what came of it."""
        mine = {one.channel: one.address for one in self._contacts.of_member(self.chief.member.id, self.chief).contacts}
        view = {"channels": self.keep.all(self.chief), "sorts": SORTS, "mine": mine, "tried": tried, "sort_of": sort_of}
        return self._respond(pages, "channels.html", problem, **view)

    def form(
        self, pages: Pages, sort: Sort, said: Mapping[str, str], *,
        standing: Shown | None = None, example: Example | None = None, problem: CloudError | None = None,
    ) -> HTMLResponse:  # fmt: skip
        """`said`: what stands in the fields; `standing`: the channel that is changed, None where it is new."""
        path = f"/channels/{standing.kind}" if standing else f"/channels/add/{sort}"
        view = {
            "sort": sort, "sorts": SORTS, "said": said, "standing": standing, "example": example, "examples": EXAMPLES[sort],
            "action": f"{path}{self.page.estate_query}",
        }  # fmt: skip
        self.page = replace(self.page, path=f"{path}{self.page.estate_query}")
        return self._respond(pages, "channel.html", problem, **view)

    def back(self, kind: str) -> RedirectResponse:
        return back_to(f"/channels{self.page.estate_query}#{kind}")

    def saves(self, pages: Pages, sort: Sort, typed: Mapping[str, str], standing: Shown | None = None) -> Response:
        """What was typed, secrets apart, is shown again with what is wrong."""
        kind = standing.kind if standing else typed.get("kind", "").strip()
        try:
            seen = _seen(typed) if standing else None
            self.keep.set_up(kind, given_of(sort, typed, standing), self.chief, seen, fresh=standing is None)
        except CloudError as error:
            return self.form(pages, sort, {**said_of(sort, {}), **typed}, standing=standing, problem=error)
        return self.back(kind)

    def _respond(self, pages: Pages, template: str, problem: CloudError | None, **view: Any) -> HTMLResponse:
        page = replace(self.page, notice=problem_of(problem) if problem else None)
        status = refusal_of(problem).status if problem else HTTPStatus.OK
        return pages.respond(self.request, template, page, status, **view)


Here = Annotated[ChannelsHere, Depends(ChannelsHere)]


async def typed(request: Request) -> Mapping[str, str]:
    """The fields, as many as each sort of channel has."""
    return {name: str(value) for name, value in (await request.form()).items()}


Typed = Annotated[Mapping[str, str], Depends(typed)]


def channels(pages: Pages) -> PageRouter:
    router = PageRouter("/channels")

    @router.get("")
    def show(here: Here) -> HTMLResponse:
        return here.show(pages)

    @router.get("/add/{sort}")
    def blank(here: Here, sort: Sort, example: Annotated[str, Query(max_length=32)] = "") -> HTMLResponse:
        shown = EXAMPLES[sort].get(example) or next(iter(EXAMPLES[sort].values()), None)
        kind = shown.kind if shown else KINDS[sort]
        said = {**said_of(sort, shown.settings if shown else {}), "kind": kind, "apprise": shown.url if shown else ""}
        return here.form(pages, sort, said, example=shown)

    @router.post("/add/{sort}")
    def add(here: Here, sort: Sort, typed: Typed) -> Response:
        return here.saves(pages, sort, typed)

    _one(router, pages)
    return router


def _one(router: PageRouter, pages: Pages) -> None:
    @router.get("/{channel_kind}")
    def look(here: Here, channel_kind: ChannelKind) -> HTMLResponse:
        one = here.keep.one(channel_kind, here.chief)
        assert one.setup is not None, "as it was set up"
        return here.form(pages, sort_of(one), said_of(sort_of(one), one.setup.settings), standing=one)

    @router.post("/{channel_kind}")
    def change(here: Here, channel_kind: ChannelKind, typed: Typed) -> Response:
        one = here.keep.one(channel_kind, here.chief)
        return here.saves(pages, sort_of(one), typed, one)

    @router.post("/{channel_kind}/test")
    def test(here: Here, channel_kind: ChannelKind, address: Annotated[str, Form(max_length=254)]) -> Response:
        try:
            tried = here.keep.test(channel_kind, address, here.chief)
        except CloudError as error:
            return here.show(pages, error)
        return here.show(pages, tried=(channel_kind, tried))

    @router.post("/{channel_kind}/switch")
    def switch(here: Here, channel_kind: ChannelKind, active: Annotated[bool, Form()]) -> Response:
        here.keep.switch(channel_kind, here.chief, active=active)
        return here.back(channel_kind)

    @router.post("/{channel_kind}/remove")
    def remove(here: Here, channel_kind: ChannelKind) -> Response:
        here.keep.remove(channel_kind, here.chief)
        return back_to(here.page.path)


def _seen(typed: Mapping[str, str]) -> Any:
    def check(one: Shown) -> None:
        if one.setup is not None and typed.get("version", "") != str(one.setup.version):
            raise Conflict("Somebody has changed it meanwhile. Look at it again.", "该渠道刚被他人修改，请刷新后再操作")

    return check
