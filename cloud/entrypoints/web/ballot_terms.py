"""What ballots rest on, on a page: the roll of owners from a table, and the estate's terms; for who convenes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field
from starlette.responses import Response

from cloud.application.consultation.take_roll import RollTaken
from cloud.application.estates.sign_in import Identity
from cloud.domain.community.names import Names
from cloud.domain.consultation.majorities import RULES
from cloud.domain.consultation.proposal import MatterKind
from cloud.domain.consultation.terms import CONVENES, Terms, acting_for
from cloud.domain.records.consultation_told import WORDS
from cloud.entrypoints.api import unchanged
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.consultation import Count, Days, Portion, RuleGiven, TermsGiven, ThresholdsGiven
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.api.neighbours import CurrentNeighbour, SharedEstate
from cloud.entrypoints.guarded_sizes import MAX_FILES
from cloud.entrypoints.web.fault_words import fault_words
from cloud.entrypoints.web.own_rule import OWN, OwnRuleForm, RuleShown
from cloud.entrypoints.web.page import member_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.telling import problem_of
from cloud.errors import CloudError, Invalid, Refused

_SHOWN: Final = 50
"""Faults of one attempt that are listed."""

_KEEP: Final = "as-it-is"
"""The rule that is in force, where a program gave it in full."""


class TermsForm(OwnRuleForm):
    """The terms as a form has them. `seen`: what stood there when the form was drawn."""

    seen: str = Field(max_length=64)
    rule: str = Field(max_length=64)
    petition_signatures: int = Field(ge=1, le=100_000)
    review_after_days: int = Field(ge=1, le=3660)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    equipment_count: Count
    equipment_days: Days
    hazard_count: Count
    hazard_days: Days
    rise_days: Days
    rise_factor: Portion
    rise_minimum: Count
    rise_minimum_before: Count
    declines: Count

    def made(self, standing: Terms) -> Terms:
        if self.rule not in {_KEEP, OWN, *RULES}:
            raise Refused("Choose one of the rules.", "请从规则中选择")
        limits = {name: getattr(self, name) for name in ThresholdsGiven.model_fields}
        given = {_KEEP: lambda: RuleGiven.of(standing.rule), OWN: self.own_rule}
        rule = given[self.rule]() if self.rule in given else self.rule
        return TermsGiven(
            thresholds=ThresholdsGiven(**limits), petition_signatures=self.petition_signatures, rule=rule,
            currency=self.currency, review_after_days=self.review_after_days,
        ).made()  # fmt: skip


@dataclass(frozen=True, slots=True)
class Convening:
    """Who asks, in which estate."""

    request: Request
    services: Given
    member: Identity
    estate: str


def convening(request: Request, services: Given, member: CurrentNeighbour, estate: SharedEstate) -> Convening:
    return Convening(request, services, member, estate)


Here = Annotated[Convening, Depends(convening)]


def ballot_terms(pages: Pages) -> PageRouter:
    router = PageRouter("/consultation")

    @router.get("")
    def show(here: Here) -> HTMLResponse:
        return _page(here, pages)

    @router.get("/electoral-roll.csv", response_class=Response)
    def template(here: Here) -> Response:
        headers = {"Content-Disposition": 'attachment; filename="electoral-roll.csv"', "Cache-Control": "no-store"}
        return Response(here.services.take_roll.template(), media_type="text/csv; charset=utf-8", headers=headers)

    @router.post("/roll")
    def take(
        here: Here,
        file: Annotated[UploadFile | None, File()] = None,
        do: Annotated[str, Form(max_length=16)] = "try",
    ) -> HTMLResponse:
        try:
            content = file.file.read() if file is not None else b""
            if file is None or not file.filename:
                raise Refused("Choose a file first.", "请先选择文件")
            if len(content) > MAX_FILES:
                raise Refused("The file is too large.", "文件大小超出限制")
            taken = here.services.take_roll(
                here.estate, "electoral-roll.csv", content, here.member, dry_run=do != "take"
            )
        except CloudError as error:
            return _page(here, pages, error)
        return _page(here, pages, taken=taken)

    @router.post("/terms")
    def settle(here: Here, given: Annotated[TermsForm, Form()]) -> Response:
        keep = here.services.consulting.roll

        def check(standing: Terms) -> None:
            unchanged.require(given.seen, _tag(standing))

        try:
            wanted = given.made(keep.terms(here.estate, here.member))
            keep.set_terms(here.estate, wanted, here.member, check=check)
        except CloudError as error:
            return _page(here, pages, error)
        page = member_page(here.request, here.services, here.member, here.estate)
        return RedirectResponse(f"/consultation{page.estate_query}", HTTPStatus.SEE_OTHER)

    return router


def _tag(terms: Terms) -> str:
    return unchanged.tag_of(TermsGiven.of(terms))


def _page(
    here: Convening, pages: Pages, problem: CloudError | None = None, taken: RollTaken | None = None
) -> HTMLResponse:
    page, keep = member_page(here.request, here.services, here.member, here.estate), here.services.consulting.roll
    register = here.services.queries.register(here.estate, here.member)
    convenes = acting_for(register, here.member.member, CONVENES) is not None
    terms = keep.terms(here.estate, here.member)
    problems = problem.problems if isinstance(problem, Invalid) else ()
    notice = problem_of(problem) if problem is not None and not problems else None
    if problems:
        notice = Names("填写有误，未做任何改动", "Something is wrong in what was given; nothing was changed")
    shown: dict[str, Any] = {
        "problems": [fault_words(one, page.language) for one in problems[:_SHOWN]],
        "more": max(0, len(problems) - _SHOWN),
        "rules": RULES, "known_rule": terms.rule == RULES.get(terms.rule.id), "keep": _KEEP,
        "own": OWN, "shown": RuleShown.of(terms.rule), "matters": list(MatterKind), "words": WORDS,
        "standing": keep.standing(here.estate, here.member) if convenes else None,
    }  # fmt: skip
    status = refusal_of(problem).status if problem else HTTPStatus.OK
    return pages.respond(
        here.request, "ballot_terms.html", replace(page.at("topics"), notice=notice), status, terms=terms,
        seen=_tag(terms), convenes=convenes, taken=taken, **shown,
    )  # fmt: skip
