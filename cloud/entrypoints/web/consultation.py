"""Pages of consultation: topics, one topic from its alarms to its effect, and ballots for everybody."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated

from babel.numbers import format_currency, get_currency_precision
from fastapi import Path, Request
from fastapi.responses import HTMLResponse

from cloud.application.consultation.views import CostView, LinkView
from cloud.application.estates.sign_in import Identity
from cloud.domain.community.names import Language
from cloud.domain.community.party import Role
from cloud.domain.consultation.proposal import MatterKind, Payer
from cloud.domain.consultation.topic import OVER
from cloud.domain.records.consultation_told import WORDS
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.neighbours import CurrentNeighbour, SharedEstate
from cloud.entrypoints.api.topics import Here
from cloud.entrypoints.web.language import LOCALES
from cloud.entrypoints.web.older import AT_ONCE, Cursor, before, turned
from cloud.entrypoints.web.page import member_page, public_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from schemas.base import NAME_PATTERN


def consultation(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/topics")
    def topics(
        request: Request, services: Given, member: CurrentNeighbour, estate: SharedEstate,
        *, topics: Cursor = None, petitions: Cursor = None,
    ) -> HTMLResponse:  # fmt: skip
        page = member_page(request, services, member, estate)
        ask, path = services.consulting.ask, f"/topics{page.estate_query}"
        last = cursors.decode_topic(topics) if topics else None
        listed, older_topics = turned(
            path, "topics", ask.topics(estate, member, limit=AT_ONCE + 1, before=last),
            lambda one: (one.state in OVER, cursors.at(one.opened_at), one.id),
        )  # fmt: skip
        asked, older_petitions = turned(
            path, "petitions", ask.petitions(estate, member, limit=AT_ONCE + 1, before=before(petitions)),
            lambda one: (cursors.at(one.started_at), one.id),
        )  # fmt: skip
        return pages.respond(
            request, "topics.html", page.at("topics"), topics=listed, petitions=asked, words=WORDS,
            older_topics=older_topics, older_petitions=older_petitions,
            may_petition=ask.may_petition(estate, member),
        )  # fmt: skip

    @router.get("/topics/{topic_id}")
    def topic(request: Request, services: Given, here: Here) -> HTMLResponse:
        ask = services.consulting.ask
        shown = ask.topic(here.id, here.member)
        page = member_page(request, services, here.member, shown.topic.estate)
        register = services.queries.register(shown.topic.estate, here.member)
        held = [one.id for one in shown.ballots if one.state == "open"]
        return pages.respond(
            request, "topic.html", page.at("topics"), shown=shown, words=WORDS,
            chain=[(link, place_of(link, here.member)) for link in ask.chain(here.id, here.member).links],
            money=money_in(page.language),
            pending={name: ask.pending(name, here.member) for name in held} if shown.convenes else {},
            parties=[party for party in register.parties.values() if party.may_lead],
            matters=list(MatterKind), payers=list(Payer),
        )  # fmt: skip

    @router.get("/public/{estate}/ballots")
    def ballots(
        request: Request, services: Given, estate: Annotated[str, Path(pattern=NAME_PATTERN)], ballots: Cursor = None
    ) -> HTMLResponse:
        # Hours are told by the estate's clock, to whoever asks from wherever.
        here = services.public.matters.of_place(estate)
        page = public_page(request, services, here.time_zone, here.region)
        found, older = turned(
            f"/public/{estate}/ballots", "ballots",
            services.consulting.ask.public(estate, limit=AT_ONCE + 1, before=before(ballots)),
            lambda one: (cursors.at(one.opened_at), one.id),
        )  # fmt: skip
        return pages.respond(
            request, "public_ballots.html", page,
            ballots=found, older=older, words=WORDS, money=money_in(page.language), estate=estate,
        )  # fmt: skip

    return router


def place_of(link: LinkView, member: Identity) -> str | None:
    """The page on which a link is read, for who may open it: incidents are not for residents."""
    board = member.member.role is not Role.RESIDENT
    if link.kind == "alarm" and board:
        return f"/incidents/{link.id}"
    return None


def money_in(language: Language) -> Callable[[CostView], str]:
    """Writes a cost as people of that language do: minor units to the digits that their currency has."""

    def money(cost: CostView) -> str:
        amount = Decimal(cost.minor).scaleb(-get_currency_precision(cost.currency))
        return format_currency(amount, cost.currency, locale=LOCALES[language])

    return money
