"""The page of rules, and one rule's: tuned, tried on history beside the one in force, and sent to its node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final, NamedTuple

from fastapi import Depends, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from cloud.application.estates.sign_in import Identity
from cloud.application.fleet.configure_node import MAX_REASON
from cloud.application.fleet.rule_questions import ComparedTrials, NodeRules, RuleView, proposal, tuned
from cloud.domain.community.faults import fault
from cloud.domain.community.names import Names
from cloud.domain.fleet.rule_figures import Figure
from cloud.domain.incidents import alarm_quality
from cloud.entrypoints.api.access import Area, EstateId, Given, entrance
from cloud.entrypoints.web.chart import draw
from cloud.entrypoints.web.fault_words import fault_words
from cloud.entrypoints.web.page import Page, ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.rule_chart import RuleChart
from cloud.entrypoints.web.rule_words import condition_words, label_of, scale_of, shown
from cloud.errors import Invalid
from schemas.hazards import Severity

SPANS: Final = (1, 7, 30)
"""Days over which a rule is tried."""

USUAL: Final = 7
JUDGED_OVER: Final = (1, 7, 30, 90)
"""Days over which the alarms are judged."""

WIDE: Final = 1040.0
NARROW: Final = 360.0
LISTED: Final = 12
"""Alarms of a trial that are listed; the chart has them all."""

Tuner = Annotated[Identity, Depends(entrance(Area.RULES))]
NodeId = Annotated[str, Path(max_length=64)]
RuleId = Annotated[str, Path(max_length=128)]
Texts = Sequence[str]


class Tried(NamedTuple):
    """What a form holds: figures by their way, as typed; the rest as chosen. `days` None: no trial was asked for."""

    way: list[str]
    value: list[str]
    enabled: str
    severity: str
    days: int | None


@dataclass(frozen=True, slots=True)
class Field:
    """One figure as a field. `stands`: what it is in force, in the unit of the field."""

    number: int
    way: str
    label: Names
    unit: str
    text: str
    stands: str

    @property
    def changed(self) -> bool:
        return self.text.strip() != self.stands


def asked_by_address(
    way: Annotated[list[Annotated[str, Query(max_length=128)]], Query(max_length=64)] = [],  # noqa: B006 - FastAPI copies it
    value: Annotated[list[Annotated[str, Query(max_length=32)]], Query(max_length=64)] = [],  # noqa: B006 - as above
    *,
    enabled: Annotated[str, Query(max_length=8)] = "",
    severity: Annotated[str, Query(max_length=16)] = "",
    days: Annotated[int | None, Query(ge=1, le=31)] = None,
) -> Tried:
    return Tried(way, value, enabled, severity, days)


def posted_by_form(
    way: Annotated[list[Annotated[str, Form(max_length=128)]], Form(max_length=64)] = [],  # noqa: B006 - as above
    value: Annotated[list[Annotated[str, Form(max_length=32)]], Form(max_length=64)] = [],  # noqa: B006 - as above
    *,
    enabled: Annotated[str, Form(max_length=8)] = "",
    severity: Annotated[str, Form(max_length=16)] = "",
    days: Annotated[int | None, Form(ge=1, le=31)] = None,
) -> Tried:
    return Tried(way, value, enabled, severity, days)


def rules(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/rules")
    def show(
        request: Request,
        services: Given,
        member: Tuner,
        page: ThisPage,
        estate: EstateId,
        *,
        node: Annotated[str | None, Query(max_length=64)] = None,
        building: Annotated[str | None, Query(max_length=512)] = None,
        days: Annotated[int, Query(ge=1, le=366)] = 30,
    ) -> HTMLResponse:
        nodes = services.tuning.rules.nodes(estate, member)
        chosen = node or next(iter(nodes), None)
        found = services.tuning.rules.rules(estate, chosen, member) if chosen else None
        seq = services.queries.ledger_head(estate, member).seq
        register = services.queries.register(estate, member)
        names = {one: entry.names for one, entry in register.nodes.items()}
        return pages.respond(
            request,
            "rules.html",
            page.at("rules", seq),
            nodes=nodes,
            names=names,
            found=found,
            said=_conditions(found),
            asked=services.tuning.quality(estate, member, days=days, building=building or None),
            days=days,
            spans=JUDGED_OVER,
            targets=alarm_quality,
        )

    @router.get("/nodes/{node}/rules/{rule:path}")
    def one(
        request: Request, services: Given, member: Tuner, page: ThisPage, estate: EstateId,
        *, node: NodeId, rule: RuleId, asked: Annotated[Tried, Depends(asked_by_address)],
    ) -> HTMLResponse:  # fmt: skip
        found, view = services.tuning.rules.rule(estate, node, rule, member)
        # A page with a trial is not live: each line of the ledger would have all its readings run over again.
        seq = services.queries.ledger_head(estate, member).seq if asked.days is None else None
        return _editor(pages, request, services, page.at("rules", seq), _Shown(estate, found, view, asked))

    @router.post("/nodes/{node}/rules/{rule:path}")
    def save(
        request: Request, services: Given, member: Tuner, page: ThisPage, estate: EstateId,
        *, node: NodeId, rule: RuleId, asked: Annotated[Tried, Depends(posted_by_form)],
        seen: Annotated[int, Form(ge=0)], reason: Annotated[str, Form(max_length=MAX_REASON)] = "",
    ) -> Response:  # fmt: skip
        found, view = services.tuning.rules.rule(estate, node, rule, member)
        shows = _Shown(estate, found, view, asked)
        try:
            changes = changes_of(view, shows.kind, asked, needed=True)
            services.configure.edit_rule(estate, node, rule, changes, member.member, reason=reason, seen=seen)
        except Invalid as error:
            return _editor(pages, request, services, page.at("rules"), shows, error=error)
        return RedirectResponse(f"{request.url.path}{page.estate_query}", HTTPStatus.SEE_OTHER)

    return router


@dataclass(frozen=True, slots=True)
class _Shown:
    estate: str
    found: NodeRules
    view: RuleView
    asked: Tried

    @property
    def kind(self) -> str:
        known = next((item for name, item, _ in self.found.by_equipment if name == self.view.rule.equipment), None)
        return known.kind.value if known else ""

    @property
    def names(self) -> Names:
        rule = self.view.rule
        known = next((item for name, item, _ in self.found.by_equipment if name == rule.equipment), None)
        return known.names if known else Names(rule.equipment, rule.equipment)


def _editor(
    pages: Pages, request: Request, services: Given, page: Page, shows: _Shown, *, error: Invalid | None = None
) -> HTMLResponse:
    rule, asked = shows.view.rule, shows.asked
    tried: ComparedTrials | None = None
    try:
        changes = changes_of(shows.view, shows.kind, asked)
        if asked.days is None:
            proposal(rule, changes)
        else:
            tried = services.tuning.rules.trial(shows.estate, rule, changes, asked.days)
    except Invalid as faulty:
        error = error or faulty
    drawings = {}
    if tried is not None:
        chart = RuleChart(services.readings, shows.estate, shows.kind, page.zone, page.language).draw_from(tried)
        # The chart escapes every text that goes into it (tests/unit/cloud/web/test_chart.py).
        drawings = {name: Markup(draw(chart, width)) for name, width in (("wide", WIDE), ("narrow", NARROW))}  # noqa: S704
    return pages.respond(
        request,
        "rule.html",
        page,
        HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        found=shows.found,
        view=shows.view,
        names=shows.names,
        kind=shows.kind,
        said=condition_words(rule.when, shows.kind),
        cleared=condition_words(rule.clear_when, shows.kind) if rule.clear_when else None,
        fields=fields_of(shows.view.figures, shows.kind, asked),
        enabled=asked.enabled != "no" if asked.enabled else rule.enabled,
        severity=asked.severity or rule.effective_severity,
        severities=list(Severity),
        days=asked.days or USUAL,
        spans=SPANS,
        tried=tried,
        drawings=drawings,
        listed=LISTED,
        problems=[fault_words(one, page.language) for one in error.problems or (str(error),)] if error else (),
    )


def fields_of(figures: Sequence[Figure], kind: str, asked: Tried) -> list[Field]:
    typed = dict(zip(asked.way, asked.value, strict=False))
    return [
        Field(n, one.way, label_of(one, kind), scale_of(one, kind)[0], typed.get(one.way, shown(one, kind)), shown(one, kind))
        for n, one in enumerate(figures)
    ]  # fmt: skip


def changes_of(view: RuleView, kind: str, asked: Tried, *, needed: bool = False) -> Mapping[str, Any]:
    """What the form changes of the rule; a field that says what stands changes nothing. Raises Invalid, where a change is
    `needed` also when there is none.
    """
    known = {one.way: one for one in view.figures}
    given: dict[str, float] = {}
    for field in fields_of(view.figures, kind, asked):
        if field.changed:
            factor = scale_of(known[field.way], kind)[1]
            try:
                # As people write it: 5 %/m is 0.05, and not what 5 times a hundredth is to a machine.
                given[field.way] = float(f"{float(field.text.replace(',', '.')) / factor:.12g}")
            except ValueError:
                label = field.label
                told = fault("figure-no-number", field=label.en, field_zh=label.zh, text=field.text)
                raise Invalid("The rule cannot be tried.", [told]) from None
    changes = tuned(view.rule, given)
    if asked.enabled and (asked.enabled != "no") is not view.rule.enabled:
        changes["enabled"] = asked.enabled != "no"
    if asked.severity and asked.severity != view.rule.effective_severity:
        changes["severity"] = asked.severity
    if needed and not changes:
        raise Invalid("Nothing was changed.", [fault("nothing-changed")])
    return changes


def _conditions(found: NodeRules | None) -> dict[str, Names]:
    if found is None:
        return {}
    return {
        view.rule.id: condition_words(view.rule.when, item.kind.value if item else "")
        for _, item, views in found.by_equipment
        for view in views
    }
