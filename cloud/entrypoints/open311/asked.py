"""What a request of Open311 says: its parameters, from the address or from a form."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Query, Request

from cloud.application.asking.public_requests import MOST, Wanted
from cloud.application.intake.report_hazard import MAX_CONTACT, MAX_WORDS
from cloud.application.intake.report_hazard import Given as Reported
from cloud.domain.incidents.report import Concern
from cloud.entrypoints.api.problems import Refusal
from cloud.entrypoints.open311.answers import JSON, XML

_CONTACT: Final = ("first_name", "last_name", "phone", "email")
_STATES: Final = {"open": True, "closed": False}


def refused(description: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Refusal:
    return Refusal(status, "open311", description)


def estate_of(jurisdiction_id: Annotated[str, Query(max_length=64)] = "") -> str:
    return required_estate(jurisdiction_id)


def required_estate(jurisdiction_id: str) -> str:
    if not jurisdiction_id:
        raise refused("jurisdiction_id was not provided: give the estate's id.")
    return jurisdiction_id


def known_form(form: str) -> str:
    if form not in {JSON, XML}:
        raise refused(f"There is no format {form!r}: ask for .json or .xml.", HTTPStatus.NOT_FOUND)
    return form


Estate = Annotated[str, Depends(estate_of)]
Form = Annotated[str, Depends(known_form)]


def wanted(
    service_request_id: Annotated[str | None, Query(max_length=40 * MOST)] = None,
    service_code: Annotated[str | None, Query(max_length=512)] = None,
    status: Annotated[str | None, Query(max_length=32)] = None,
    start_date: Annotated[str | None, Query(max_length=64)] = None,
    end_date: Annotated[str | None, Query(max_length=64)] = None,
) -> Wanted:
    """Lists are separated by commas."""
    states = {_state(one) for one in _split(status)} if status else set()
    return Wanted(
        ids=_split(service_request_id) if service_request_id else None,
        codes=frozenset(_split(service_code)) if service_code else None,
        open=next(iter(states)) if len(states) == 1 else None,
        start=_moment("start_date", start_date),
        end=_moment("end_date", end_date),
    )


def _split(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _state(text: str) -> bool:
    if text not in _STATES:
        raise refused(f"status: {text!r} is none; give open, closed or both.")
    return _STATES[text]


def _moment(name: str, text: str | None) -> datetime | None:
    """W3C's profile of ISO 8601; one without an offset is in UTC."""
    if text is None:
        return None
    try:
        # In an address an unescaped + arrives as a blank.
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refused(f"{name}: {text!r} is no date and time such as 2026-11-26T08:00:00+08:00.") from error


async def fields_of(request: Request) -> dict[str, str]:
    """Of the form, and of the address where a client puts them there. Files are not taken."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {"", "application/x-www-form-urlencoded"}:
        raise refused(f"The body is {kind}: send application/x-www-form-urlencoded.")
    form = await request.form(max_fields=100)
    return {**request.query_params, **{name: value for name, value in form.items() if isinstance(value, str)}}


Fields = Annotated[dict[str, str], Depends(fields_of)]


def report_of(fields: dict[str, str], *, device: str, too_many: bool) -> Reported:
    """The report that the fields say. Where it is, says the code on the spot: no coordinates are known here."""
    named = fields.get("service_code", "")
    concern = next((one for one in Concern if one.value == named), None)
    if concern is None:
        raise refused(f"service_code: there is no service {named!r}; see services.", HTTPStatus.NOT_FOUND)
    code = fields.get("attribute[code]") or fields.get("address_id") or ""
    if not 0 < len(code) <= 128:  # noqa: PLR2004 - as long as any name of equipment
        raise refused(
            "address_id: give the code that stands on the lift or door (coordinates and addresses are not known)."
        )
    words, contact = fields.get("description", ""), " ".join(filter(None, (fields.get(one) for one in _CONTACT)))
    if len(words) > MAX_WORDS:
        raise refused(f"description: write at most {MAX_WORDS} characters.")
    if len(contact) > MAX_CONTACT:
        raise refused(f"first_name, last_name, phone, email: write at most {MAX_CONTACT} characters together.")
    estate = required_estate(fields.get("jurisdiction_id", ""))
    return Reported(estate, code, concern, words, contact, device=device, too_many=too_many)
