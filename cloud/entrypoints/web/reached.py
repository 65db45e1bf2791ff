"""How I am reached: a member's own contacts on a page - added, proven by a code, ordered, made quiet, tried and removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from cloud.application.rosters.keep_contacts import ContactView
from cloud.domain.community.contact_rules import MOST
from cloud.domain.community.contacts import Contact
from cloud.domain.community.names import Language, Names
from cloud.domain.community.verification import CODE_DIGITS, CODE_LASTS
from cloud.domain.records.failure import words
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.contacts import Myself
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.web.page import member_page, visitor_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import back_to
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.telling import problem_of
from cloud.errors import CloudError, NotFound, Refused

BACK = "/account/reached"
Short = Annotated[str, Form(max_length=32)]


class OwnContacts:
    """The member's contacts, and how the page says that something could not be done."""

    def __init__(self, request: Request, services: Given, me: Myself) -> None:
        self.request, self.me, self.id = request, me, me.member.id
        self.contacts, self.lately = services.reach.contacts, services.reach.lately
        # Somebody whose party serves no estate yet has this page all the same.
        seen = member_page(request, services, me, me.estates[0]) if me.estates else visitor_page(request, services)
        self.page = seen.at("reached")

    def show(
        self, pages: Pages, problem: CloudError | None = None, said: Names | None = None, *, at: str = ""
    ) -> HTMLResponse:
        """`at`: the field in which the problem lies."""
        found = self.contacts.of_member(self.id, self.me)
        page = replace(self.page, notice=problem_of(problem) if problem else said, at_fault=at)
        status = refusal_of(problem).status if problem else HTTPStatus.OK
        return pages.respond(
            self.request, "reached.html", page, status, view=found, lately=self.lately(self.me), most=MOST,
            digits=CODE_DIGITS, minutes=int(CODE_LASTS.total_seconds() // 60), language=self.me.member.language,
        )  # fmt: skip

    def kept(self, contacts: list[ContactView]) -> None:
        given = [
            Contact(self.id, one.channel, one.address, quiet_from=one.quiet_from, quiet_until=one.quiet_until, digest=one.digest)
            for one in contacts
        ]  # fmt: skip
        self.contacts.replace(self.id, given, self.me)


Mine = Annotated[OwnContacts, Depends(OwnContacts)]


class OneContact(OwnContacts):
    """One of them, by its key."""

    def __init__(self, request: Request, services: Given, me: Myself, key: Annotated[str, Path(max_length=64)]) -> None:
        super().__init__(request, services, me)
        self.key, self.all = key, self.contacts.of_member(self.id, me).contacts
        found = next((number for number, one in enumerate(self.all) if one.key == key), None)
        if found is None:
            raise NotFound(f"You have no channel {key!r}.", "没有这个联系方式")
        self.number, self.contact = found, self.all[found]


One = Annotated[OneContact, Depends(OneContact)]


def reached(pages: Pages) -> PageRouter:
    router = PageRouter(BACK)

    @router.get("")
    def show(mine: Mine) -> HTMLResponse:
        return mine.show(pages)

    @router.post("")
    def add(mine: Mine, channel: Short, address: Annotated[str, Form(max_length=256)]) -> Response:
        """Kept, and a code sent through it at once."""
        try:
            added = mine.contacts.add(mine.id, channel, address, mine.me)
            mine.contacts.send_code(mine.id, added.key, mine.me)
        except CloudError as error:
            return mine.show(pages, error if error.zh else _not_added(), at="address")
        return back_to(f"{BACK}#{added.key}")

    @router.post("/language")
    def choose_language(mine: Mine, language: Annotated[Language, Form()]) -> RedirectResponse:
        mine.contacts.choose_language(language, mine.me)
        return back_to(BACK)

    @router.get("/{key}/remove")
    def ask(mine: One) -> HTMLResponse:
        """A second tap before it is gone, and what goes with it."""
        loss = mine.contacts.lost_with(mine.id, mine.key, mine.me)
        return pages.respond(mine.request, "reached_remove.html", mine.page, contact=mine.contact, loss=loss)

    @router.post("/{key}/remove")
    def remove(mine: One) -> RedirectResponse:
        mine.contacts.remove(mine.id, mine.key, mine.me)
        return back_to(BACK)

    _proving(router, pages)
    _preferring(router, pages)
    return router


def _not_added() -> Refused:
    """In words for people: what the list itself says is for who writes a file."""
    return Refused(
        "It was not added: a telephone has 5 to 21 digits, a mail address is written in full, what is for other channels has"
        " no spaces, and none stands there twice.",
        "未能添加：电话请填 5 至 21 位数字，邮箱请填完整地址，其他渠道请勿留空格，也不要重复添加",
    )


def _proving(router: PageRouter, pages: Pages) -> None:
    @router.post("/{key}/code")
    def send_code(mine: One) -> Response:
        try:
            mine.contacts.send_code(mine.id, mine.key, mine.me)
        except CloudError as error:
            return mine.show(pages, error)
        return back_to(f"{BACK}#{mine.key}")

    @router.post("/{key}/verify")
    def verify(mine: One, code: Annotated[str, Form(max_length=16)]) -> Response:
        try:
            mine.contacts.verify(mine.id, mine.key, code, mine.me)
        except CloudError as error:
            error.zh = error.zh or "验证码不对，请核对后再试，或重新获取"
            return mine.show(pages, error, at=f"code-{mine.number + 1}")
        return back_to(f"{BACK}#{mine.key}")

    @router.post("/{key}/test")
    def test(mine: One) -> Response:
        try:
            tested = mine.contacts.test(mine.id, mine.key, mine.me)
        except CloudError as error:
            return mine.show(pages, error)
        return mine.show(pages, said=_TAKEN if tested.taken else _not_taken(tested.why or ""))


_TAKEN = Names(
    "渠道已接受测试消息，请查看是否收到。", "The channel took the test message. Look whether it has arrived."
)


def _not_taken(why: str) -> Names:
    said = words(why)
    return Names(f"测试消息未能发出：{said.zh}", f"The test message was not taken: {said.en}")


def _preferring(router: PageRouter, pages: Pages) -> None:
    @router.post("/{key}/up")
    def up(mine: One) -> RedirectResponse:
        """Tried before the one that stands above it."""
        order, at = list(mine.all), mine.number
        if at:
            order[at - 1 : at + 1] = [order[at], order[at - 1]]
            mine.kept(order)
        return back_to(BACK)

    @router.post("/{key}/quiet")
    def quiet(
        mine: One, *, quiet_from: Short = "", quiet_until: Short = "", digest: Annotated[bool, Form()] = False
    ) -> Response:
        try:
            begins, ends = _time(quiet_from), _time(quiet_until)
            if (begins is None) != (ends is None):
                raise Refused(
                    "Say both when it begins and when it ends, or leave both empty.", "免打扰时间的起止要一起填写"
                )
            changed = replace(mine.contact, quiet_from=begins, quiet_until=ends, digest=digest)
            mine.kept([changed if one.key == mine.key else one for one in mine.all])
        except CloudError as error:
            return mine.show(pages, error, at=f"from-{mine.number + 1}")
        return back_to(f"{BACK}#{mine.key}")

    for path in ("/{key}/code", "/{key}/verify", "/{key}/test", "/{key}/quiet"):

        @router.get(path)
        def seen(mine: One) -> RedirectResponse:
            """Reloading what was not taken, or another language."""
            return back_to(f"{BACK}#{mine.key}")


def _time(text: str) -> time | None:
    """What `<input type="time">` sends; nothing: no quiet hours."""
    try:
        return time.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0) if text else None
    except ValueError:
        zh = f"“{text}”不是时刻，请按 22:00 的格式填写"
        raise Refused(f"{text!r} is no time of day: write 22:00.", zh) from None
