"""Other systems that are told what the ledger gains: kept by who runs the estate. A secret is shown in the answer that made it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from cloud.application.notices.webhook_book import MOST, Kept, Shown, Tried
from cloud.domain.records.webhook import BOTH_SECRETS, Webhook
from cloud.entrypoints.api.access import CurrentOperator, EstateId, Given
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.web.page import Page, ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import back_to
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.telling import problem_of
from cloud.entrypoints.web.webhook_words import SUBJECTS, Part, kinds_of, told
from cloud.errors import CloudError

UNTAKEN: Final = 5
"""Shown of what each did not take; all of it stands on the page of dead letters."""

Id = Annotated[str, Path(max_length=64)]
Url = Annotated[str, Form(max_length=2048)]
Subjects = Annotated[list[Annotated[str, Form(max_length=32)]], Form(max_length=len(SUBJECTS))]


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """`host`: of its address; the rest may be a secret and stands behind a second tap. `subjects`, `parts`: of what it is told
    everything, and of what some; both empty: everything that its party sees.
    """

    kept: Kept
    host: str
    subjects: list[str]
    parts: list[Part]


class Book:
    """The page of webhooks, and how it says what came of something."""

    def __init__(
        self, request: Request, services: Given, member: CurrentOperator, page: ThisPage, estate: EstateId
    ) -> None:
        self.request, self.estate, self.member_id = request, estate, member.member.id
        self.book = services.messaging.webhooks
        # Whatever was posted, the other language is read at the list's address.
        self.page: Page = replace(page.at("webhooks"), path=f"/webhooks{page.estate_query}")

    def show(
        self, pages: Pages, problem: CloudError | None = None, tried: tuple[str, Tried] | None = None, url: str = ""
    ) -> HTMLResponse:
        """`tried`: the host of which a test was asked, and what came of it; `url`: what was typed and not taken."""
        rows = [_row(one) for one in self.book.kept(self.estate, self.member_id, untaken=UNTAKEN)]
        page = replace(self.page, notice=problem_of(problem) if problem else None)
        status = refusal_of(problem).status if problem else HTTPStatus.OK
        return pages.respond(
            self.request, "webhooks.html", page, status, rows=rows, tried=tried, url=url, subjects=SUBJECTS, most=MOST
        )

    def secret(self, pages: Pages, shown: Shown, *, former: bool) -> HTMLResponse:
        hours = round(BOTH_SECRETS.total_seconds() / 3600) if former else 0
        host = host_of(shown.webhook)
        return pages.respond(
            self.request, "webhook_secret.html", self.page, host=host, secret=shown.secret, hours=hours
        )

    def back(self) -> RedirectResponse:
        return back_to(self.page.path)


ThisBook = Annotated[Book, Depends(Book)]


def webhooks(pages: Pages) -> PageRouter:
    router = PageRouter("/webhooks")

    @router.get("")
    def show(here: ThisBook) -> HTMLResponse:
        return here.show(pages)

    @router.post("")
    def add(here: ThisBook, url: Url, *, subjects: Subjects = []) -> Response:  # noqa: B006 - FastAPI copies it
        try:
            shown = here.book.add(here.estate, url.strip(), kinds_of(subjects), here.member_id)
        except CloudError as error:
            return here.show(pages, error, url=url)
        return here.secret(pages, shown, former=False)

    @router.post("/{webhook_id}/switch")
    def switch(here: ThisBook, webhook_id: Id, active: Annotated[bool, Form()]) -> Response:
        here.book.change(here.estate, webhook_id, here.member_id, active=active)
        return here.back()

    @router.post("/{webhook_id}/test")
    def test(here: ThisBook, webhook_id: Id) -> Response:
        tried = here.book.try_out(here.estate, webhook_id, here.member_id)
        return here.show(pages, tried=(host_of(here.book.one(here.estate, webhook_id, here.member_id)), tried))

    @router.post("/{webhook_id}/secret")
    def rotate(here: ThisBook, webhook_id: Id) -> Response:
        return here.secret(pages, here.book.rotate(here.estate, webhook_id, here.member_id), former=True)

    @router.post("/{webhook_id}/remove")
    def remove(here: ThisBook, webhook_id: Id) -> Response:
        here.book.remove(here.estate, webhook_id, here.member_id)
        return here.back()

    return router


def host_of(webhook: Webhook) -> str:
    """What of its address may be shown to anybody who looks over a shoulder."""
    return urlsplit(webhook.url).hostname or webhook.id


def _row(kept: Kept) -> WebhookRow:
    subjects, parts = told(kept.webhook.kinds)
    return WebhookRow(kept, host_of(kept.webhook), [SUBJECTS[one] for one in subjects], parts)
