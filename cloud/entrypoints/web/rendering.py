"""Templates into pages: one environment per language, strict about every name, escaping everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from gettext import NullTranslations
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from cloud.application.timeseries import Value
from cloud.domain.community.names import Language, Names
from cloud.domain.records.failure import words as failure_words
from cloud.entrypoints.api.access import services_of
from cloud.entrypoints.web import (
    account_words,
    building_words,
    duty_words,
    exchange_words,
    fleet_words,
    guide_words,
    resident_words,
    words,
)
from cloud.entrypoints.web.fault_words import fault_words
from cloud.entrypoints.web.given_back import given_back
from cloud.entrypoints.web.language import LANGUAGE_COOKIE, LANGUAGES, as_language, load_catalogues
from cloud.entrypoints.web.node_health import offset, sized
from cloud.entrypoints.web.page import Page
from cloud.entrypoints.web.signal import measured, point_names
from cloud.entrypoints.web.time_filters import TIME_FILTERS, page_of
from schemas.hazards import hazard

_YEAR: Final = 365 * 24 * 3600

TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "state": words.TASK_STATES,
    "reason": words.REASONS,
    "ending": words.ENDINGS,
    "role": words.ROLES,
    "part": words.ASSIGNMENTS,
    "severity": words.SEVERITIES,
    "family": words.FAMILIES,
    "clock": words.CLOCKS,
    "clock-met": words.CLOCKS_MET,
    "action": words.ACTIONS,
    "does": words.DOES,
    "said": words.SAID,
    "call": words.CALLS,
    "ground": words.GROUNDS,
    "consent": words.CONSENTS,
    "need": words.NEEDS,
    "stage": words.STAGES,
    "pause": words.PAUSES,
    "planned": words.PLANNED,
    "works": words.WORKS,
    "handover": words.HANDOVERS,
    "explains": words.EXPLAINS,
    "reached-by": words.REACHED_BY,
    "equipment": words.EQUIPMENT,
    "revocation": fleet_words.REVOCATIONS,
    "node-clock": fleet_words.NODE_CLOCKS,
    "condition-of": fleet_words.CONDITIONS,
    "configuration": fleet_words.CONFIGURATIONS,
    "outcome": fleet_words.OUTCOMES,
    "rollout-progress": fleet_words.ROLLOUT_PROGRESS,
    "card-key": fleet_words.CARD_KEYS,
    "command": fleet_words.COMMANDS,
    "called": words.CALLED,
    "round": words.ROUNDS,
    "detail": words.DETAILS,
    "order": fleet_words.ORDERS,
    "party-kind": duty_words.PARTY_KINDS,
    "call-role": duty_words.CALL_ROLES,
    "condition": duty_words.CONDITIONS,
    "call-ground": duty_words.GROUNDS,
    "answering": duty_words.ANSWERING,
    "channel": duty_words.CHANNEL_KINDS,
    "gap": duty_words.GAPS,
    "remedy": duty_words.REMEDIES,
    "answer-part": duty_words.ANSWER_PARTS,
    "running": duty_words.RUNNING,
    "weekday": duty_words.WEEKDAYS,
    "day-rule": duty_words.DAY_RULES,
    "handover-item": duty_words.HANDOVER_ITEMS,
    "handover-side": duty_words.SIDES,
    "loss": duty_words.LOSSES,
    "member-role": account_words.ROLES,
    "through": account_words.THROUGH,
    "screen": account_words.SCREENS,
    "scope": account_words.SCOPES,
    "personal": account_words.PERSONAL,
    "concern": resident_words.CONCERNS,
    "verdict": resident_words.VERDICTS,
    "measure": resident_words.MEASURES,
    "equipment-state": building_words.STATES,
    "service-mode": building_words.MODES,
    "direction": building_words.DIRECTIONS,
    "truth": building_words.TRUTHS,
    "window": building_words.WINDOWS,
    "kind": building_words.KINDS,
    "guide-step": guide_words.STEPS,
    "delivery": guide_words.DELIVERIES,
    "country": guide_words.COUNTRIES,
    "import-table": guide_words.TABLES,
    **exchange_words.TABLES,
}


_PUNCTUATION: Final[Mapping[Language, Mapping[str, str]]] = {
    # A full-width colon stands apart by itself.
    "zh": {"colon": "：", "comma": "、", "pause": "，", "apart": "；", "gap": ""},
    "en": {"colon": ": ", "comma": ", ", "pause": ", ", "apart": "; ", "gap": " "},
}
"""Between what templates put together. `comma`: in a list; `pause`: between clauses; `apart`: between sentences in a list.
`gap`: after a message that ends with a colon."""


@pass_context
def _fault(context: Context, problem: str) -> str:
    return fault_words(problem, page_of(context).language)


@pass_context
def _name(context: Context, names: Names) -> str:
    return names.of(page_of(context).language)


@pass_context
def _hazard_name(context: Context, name: str) -> str:
    known = hazard(name)
    return Names(known.zh, known.en).of(page_of(context).language)


@pass_context
def _point(context: Context, point: str, kind: str) -> str:
    return point_names(kind, point).of(page_of(context).language)


def _measured(value: str, kind: str, point: str) -> str:
    return measured(kind, point, value)


def _environment(translations: NullTranslations, language: Language) -> Environment:
    def word(key: str, table: str) -> str:
        """The word on screen for a domain value; one that has none yet is shown as it is."""
        message = TABLES[table].get(str(key))
        return translations.gettext(message) if message else str(key)

    def said(value: Value, kind: str, point: str) -> str:
        """The value of a reading in words."""
        if isinstance(value, bool):
            return word(str(value).lower(), "truth")
        if point == "service-mode":
            return word(f"{value:.0f}" if isinstance(value, float) else value, "service-mode")
        return word(value, "direction") if isinstance(value, str) else measured(kind, point, str(value))

    def rows_named(text: str, rows: Mapping[str, Sequence[str]]) -> str:
        """A line of a trace with the rows of the matrix by what they are for, their ids behind it. `rows`: the hazards of each."""
        for row, patterns in rows.items():
            said = _PUNCTUATION[language]["comma"].join(
                word(one, "explains") if one.endswith("*") else Names(hazard(one).zh, hazard(one).en).of(language)
                for one in patterns
            )
            text = text.replace(f"“{row}”", f"“{said}”（{row}）").replace(f"'{row}'", f"“{said}” ({row})")
        return text

    def failure(why: str) -> str:
        """Why another system did not take something."""
        return failure_words(why).of(language)

    environment = Environment(
        loader=PackageLoader("cloud.entrypoints.web"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # The extension adds this method when it is loaded; its type knows nothing of it.
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined] # comes with the extension i18n
    environment.globals.update(_PUNCTUATION[language])
    environment.filters.update(TIME_FILTERS)
    environment.filters.update(
        name=_name,
        point=_point,
        measured=_measured,
        hazard_name=_hazard_name,
        word=word,
        said=said,
        failure=failure,
        rows_named=rows_named,
        fault=_fault,
        sized=sized,
        offset=offset,
    )
    return environment


class Pages:
    """Renders pages in the visitor's language."""

    def __init__(self) -> None:
        catalogues = load_catalogues()
        self._environments: dict[Language, Environment] = {
            language: _environment(catalogues[language], language) for language in LANGUAGES
        }

    def html(self, template: str, page: Page, **view: Any) -> str:
        return self._environments[page.language].get_template(template).render(page=page, **view)

    def respond(
        self, request: Request, template: str, page: Page, status: HTTPStatus = HTTPStatus.OK, **view: Any
    ) -> HTMLResponse:
        """The page, never kept by caches; a language asked for in the address is remembered."""
        html = self.html(template, page, http_status=status, **view)
        kept = given_back(request, status, html, view.get("names_at_fault", ()))
        if kept is not None:
            html = self.html(template, page, http_status=status, given_back=kept, **view)
        response = HTMLResponse(html, status)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Language"] = page.html_lang
        asked = as_language(request.query_params.get("lang"))
        if asked:
            secure = services_of(request).secure_cookies
            response.set_cookie(LANGUAGE_COOKIE, asked, max_age=_YEAR, httponly=True, samesite="lax", secure=secure)
        return response
