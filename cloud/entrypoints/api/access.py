"""Who may do what: every route asks here, and the dependencies give it the nouns it works with."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Query, Request

from cloud.application.estates.sign_in import Identity
from cloud.domain.community.access import Purpose
from cloud.domain.community.party import Role
from cloud.entrypoints.api.problems import Refusal, forbidden, not_found, unauthorised
from cloud.entrypoints.api.services import Services
from cloud.errors import Unauthenticated

SESSION_COOKIE: Final = "tocsin_session"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OPERATES: Final = frozenset({Role.MANAGER, Role.OPERATOR, Role.ADMINISTRATOR})
"""Roles that see how the machinery is: nodes' payloads in the dead letters, the program's own figures."""


COMMANDS: Final = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})
"""Roles that say what nodes are and do. A manager may edit alarm rules, and no more than that."""


INSPECTS: Final = frozenset({Role.MANAGER, Role.OVERSEER, Role.ADMINISTRATOR})
"""Roles that answer to an inspector, and so may print the registers."""


class Area(StrEnum):
    """What a route is about."""

    ESTATE = "estate"
    OPERATIONS = "operations"
    RULES = "rules"
    NODES = "nodes"
    REGISTERS = "registers"
    PERSONAL = "personal"
    NEIGHBOURS = "neighbours"


_FOR: Final = {
    Area.REGISTERS: (INSPECTS, "Registers are for managers, overseers and administrators. Ask one of them."),
    Area.PERSONAL: (frozenset({Role.ADMINISTRATOR}), "What is kept of people is for administrators. Ask one of them."),
    Area.NODES: (COMMANDS, "What a node is told is for operators and administrators. Ask one of them."),
    Area.OPERATIONS: (OPERATES, "This is for managers, operators and administrators. Ask one of them."),
    Area.RULES: (OPERATES, "This is for managers, operators and administrators. Ask one of them."),
}


def decide(identity: Identity, area: Area, method: str) -> str | None:
    """Why this member may not, as a sentence; None when they may. Which estates they see is in the identity itself,
    and the queries hold to it.
    """
    scope = "read" if method in SAFE_METHODS else "act"
    if identity.scopes and scope not in identity.scopes:
        return f"This API token has the scopes {sorted(identity.scopes)}; this needs {scope!r}. Issue another token."
    if identity.member.role is Role.RESIDENT and area is not Area.NEIGHBOURS:
        return "Residents see their own reports, not the board. Ask the property manager if you have duties here."
    if area is Area.NODES and identity.member.role not in COMMANDS:
        return "What a node is told is for operators and administrators. Ask one of them."
    if area in _FOR and identity.member.role not in _FOR[area][0]:
        return _FOR[area][1]
    return None


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Given = Annotated[Services, Depends(services_of)]


def credential(request: Request) -> tuple[str, Purpose] | None:
    """The token a request carries and what it must be for: API tokens in the header, sessions in the cookie."""
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        return (token.strip(), Purpose.API) if scheme.lower() == "bearer" and token.strip() else None
    cookie = request.cookies.get(SESSION_COOKIE)
    return (cookie, Purpose.SESSION) if cookie else None


def identify(request: Request, services: Services) -> Identity | None:
    """Who asks; None when nobody we know does. Reads the store: call it from a worker thread."""
    carried = credential(request)
    if carried is None:
        return None
    token, purpose = carried
    try:
        return services.sign_in.identify(token, purpose)
    except Unauthenticated:
        return None


def let_in(request: Request, services: Services, area: Area) -> Identity:
    """Whoever asks, if they may go there at all."""
    identity = identify(request, services)
    if identity is None:
        raise unauthorised()
    reason = decide(identity, area, request.method)
    if reason is not None:
        raise forbidden(reason)
    return identity


def member_for(request: Request, services: Given) -> Identity:
    return let_in(request, services, Area.ESTATE)


CurrentMember = Annotated[Identity, Depends(member_for)]


def operator_for(request: Request, member: CurrentMember) -> Identity:
    reason = decide(member, Area.OPERATIONS, request.method)
    if reason is not None:
        raise forbidden(reason)
    return member


CurrentOperator = Annotated[Identity, Depends(operator_for)]


def estate_for(
    member: CurrentMember,
    estate: Annotated[
        str | None, Query(max_length=64, description="By default the first of the member's estates.")
    ] = None,
) -> str:
    if not member.estates:
        raise Refusal(
            HTTPStatus.FORBIDDEN, "no-estate", "Your party serves no estate yet. Ask an administrator to add it."
        )
    if estate is None:
        return member.estates[0]
    if estate not in member.estates:
        raise not_found("such estate")
    return estate


EstateId = Annotated[str, Depends(estate_for)]
