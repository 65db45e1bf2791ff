"""Who may do what: every route asks here, and the dependencies give it the nouns it works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request

from cloud.application.estates.sign_in import Identity
from cloud.domain.accounts.invitation import INVITES
from cloud.domain.community.access import Matter, Purpose
from cloud.domain.community.party import Role
from cloud.entrypoints.api.problems import Refusal, factor_needed, forbidden, not_found, unauthorised
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.web import refusals
from cloud.errors import Unauthenticated

SESSION_COOKIE: Final = "tocsin_session"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OPERATES: Final = frozenset({Role.MANAGER, Role.OPERATOR, Role.ADMINISTRATOR})
"""Roles that see how the machinery is: nodes' payloads in the dead letters, the program's own figures."""


SETS_UP: Final = frozenset({Role.ADMINISTRATOR})
"""Who writes what an estate consists of: the guide, imports and exports."""

COMMANDS: Final = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})
"""Roles that say what nodes are and do. A manager may edit alarm rules, and no more than that."""


INSPECTS: Final = frozenset({Role.MANAGER, Role.OVERSEER, Role.ADMINISTRATOR})
"""Roles that answer to an inspector, and so may print the registers."""


class Area(StrEnum):
    """What a route is about. `board`: what concerns more than the one task that its path names; `photos` find out by themselves
    which task a picture belongs to. `factor`: where a second factor is set up or proven, the one place open before it is.
    `wall`: what a screen that hangs on one may look at as well.
    """

    ESTATE = "estate"
    PHOTOS = "photos"
    BOARD = "board"
    WALL = "wall"
    OPERATIONS = "operations"
    RULES = "rules"
    NODES = "nodes"
    ENROLMENT = "enrolment"
    REGISTERS = "registers"
    PERSONAL = "personal"
    NEIGHBOURS = "neighbours"
    OWN = "own"
    ACCOUNT = "account"
    FACTOR = "factor"
    MEMBERS = "members"
    SETUP = "setup"


_OF_ONE_MATTER: Final = frozenset({Area.ESTATE, Area.PHOTOS})
"""Where a path may name one matter, which somebody's consent opens to their family."""

_EVERYBODY: Final = frozenset(Role)
_WORKS: Final = _EVERYBODY - {Role.RESIDENT}
MAY: Final[Mapping[Area, tuple[frozenset[Role], str]]] = {
    Area.ESTATE: (_WORKS, refusals.BOARD),
    Area.PHOTOS: (_WORKS, refusals.BOARD),
    Area.BOARD: (_WORKS, refusals.BOARD),
    Area.WALL: (_WORKS, refusals.BOARD),
    Area.OPERATIONS: (OPERATES, refusals.MACHINERY),
    Area.RULES: (OPERATES, refusals.MACHINERY),
    Area.NODES: (COMMANDS, refusals.NODES),
    Area.ENROLMENT: (COMMANDS, refusals.ENROLMENT),
    Area.REGISTERS: (INSPECTS, refusals.REGISTERS),
    Area.PERSONAL: (
        frozenset({Role.ADMINISTRATOR}),
        refusals.PERSONAL,
    ),
    Area.MEMBERS: (INVITES, refusals.MEMBERS),
    Area.SETUP: (SETS_UP, refusals.SETUP),
    Area.NEIGHBOURS: (_EVERYBODY, ""),
    Area.OWN: (_EVERYBODY, ""),
    Area.ACCOUNT: (_EVERYBODY, ""),
    Area.FACTOR: (_EVERYBODY, ""),
}
"""By area: the roles that may go there at all, and what everybody else is told."""

ACCOUNTS: Final = frozenset({Area.ACCOUNT, Area.MEMBERS, Area.FACTOR})
"""What lets people in: an API token needs a scope of its own for it."""

Target = Mapping[str, Any]
"""What a route's path names: `task_id`, `incident_id` and the like."""


def decide(identity: Identity, area: Area, method: str, target: Target = MappingProxyType({})) -> str | None:
    """Why this member may not, as a sentence; None when they may. The one place where that is decided, for interface and
    pages alike. Which estates they see is in the identity itself, and the queries hold to it.
    """
    scope = "accounts" if area in ACCOUNTS else "read" if method in SAFE_METHODS else "act"
    if identity.scopes and scope not in identity.scopes:
        return f"This API token has the scopes {sorted(identity.scopes)}; this needs {scope!r}. Issue another token."
    if identity.purpose is Purpose.SCREEN and (area is not Area.WALL or method not in SAFE_METHODS):
        return refusals.SCREEN
    if identity.matters and area is not Area.PHOTOS and not (area is Area.ESTATE and _within(identity.matters, target)):
        return refusals.MESSAGE
    if identity.held and area is not Area.FACTOR:
        return refusals.FACTOR
    roles, refusal = MAY[area]
    return None if identity.member.role in roles else refusal


def _within(matters: Sequence[Matter], target: Target) -> bool:
    """Whether the path names one of these and nothing beside it."""
    named = {target.get("task_id"), target.get("incident_id")} - {None}
    return bool(named) and any(named <= {one.task_id, one.incident_id} for one in matters)


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
    """Who asks, as it stands now; None when nobody we know does. Reads the store: call it from a worker thread."""
    carried = credential(request)
    if carried is None:
        return None
    token, purpose = carried
    try:
        # A screen on a wall carries its token where people carry a session's.
        return services.sign_in.identify(
            token, *((purpose, Purpose.SCREEN) if purpose is Purpose.SESSION else (purpose,))
        )
    except Unauthenticated:
        return None


def let_in(request: Request, services: Services, area: Area) -> Identity:
    """Whoever asks, if they may go there at all."""
    identity: Identity | None = getattr(request.state, "identity", None)
    if identity is None:
        # Once for a request, however many entrances it goes through.
        identity = request.state.identity = identify(request, services)
    if identity is None:
        raise unauthorised()
    reason = decide(identity, area, request.method, request.path_params)
    if reason == refusals.FACTOR:
        raise factor_needed(reason)
    if reason is not None and identity.member.role is Role.RESIDENT and area in _OF_ONE_MATTER:
        # Kept apart from the identity: of a route's other entrances each judges who they are.
        admitted = services.welfare.family(identity, request.path_params)
        if admitted is not None:
            identity, reason = admitted, decide(admitted, area, request.method, request.path_params)
    if reason is not None:
        raise forbidden(reason)
    return identity


_AREAS: Final[dict[object, Area]] = {}


def entrance(area: Area) -> Callable[..., Identity]:
    """A dependency that lets in who may go there. A route has an area because it depends on one of these, directly or through
    others; of several each is asked.
    """

    def let(request: Request, services: Given) -> Identity:
        return let_in(request, services, area)

    _AREAS[let] = area
    return let


def area_of(dependency: object) -> Area | None:
    """The area to which a dependency is the entrance."""
    return _AREAS.get(dependency)


CurrentMember = Annotated[Identity, Depends(entrance(Area.ESTATE))]
CurrentViewer = Annotated[Identity, Depends(entrance(Area.PHOTOS))]
OnTheWall = Annotated[Identity, Depends(entrance(Area.WALL))]
AtTheBoard = Annotated[Identity, Depends(entrance(Area.BOARD))]
CurrentOperator = Annotated[Identity, Depends(entrance(Area.OPERATIONS))]


AskedEstate = Annotated[str | None, Query(max_length=64, description="By default the first of the member's estates.")]


def estate_for(
    member: CurrentMember,
    estate: AskedEstate = None,
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


def wall_estate_for(member: OnTheWall, estate: AskedEstate = None) -> str:
    return estate_for(member, estate)


WallEstate = Annotated[str, Depends(wall_estate_for)]
