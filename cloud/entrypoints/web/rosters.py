"""Rosters on pages: the week party by party with its gaps, one roster with its turns and stand-ins, calendars in and out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, File, Form, Path, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from cloud.application.rosters.questions import RosterView
from cloud.domain.community.access import Purpose
from cloud.domain.community.names import Names
from cloud.domain.community.roster import EVERY_WEEKDAY
from cloud.domain.duties.reach import callable_members
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.feeds.subscribed import address_of
from cloud.entrypoints.web.fault_words import fault_words
from cloud.entrypoints.web.page import ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import PartyIds
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.roster_forms import GivenShift, GivenTurn, local_moment, new_roster, with_part, without_part
from cloud.errors import CloudError, Invalid, Refused

HOLIDAYS_AHEAD: Final = timedelta(days=120)
MAX_CALENDAR: Final = 128 * 1024

RosterId = Annotated[str, Path(max_length=64)]
KeyId = Annotated[str, Path(max_length=64)]
Week = Annotated[date | None, Query()]
Seen = Annotated[int, Form(ge=0, lt=2**31)]
Short = Annotated[str, Form(max_length=128)]
Moment = Annotated[str, Form(max_length=32)]


class Rostering:
    """The pages of rosters, and how they say that something could not be done."""

    def __init__(
        self, request: Request, services: Given, member: CurrentMember, page: ThisPage, estate: EstateId
    ) -> None:
        self.member, self.estate, self.reach, self.page = member, estate, services.reach, page.at("duties")
        self.services, self.request = services, request
        self.today = page.now.astimezone(page.zone).date()

    def overview(self, pages: Pages, week: date | None) -> HTMLResponse:
        view = self.reach.weeks.week(self.estate, self.member, week or self.today)
        ahead = self.reach.questions.holidays(self.estate, self.member, self.today, self.today + HOLIDAYS_AHEAD)
        return self._respond(pages, "rosters.html", view=view, holidays=ahead)

    def beginning(self, pages: Pages, party: str, problem: CloudError | None = None) -> HTMLResponse:
        register = self.services.queries.register(self.estate, self.member)
        self.reach.questions.on_duty(self.estate, party, self.member)  # to whom this party does not exist, is told so
        people = callable_members(register, party)
        return self._respond(pages, "roster_new.html", problem, party=register.party(party), people=people)

    def one(
        self, pages: Pages, roster: str, week: date | None = None, *,
        problem: CloudError | None = None, made: str | None = None,
    ) -> HTMLResponse:  # fmt: skip
        """`made`: the token of a new address of its calendar, shown this once."""
        found = self.reach.questions.roster(self.estate, roster, self.member)
        register = self.services.queries.register(self.estate, self.member)
        base = address_of(self.request, self.services)
        return self._respond(
            pages, "roster.html", problem,
            found=found,
            party=register.party(found.roster.party_id),
            people=callable_members(register, found.roster.party_id),
            names={one.id: one.names for one in register.members.values()},
            view=self.reach.weeks.week(self.estate, self.member, week or self.today, roster=roster),
            links=self.reach.links.mine(self.estate, roster, self.member),
            made=f"{base}/feeds/calendars/{made}" if made else None,
            weekdays=sorted(EVERY_WEEKDAY),
            soon=f"{self.page.now.astimezone(self.page.zone):%Y-%m-%dT%H:00}",
        )  # fmt: skip

    def known(self, roster: str) -> RosterView:
        return self.reach.questions.roster(self.estate, roster, self.member)

    def back(self, roster: str = "") -> RedirectResponse:
        path = f"/rosters/{roster}" if roster else "/rosters"
        return RedirectResponse(f"{path}{self.page.estate_query}", HTTPStatus.SEE_OTHER)

    def _respond(self, pages: Pages, template: str, problem: CloudError | None = None, **view: Any) -> HTMLResponse:
        status = refusal_of(problem).status if problem else HTTPStatus.OK
        return pages.respond(
            self.request, template, self.page, status, problems=self._words(problem), today=self.today, **view
        )

    def _words(self, problem: CloudError | None) -> Sequence[str]:
        if problem is None:
            return ()
        language = self.page.language
        if isinstance(problem, Invalid):
            return [fault_words(one, language) for one in problem.problems or (str(problem),)]
        return [problem.zh if language == "zh" and problem.zh else str(problem)]


Here = Annotated[Rostering, Depends(Rostering)]


def rosters(pages: Pages) -> PageRouter:
    router = PageRouter("/rosters")
    _shows(router, pages)
    _keeps(router, pages)
    _stands_in(router, pages)
    _calendars(router, pages)
    return router


def _shows(router: PageRouter, pages: Pages) -> None:
    @router.get("")
    def week(here: Here, week: Week = None) -> HTMLResponse:
        return here.overview(pages, week)

    @router.get("/of/{party}")
    def beginning(here: Here, party: Annotated[str, Path(max_length=128)]) -> HTMLResponse:
        return here.beginning(pages, party)

    @router.get("/{roster}")
    def one(here: Here, roster: RosterId, week: Week = None) -> HTMLResponse:
        return here.one(pages, roster, week)


def _keeps(router: PageRouter, pages: Pages) -> None:
    @router.post("/of/{party}")
    def begin(
        here: Here, party: Annotated[str, Path(max_length=128)], turn: Annotated[GivenTurn, Depends(GivenTurn)],
        *, zh: Short = "", en: Short = "",
    ) -> Response:  # fmt: skip
        taken = [one.roster.id for one in here.reach.questions.rosters(here.estate, here.member)]
        try:
            made = new_roster(here.estate, party, Names(zh, en), turn, taken)
            here.reach.rosters.put(made, here.member, new=True)
        except CloudError as error:
            return here.beginning(pages, party, error)
        return here.back(made.id)

    @router.post("/{roster}/turns")
    def add_turn(here: Here, roster: RosterId, turn: Annotated[GivenTurn, Depends(GivenTurn)], seen: Seen) -> Response:
        return put(here, roster, turn, seen)

    @router.post("/{roster}/shifts")
    def add_shift(
        here: Here, roster: RosterId, shift: Annotated[GivenShift, Depends(GivenShift)], seen: Seen
    ) -> Response:
        return put(here, roster, shift, seen)

    def put(here: Rostering, roster: str, given: GivenTurn | GivenShift, seen: int) -> Response:
        try:
            here.reach.rosters.put(with_part(here.known(roster).roster, given), here.member, new=False, seen=seen)
        except CloudError as error:
            return here.one(pages, roster, problem=error)
        return here.back(roster)

    @router.post("/{roster}/drop")
    def drop(here: Here, roster: RosterId, part: Annotated[str, Form(max_length=16)], seen: Seen) -> Response:
        try:
            here.reach.rosters.put(without_part(here.known(roster).roster, part), here.member, new=False, seen=seen)
        except CloudError as error:
            return here.one(pages, roster, problem=error)
        return here.back(roster)

    @router.post("/{roster}/remove")
    def remove(here: Here, roster: RosterId) -> Response:
        here.reach.rosters.remove(here.estate, roster, here.member)
        return here.back()


def _stands_in(router: PageRouter, pages: Pages) -> None:
    @router.post("/{roster}/overrides")
    def stand_in(
        here: Here, roster: RosterId, starts: Moment, ends: Moment,
        *, members: PartyIds = [], replaces: Short = "", note: Annotated[str, Form(max_length=200)] = "",  # noqa: B006 - FastAPI copies it
    ) -> Response:  # fmt: skip
        zone = here.page.zone
        try:
            here.reach.rosters.override(
                here.estate, roster, here.member,
                starts_at=local_moment("from", starts, zone), ends_at=local_moment("until", ends, zone),
                members=tuple(members), replaces=replaces or None, note=note.strip(),
            )  # fmt: skip
        except CloudError as error:
            return here.one(pages, roster, problem=error)
        return here.back(roster)

    @router.post("/{roster}/overrides/{override}/end")
    def take_back(here: Here, roster: RosterId, override: KeyId) -> Response:
        try:
            here.reach.rosters.end_override(here.estate, roster, override, here.member)
        except CloudError as error:
            return here.one(pages, roster, problem=error)
        return here.back(roster)


def _calendars(router: PageRouter, pages: Pages) -> None:
    @router.post("/{roster}/calendar")
    def take(here: Here, roster: RosterId, file: Annotated[UploadFile | None, File()] = None) -> Response:
        content = file.file.read(MAX_CALENDAR + 1) if file is not None and file.filename else b""
        try:
            if not content:
                raise Refused("Choose a file first.", "请先选择文件")
            if len(content) > MAX_CALENDAR:
                raise Refused(
                    "The calendar is too large. Export fewer months of it.", "日历文件过大，请缩短导出的时间范围"
                )
            here.reach.rosters.take_calendar(here.estate, roster, content, here.member)
        except CloudError as error:
            return here.one(pages, roster, problem=error)
        return here.back(roster)

    @router.post("/{roster}/addresses")
    def make(here: Here, roster: RosterId) -> HTMLResponse:
        try:
            made = here.reach.links.make(here.estate, roster, here.member)
        except CloudError as error:
            return here.one(pages, roster, problem=error)
        return here.one(pages, roster, made=made.token)

    @router.post("/{roster}/addresses/{key}/end")
    def take_back(here: Here, roster: RosterId, key: KeyId) -> Response:
        here.services.accounts.keys.end(here.member, key, Purpose.CALENDAR)
        return here.back(roster)

    @router.get("/{roster}/{deed}", response_class=Response)
    def seen(here: Here, roster: RosterId, deed: str) -> RedirectResponse:  # noqa: ARG001 - what was posted is not repeated
        """Reloading, or another language: what was typed is not in the address, and no address is shown twice."""
        return here.back(roster)
