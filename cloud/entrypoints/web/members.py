"""Who belongs to the estate's parties: asked in, shown out. The link of an invitation is shown in the answer that made it."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from cloud.application.accounts.keep_members import LONGEST_NAME, Newcomer
from cloud.application.estates.sign_in import Identity
from cloud.domain.community.names import Language, Names
from cloud.domain.community.party import Role
from cloud.entrypoints.api.access import Area, EstateId, Given, entrance
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.web.claims import picture
from cloud.entrypoints.web.page import Page, ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import back_to
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.telling import problem_of
from cloud.errors import CloudError

Host = Annotated[Identity, Depends(entrance(Area.MEMBERS))]
Name = Annotated[str, Form(max_length=LONGEST_NAME)]
Short = Annotated[str, Form(max_length=128)]
HomeChosen = Annotated[str, Form(max_length=512)]
Email = Annotated[str, Form(max_length=254)]
MemberId = Annotated[str, Path(max_length=128)]
InvitationId = Annotated[str, Path(max_length=64)]


class Membership:
    """The page of members, and how it says that something could not be done."""

    def __init__(self, request: Request, services: Given, host: Host, page: ThisPage, estate: EstateId) -> None:
        self.request, self.services, self.host, self.estate = request, services, host, estate
        self.page: Page = page.at("members")
        self.members = services.accounts.members

    def show(self, pages: Pages, problem: CloudError | None = None) -> HTMLResponse:
        view = self.members.view(self.estate, self.host)
        page = replace(self.page, notice=problem_of(problem) if problem else None)
        status = refusal_of(problem).status if problem else HTTPStatus.OK
        return pages.respond(self.request, "members.html", page, status, view=view)

    def invite(self, pages: Pages, who: Newcomer | str, email: str) -> HTMLResponse:
        try:
            invited = self.members.invite(self.host, self.estate, who, email=email)
        except CloudError as error:
            return self.show(pages, error)
        base = self.services.url or str(self.request.base_url).rstrip("/")
        link = f"{base}/invitation/{invited.secret}"
        shown: dict[str, Any] = {"invitation": invited.invitation, "link": link, "picture": picture(link)}
        return pages.respond(self.request, "invited.html", self.page, **shown)

    def back(self) -> RedirectResponse:
        return back_to(f"/members?estate={self.estate}")


Here = Annotated[Membership, Depends(Membership)]


def members(pages: Pages) -> PageRouter:
    router = PageRouter("/members")

    @router.get("")
    def show(here: Here) -> HTMLResponse:
        return here.show(pages)

    @router.post("/invitations")
    def invite(
        here: Here,
        role: Annotated[Role, Form()],
        *,
        party: Short = "",
        home: HomeChosen = "",
        zh: Name = "",
        en: Name = "",
        language: Annotated[Language, Form()] = "zh",
        email: Email = "",
    ) -> Response:
        # A place in which a home is made has levels; a household that is there already has none.
        joins = bool(home) and "/" not in home
        who = Newcomer(Names(zh or en, en or zh), home if joins else party, role, language, "" if joins else home)
        return here.invite(pages, who, email)

    @router.post("/{member_id}/invitations")
    def invite_again(here: Here, member_id: MemberId, email: Email = "") -> Response:
        return here.invite(pages, member_id, email)

    @router.post("/invitations/{invitation_id}/revoke")
    def revoke(here: Here, invitation_id: InvitationId) -> Response:
        here.members.revoke_invitation(here.host, here.estate, invitation_id)
        return here.back()

    @router.get("/{member_id}/show-out")
    def ask(here: Here, member_id: MemberId) -> Response:
        """A second tap before somebody is out."""
        rows = here.members.view(here.estate, here.host).members
        row = next((one for one in rows if one.id == member_id and one.mine), None)
        if row is None:
            return here.back()
        return pages.respond(here.request, "show_out.html", here.page, member=row)

    @router.post("/{member_id}/show-out")
    def show_out(here: Here, member_id: MemberId) -> Response:
        try:
            here.members.show_out(here.host, here.estate, member_id)
        except CloudError as error:
            return here.show(pages, error)
        return here.back()

    @router.get("/invitations")
    @router.get("/{member_id}/invitations")
    def seen(here: Here) -> RedirectResponse:
        """Reloading, or another language: a link is not shown twice."""
        return here.back()

    return router
