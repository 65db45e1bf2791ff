"""Personal data on a page, for administrators: what is kept of whom, what would be erased, and its erasure once that was confirmed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final, Literal

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from cloud.domain.community.names import Names
from cloud.domain.duties.register import Register
from cloud.domain.records import narrative
from cloud.domain.records.personal import Ground
from cloud.entrypoints.api.access import EstateId, Given
from cloud.entrypoints.api.personal import Administrator
from cloud.entrypoints.web.page import ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.errors import Refused

_LISTED: Final = 200

Whose = Annotated[str | None, Query(max_length=128)]
Key = Annotated[str, Form(min_length=1, max_length=128)]


def named(subject: str, register: Register) -> Names | None:
    """A member by their name; whoever is known by a key alone by none."""
    return narrative.doer(subject, register) if subject.removeprefix("member:") in register.members else None


def personal(pages: Pages) -> PageRouter:
    router = PageRouter("/personal")

    @router.get("")
    def show(
        request: Request, services: Given, member: Administrator, page: ThisPage, estate: EstateId,
        *, subject: Whose = None, erased: Annotated[int | None, Query(ge=0)] = None,
    ) -> HTMLResponse:  # fmt: skip
        found = services.personal(estate, member, subject=subject or None)
        kept = [one for one in found if one.erased_at is None]
        register = services.queries.register(estate, member)
        people = {one.subject: named(one.subject, register) for one in kept[:_LISTED]}
        return pages.respond(
            request, "personal.html", page.at("personal"), subject=subject or None, kept=kept[:_LISTED],
            more=max(0, len(kept) - _LISTED), gone=len(found) - len(kept), erased=erased, people=people,
        )  # fmt: skip

    @router.post("/erase")
    def erase(
        services: Given, member: Administrator, page: ThisPage, estate: EstateId,
        *, subject: Key, pieces: Annotated[int, Form(ge=0)], sure: Annotated[bool, Form()] = False,
        ground: Annotated[Literal["asked", "ordered"], Form()] = "asked",
    ) -> RedirectResponse:  # fmt: skip
        """`pieces`: how many were shown; more than these nobody has agreed to."""
        if not sure:
            raise Refused("Nothing was erased: tick that you have seen what goes.", "未删除：请先勾选确认")
        there = [one for one in services.personal(estate, member, subject=subject) if one.erased_at is None]
        if len(there) != pieces:
            raise Refused(
                "It is not what was shown any more. Look again, then erase.", "内容已有变化，请重新查看后再删除"
            )
        by, why = f"member:{member.member.id}", Ground(ground)
        done = services.erase(estate, subject=subject, actor=by, ground=why, cause="request")
        query = page.estate_query or "?"
        return RedirectResponse(f"/personal{query}&erased={done.erased}".replace("?&", "?"), HTTPStatus.SEE_OTHER)

    return router
