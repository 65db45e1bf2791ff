"""The addresses of GeoReport v2."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from cloud.application.asking.public_requests import RequestView, ServiceView, Wanted
from cloud.domain.community.names import Names
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.late import LateRoute
from cloud.entrypoints.feeds.states import STATES
from cloud.entrypoints.open311.answers import answer, single
from cloud.entrypoints.open311.asked import Estate, Fields, Form, refused, report_of, wanted

router = APIRouter(prefix="/open311/v2", include_in_schema=False, route_class=LateRoute)

Id = Annotated[str, Path(max_length=128)]
ThoseWanted = Annotated[Wanted, Depends(wanted)]

_CALL: Final = Names("紧急情况请先拨打{numbers}", "In an emergency call {numbers} first")
_FOLLOW: Final = Names(
    "已通知{parties}。请妥善保存令牌：凭它可查看进展并评价结果。",
    "{parties} told. Keep the token: with it you follow what becomes of it and judge the result.",
)
_KNOWN: Final = Names("此险情已知，相关单位已接到通知。", "This danger is known, and those responsible have been told.")


@router.get("/services.{form}")
def list_services(form: Form, estate: Estate, services: Given) -> Response:
    return answer(form, "services", "service", [_service(one) for one in services.public.requests.services(estate)])


@router.get("/services/{service_code}.{form}")
def define_service(service_code: Id, form: Form, estate: Estate, services: Given) -> Response:
    for one in services.public.requests.services(estate):
        if one.concern.value == service_code:
            return single(form, "service_definition", _definition(one))
    raise refused(f"service_code: there is no service {service_code!r}; see services.", HTTPStatus.NOT_FOUND)


@router.get("/requests.{form}")
def list_requests(form: Form, estate: Estate, which: ThoseWanted, services: Given) -> Response:
    found = services.public.requests.listed(estate, which)
    return answer(form, "service_requests", "request", [_request(one) for one in found])


@router.post("/requests.{form}")
def post_request(form: Form, fields: Fields, request: Request, services: Given) -> Response:
    """Throttled as every report without login is. The token is the reporter's own key to it."""
    address = request.client.host if request.client else "unknown"
    device = services.throttle.device(address, request.headers.get("user-agent", ""))
    report_of(fields, device=device, too_many=False)  # what cannot be taken anyway is not counted
    made = services.report(report_of(fields, device=device, too_many=not services.throttle.allows(address, device)))
    if made.folded:
        known = {"service_request_id": made.report_id, "service_notice": _both(_KNOWN)}
        return answer(form, "service_requests", "request", [known])
    told = services.public.requests.parties(fields["jurisdiction_id"], made.told)
    notice = Names(
        _FOLLOW.zh.format(parties="、".join(one.zh for one in told)),
        _FOLLOW.en.format(parties=", ".join(one.en for one in told)),
    )
    return answer(form, "service_requests", "request", [{"token": made.token, "service_notice": _both(notice)}])


@router.get("/requests/{service_request_id}.{form}")
def read_request(service_request_id: Id, form: Form, estate: Estate, services: Given) -> Response:
    found = services.public.requests.one(estate, service_request_id)
    return answer(form, "service_requests", "request", [_request(found)])


@router.get("/request/{service_request_id}.{form}")
def read_single_request(service_request_id: Id, form: Form, estate: Estate, services: Given) -> Response:
    """The same at the address, and in the form, that the format's Swagger description gives it."""
    return single(form, "request", _request(services.public.requests.one(estate, service_request_id)))


@router.get("/tokens/{token}.{form}")
def read_token(token: Id, form: Form, estate: Estate, services: Given) -> Response:
    found = services.public.requests.by_token(estate, token)
    return answer(form, "service_requests", "request", [{"service_request_id": found, "token": token}])


def _both(names: Names) -> str:
    return f"{names.zh} · {names.en}"


def _service(service: ServiceView) -> dict[str, Any]:
    return {
        "service_code": service.concern.value,
        "service_name": _both(service.names),
        "description": _call(service) or _both(service.names),
        "metadata": True,
        "type": "realtime",
        "keywords": f"{service.names.zh},{service.names.en}",
        "group": service.group,
    }


def _call(service: ServiceView) -> str:
    if not service.life_safety:
        return ""
    zh, en = "、".join(service.numbers), " / ".join(service.numbers)
    return _both(Names(_CALL.zh.format(numbers=zh), _CALL.en.format(numbers=en)))


def _definition(service: ServiceView) -> dict[str, Any]:
    """The numbers to call are shown, not asked for; the code may also come as `address_id`."""
    shown = {"variable": False, "code": "emergency", "datatype": "string", "required": False, "order": 1}
    asked = {"variable": True, "code": "code", "datatype": "string", "required": False, "order": 2}
    code = Names("电梯或门上的编码（或填入address_id）", "The code on the lift or door (or give it as address_id)")
    call = _call(service)
    attributes = [{**shown, "description": call}] if call else []
    attributes.append({**asked, "datatype_description": "b3/lift-2", "description": _both(code)})
    return {"service_code": service.concern.value, "attributes": attributes}


def _request(view: RequestView) -> dict[str, Any]:
    found = {
        "service_request_id": view.id,
        "status": "open" if view.open else "closed",
        "status_notes": _both(STATES[view.state]),
        "service_name": _both(view.names),
        "service_code": view.code,
        "agency_responsible": _both(view.responsible),
        "requested_datetime": view.requested_at.isoformat(timespec="seconds"),
        "updated_datetime": view.updated_at.isoformat(timespec="seconds"),
        "address": f"{view.address.en} · {view.address.zh}",
        "address_id": view.address_id,
    }
    if view.expected_at is not None:
        found["expected_datetime"] = view.expected_at.isoformat(timespec="seconds")
    return found
