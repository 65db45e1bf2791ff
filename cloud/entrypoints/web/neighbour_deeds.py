"""What people do about offers, needs and small tasks on pages: plain forms that post, act, and lead back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Path
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from cloud.application.exchange.board import Wording
from cloud.domain.exchange.posting import Side
from cloud.domain.exchange.small_task import MAX_HELPERS, Deed, SmallTaskKind
from cloud.entrypoints.api.access import CurrentMember
from cloud.entrypoints.web.neighbours import Cursors, Here, ThisPosting, ThisTyped, shown
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import back_to
from cloud.entrypoints.web.rendering import Pages
from cloud.errors import CloudError, NotFound

Words = Annotated[str, Form(max_length=2000)]


def neighbour_deeds(pages: Pages) -> PageRouter:
    router = PageRouter("/neighbours")

    @router.post("/postings")
    def post(here: Here, posted_as: Annotated[Side, Form()], typed: ThisTyped) -> Response:
        try:
            posted = here.exchange.board.post(here.estate, posted_as, typed.good, typed.wording, here.member)
        except CloudError as error:
            return shown(here, pages, Cursors(), typed, error, at="post-text")
        return back_to(f"/neighbours/{posted_as}s/{posted.id}")

    @router.post("/small-tasks")
    def ask(
        here: Here,
        worker: CurrentMember,
        typed: ThisTyped,
        *,
        kind: Annotated[SmallTaskKind, Form()] = SmallTaskKind.SMALL_TASK,
        wanted: Annotated[int, Form(ge=1, le=MAX_HELPERS)] = 1,
    ) -> Response:
        """Asked of neighbours by an organisation."""
        try:
            here.exchange.small_tasks.post(here.estate, kind, typed.wording, worker, wanted=wanted)
        except CloudError as error:
            return shown(here, pages, Cursors(), typed, error, at="small-text")
        return here.back()

    @router.post("/small-tasks/{small_task_id}/{deed}")
    def do(
        here: Here, small_task_id: Annotated[str, Path(max_length=64)], deed: Annotated[str, Path(max_length=16)]
    ) -> RedirectResponse:
        tasks = here.exchange.small_tasks
        known = {
            Deed.CLAIM: tasks.claim,
            Deed.RELEASE: tasks.release,
            Deed.FINISH: tasks.finish,
            Deed.CONFIRM: tasks.confirm,
            Deed.SEND_BACK: tasks.send_back,
            Deed.WITHDRAW: tasks.withdraw,
        }
        if deed not in known:
            raise NotFound(f"Nobody does {deed!r} about a small task.", "没有这个操作")
        known[Deed(deed)](small_task_id, here.member)
        return back_to(f"/neighbours{here.page.estate_query}#tasks")

    _one(router, pages)
    return router


def _one(router: PageRouter, pages: Pages) -> None:
    @router.post("/{side}/{posting_id}/change")
    def change(here: ThisPosting, typed: ThisTyped) -> Response:
        try:
            here.exchange.board.change(here.posting.id, here.side, typed.good, typed.wording, here.member)
        except CloudError as error:
            return here.show(pages, typed, error)
        return back_to(here.path)

    @router.post("/{side}/{posting_id}/answer")
    def answer(here: ThisPosting, text: Words) -> Response:
        """The other side of it, for the same place and hours: whose it is finds it beside their own."""
        one, other = here.posting, Side.OFFER if here.side is Side.NEED else Side.NEED
        wording = Wording(one.capability, text, one.place_id, one.hours)
        try:
            posted = here.exchange.board.post(one.estate, other, one.good, wording, here.member)
        except CloudError as error:
            return here.show(pages, None, error, answered=text)
        return back_to(f"/neighbours/{other}s/{posted.id}")

    @router.post("/{side}/{posting_id}/withdraw")
    def withdraw(here: ThisPosting) -> RedirectResponse:
        here.exchange.board.withdraw(here.posting.id, here.side, here.member)
        return here.back()

    @router.post("/{side}/{posting_id}/meet")
    def meet(here: ThisPosting) -> RedirectResponse:
        if here.side is not Side.NEED:
            raise NotFound("Only a need is met.", "只有需求可以标记为已满足")
        here.exchange.board.meet(here.posting.id, here.member)
        return here.back()
