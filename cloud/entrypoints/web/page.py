"""What every page knows of its visitor: who they are, what they read, which estate they look at, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Annotated, Final
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from cloud.application.asking.views import EstateView, TaskView
from cloud.application.estates.sign_in import Identity
from cloud.application.ledger_ports import PublishedHead
from cloud.application.records import Tally
from cloud.application.tasks.planned import PlannedView
from cloud.domain.accounts.invitation import INVITES
from cloud.domain.community.access import Purpose
from cloud.domain.community.emergency import EmergencyNumbers, numbers_of
from cloud.domain.community.names import Language, Names, from_large_to_small
from cloud.domain.community.party import Role
from cloud.entrypoints.api.access import (
    COMMANDS,
    INSPECTS,
    OPERATES,
    SETS_UP,
    CurrentMember,
    EstateId,
    Given,
)
from cloud.entrypoints.web.filters import EVERY
from cloud.entrypoints.web.language import HTML_LANG, LANGUAGE_COOKIE, choose
from cloud.entrypoints.web.navigation import Menu, menu

OWN_NAMES = {"zh": "中文", "en": "English"}
UTC_ZONE = ZoneInfo("UTC")
SAID_BEFORE: Final = timedelta(hours=1)
"""So long before it ends a session says so: whoever comes by the wall within the hour can sign in anew."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A member, as the page's head shows them. `operates`: may see how the machinery is; `commands`: may
    ask things of nodes. `inspects`: may print registers; `works`: sees the board, which residents do not. `invites`: may ask others
    in; `sets_up`: writes what the estate consists of; `screen`: hangs on a wall and does nothing; `matters`: came by messages and
    sees these incidents only (`bound`); `menu`: where they can go from here; `family`: somebody's consent lets them in to this one.
    """

    names: Names
    party_names: Names
    operates: bool
    menu: Menu
    commands: bool = False
    inspects: bool = False
    works: bool = True
    party_id: str = ""
    invites: bool = False
    sets_up: bool = False
    matters: tuple[str, ...] = ()
    family: bool = False
    screen: bool = False

    @property
    def bound(self) -> bool:
        """Whether they go nowhere from here."""
        return self.screen or bool(self.matters)


@dataclass(frozen=True, slots=True)
class Page:
    """`path` is the address the visitor is at, with its query; `sealed` the head of the estate's ledger that was published last;
    `seq`, where the live stream goes on; None: not live. `emergency`: the numbers of the countries served, where no estate is
    looked at; `local`: the zone of the estate whose public side it is. `demonstrates`: nothing on it is real, and it says so.
    `factor_by`: until when its visitor may do without a second factor that is asked of them. `stream`: the live stream's address,
    where it is not the estate's. `ringing` finds what rings in any of the visitor's estates, for who works on the page; None:
    nobody hears anything here. `counting` counts what is open in each; `everywhere`: it shows all of them, and `estate` is the
    first. `ends_at`: until when the visitor is signed in. `at_fault`: the id of the field of which the notice speaks.
    """

    path: str
    language: Language
    now: datetime
    section: str = ""
    viewer: Visitor | None = None
    estate: EstateView | None = None
    estates: Sequence[EstateView] = ()
    seq: int | None = None
    notice: Names | None = None
    sealed: PublishedHead | None = None
    emergency: Sequence[EmergencyNumbers] = ()
    local: ZoneInfo | None = None
    demonstrates: bool = False
    factor_by: datetime | None = None
    stream: str = ""
    ringing: Callable[[], Sequence[TaskView]] | None = None
    counting: Callable[[], Mapping[str, Tally]] | None = None
    everywhere: bool = False
    ends_at: datetime | None = None
    at_fault: str = ""

    @property
    def rings(self) -> bool:
        """Whether it tells of alarms, with banner and bell."""
        return self.ringing is not None

    @property
    def alarms(self) -> Sequence[TaskView]:
        """Life-safety tasks that nobody has acknowledged, whichever estate they lie in; asked for when they are drawn."""
        return self.ringing() if self.ringing is not None else ()

    @property
    def several(self) -> bool:
        """Whether its visitor has to do with more than this estate."""
        return len(self.estates) > 1

    @property
    def alarms_elsewhere(self) -> Sequence[TaskView]:
        """Those of other estates than the one looked at."""
        return [task for task in self.alarms if self.is_elsewhere(task)] if self.several else ()

    def is_elsewhere(self, task: TaskView) -> bool:
        return not self.everywhere and (self.estate is None or task.estate != self.estate.id)

    def estate_of(self, task: TaskView | PlannedView) -> EstateView | None:
        return next((one for one in self.estates if one.id == task.estate), self.estate)

    def where(self, task: TaskView) -> Names:
        """Where a task's place is; who has several estates is told in which."""
        known = self.estate_of(task)
        return from_large_to_small((known.names, task.address)) if known and self.several else task.address

    def place(self, task: TaskView) -> Names:
        """The same on a page of one estate, where that goes without saying."""
        return self.where(task) if self.everywhere else task.address

    @property
    def tallies(self) -> Mapping[str, Tally]:
        """By estate, what is open in it, for who may choose among several; asked for when they are drawn."""
        return self.counting() if self.counting is not None and self.several else {}

    @property
    def ends_soon(self) -> bool:
        return self.ends_at is not None and self.ends_at - self.now <= SAID_BEFORE

    @property
    def rescue_numbers(self) -> str:
        """Whom one phones when it burns; of several countries each, and nothing where none is known."""
        if self.estate is not None:
            return self.estate.rescue_number
        return " / ".join(dict.fromkeys(numbers.fire for numbers in self.emergency))

    @property
    def to_dial(self) -> dict[str, tuple[str, ...]]:
        """Each number with whom it reaches."""
        return {number: whom for numbers in self.emergency for number, whom in numbers.by_number().items()}

    @property
    def html_lang(self) -> str:
        return HTML_LANG[self.language]

    @property
    def other(self) -> Language:
        return "en" if self.language == "zh" else "zh"

    @property
    def other_html_lang(self) -> str:
        return HTML_LANG[self.other]

    @property
    def other_language_name(self) -> str:
        return OWN_NAMES[self.other]

    @property
    def other_language_url(self) -> str:
        """This page in the other language."""
        path, _, query = self.path.partition("?")
        kept = [(key, value) for key, value in parse_qsl(query) if key != "lang"]
        return f"{path}?{urlencode([*kept, ('lang', self.other)])}"

    @property
    def estate_query(self) -> str:
        """What keeps a visitor of several estates in the one they look at."""
        return f"?{urlencode({'estate': self.estate.id})}" if self.estate and len(self.estates) > 1 else ""

    def query_of(self, path: str) -> str:
        """The same for that page: from all of them on to all of them, where there is such a page."""
        return f"?estate={EVERY}" if self.everywhere and path in {"/", "/duty-room"} else self.estate_query

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.estate.time_zone) if self.estate else self.local or UTC_ZONE

    def at(self, section: str, seq: int | None = None) -> Page:
        """A visitor who sees one task does not hear the whole estate: their page is not live, unless it is that task's. A
        screen on a wall hears all of it.
        """
        alone = self.viewer is not None and bool(self.viewer.matters)
        return replace(self, section=section, seq=None if alone else seq)

    def about(self, incident_id: str, seq: int) -> Page:
        """A page of one matter: who sees that alone hears of that alone."""
        if self.viewer is None or not self.viewer.bound:
            return self.at("incident", seq)
        return replace(self, section="incident", seq=seq, stream=f"/api/v1/incidents/{incident_id}/live")


def language_of(request: Request, member: Identity | None = None, region: str = "") -> Language:
    known = member.member.language if member else None
    header = request.headers.get("accept-language")
    return choose(request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE), known, header, region=region)


def path_of(request: Request) -> str:
    """Where a link of ours leads back to: two slashes at its beginning would lead to another host."""
    query, path = request.url.query, f"/{request.url.path.lstrip('/')}"
    return f"{path}?{query}" if query else path


def visitor_page(request: Request, services: Given) -> Page:
    """A page for somebody who has not signed in."""
    return Page(path_of(request), language_of(request), services.clock.now(),
        emergency=services.queries.emergency(), demonstrates=services.demonstrates,
    )  # fmt: skip


def public_page(request: Request, services: Given, time_zone: str, region: str) -> Page:
    """The same, about an estate in that time zone and country (ISO 3166): it decides the language of whoever asks for none, and
    its numbers are those to call there.
    """
    language, numbers = language_of(request, region=region), (numbers_of(region),)
    return replace(visitor_page(request, services), local=ZoneInfo(time_zone), language=language, emergency=numbers)


def bare_page(request: Request, services: Given) -> Page:
    """The same without asking the database, which may be what is broken."""
    known = services.queries.remembered
    return Page(
        path_of(request),
        language_of(request),
        services.clock.now(),
        emergency=known,
        demonstrates=services.demonstrates,
    )


def member_page(request: Request, services: Given, member: CurrentMember, estate: EstateId) -> Page:
    register = services.queries.register(estate, member)
    estates = services.queries.estates(member)
    shown = next(view for view in estates if view.id == estate)
    party = register.parties.get(member.member.party_id)
    names = member.member.names
    role = member.member.role
    visitor = Visitor(
        names,
        party.names if party else names,
        role in OPERATES,
        menu(role),
        commands=role in COMMANDS,
        inspects=role in INSPECTS,
        works=role is not Role.RESIDENT,
        party_id=member.member.party_id,
        invites=role in INVITES,
        sets_up=role in SETS_UP,
        matters=tuple(one.incident_id for one in member.matters),
        family=member.family,
        screen=member.purpose is Purpose.SCREEN,
    )
    hears = visitor.works and not visitor.matters
    return Page(
        path_of(request),
        language_of(request, member),
        services.clock.now(),
        viewer=visitor,
        estate=shown,
        estates=estates,
        sealed=services.heads.newest(estate),
        demonstrates=services.demonstrates,
        factor_by=member.factor_by,
        ringing=cache(partial(services.queries.over.alarms, member)) if hears else None,
        counting=cache(partial(services.queries.over.tallies, member)) if hears else None,
        ends_at=member.ends_at,
    )


ThisPage = Annotated[Page, Depends(member_page)]
