"""Whoever reports without having to sign in: told apart from others, counted, and never named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import Request
from starlette.responses import Response

from cloud.application.intake.throttle import DEVICE_LASTS
from cloud.entrypoints.api.access import identify
from cloud.entrypoints.api.services import Services

DEVICE_COOKIE: Final = "tocsin_device"
"""Signed; it says nothing but that this browser reported before, and for a day."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One reporter. `too_many`: more came from there lately than is taken, unless life is at stake. `member_id`: the
    resident who is signed in, for credit.
    """

    device: str
    too_many: bool
    member_id: str | None


def voice_of(request: Request, services: Services, estate: str) -> Voice:
    """Counts one report. Reads the store: call it from a worker thread."""
    address = request.client.host if request.client else "unknown"
    throttle, carried = services.throttle, request.cookies.get(DEVICE_COOKIE)
    device = throttle.device(address, request.headers.get("user-agent", ""), carried)
    too_many = not throttle.allows(address, device)
    known = identify(request, services)
    if known is not None and known.matters:
        known = None  # Who opened a message acts within its task only.
    return Voice(device, too_many, known.member.id if known is not None and estate in known.estates else None)


def carry(voice: Voice, response: Response, services: Services) -> None:
    """Has the browser carry what tells it apart."""
    lasts = int(DEVICE_LASTS.total_seconds())
    carried, secure = services.throttle.cookie(voice.device), services.secure_cookies
    response.set_cookie(DEVICE_COOKIE, carried, max_age=lasts, httponly=True, samesite="strict", secure=secure)
