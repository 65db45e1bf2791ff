"""Who may go where: every route there is × role × own or another estate × scopes, against one table that a person can read."""

from __future__ import annotations

import re

import pytest

from cloud.application.estates.sign_in import Identity
from cloud.domain.community.access import Matter, Purpose
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.entrypoints.api.access import Area, area_of, decide
from tests.integration.accounts.second_estate import OTHER, SECRETS, builds
from tests.integration.cloud_web.house import ESTATE

ROLES = {
    "resident": "tenant",
    "responder": "guard",
    "manager": "manager",
    "overseer": "officer",
    "operator": "engineer",
    "administrator": "administrator",
}
"""Each role, and who has it in the house."""

#                resident responder manager overseer operator administrator   a token needs     a message's link opens it
TABLE = """
estate           no       yes       yes     yes      yes      yes             read/act          its-task
photos           no       yes       yes     yes      yes      yes             read/act          its-task
board            no       yes       yes     yes      yes      yes             read/act          no
wall             no       yes       yes     yes      yes      yes             read/act          no
operations       no       no        yes     no       yes      yes             read/act          no
rules            no       no        yes     no       yes      yes             read/act          no
nodes            no       no        no      no       yes      yes             read/act          no
enrolment        no       no        no      no       yes      yes             read/act          no
registers        no       no        yes     yes      no       yes             read/act          no
personal         no       no        no      no       no       yes             read/act          no
neighbours       yes      yes       yes     yes      yes      yes             read/act          no
own              yes      yes       yes     yes      yes      yes             read/act          no
account          yes      yes       yes     yes      yes      yes             accounts          no
factor           yes      yes       yes     yes      yes      yes             accounts          no
members          no       no        yes     no       no       yes             accounts          no
setup            no       no        no      no       no       yes             read/act          no
"""
MAY = {area: cells for area, *cells in (line.split() for line in TABLE.strip().splitlines())}

OPEN = """
GET  /healthz
GET  /readyz
GET  /static
GET  /sign-in
POST /sign-in
GET  /sign-in/organisation
GET  /sign-in/organisation/back
GET  /enter/{token}
POST /enter/{token}
POST /sign-out
GET  /screen/{token}
POST /screen/{token}
GET  /invitation/{secret}
POST /invitation/{secret}
POST /invitation/{secret}/link
GET  /setup
POST /setup
GET  /demo
POST /demo
GET  /demo/leave
POST /demo/leave
POST /callbacks/voice/{token}
GET  /problems
GET  /problems/{kind}
GET  /public/{estate}
GET  /public/{estate}/now
GET  /public/{estate}/ledger
GET  /public/{estate}/ballots
GET  /at/{typed}
GET  /at/{typed}/{concern}
GET  /at/{typed}/now
POST /at/{typed}
GET  /follow/{token}
GET  /follow/{token}/now
POST /follow/{token}
POST /follow/{token}/words
POST /follow/{token}/photos
GET  /feeds/{estate}/ledger.atom
GET  /feeds/{estate}/cap.atom
GET  /feeds/{estate}/cap/{identifier}
GET  /feeds/calendars/{token}
GET  /feeds/{estate}/matters.atom
GET  /feeds/{estate}/buildings/{building}.atom
GET  /open311/discovery.{form}
GET  /open311/v2/services.{form}
GET  /open311/v2/services/{service_code}.{form}
GET  /open311/v2/requests.{form}
POST /open311/v2/requests.{form}
GET  /open311/v2/requests/{service_request_id}.{form}
GET  /open311/v2/request/{service_request_id}.{form}
GET  /open311/v2/tokens/{token}.{form}
GET  /api/v1/public/{estate}/ledger-head
GET  /api/v1/public/{estate}/ledger-heads
GET  /api/v1/public/{estate}/ballots
GET  /api/v1/public/{estate}/credit-table
GET  /api/v1/public/{estate}/rates
GET  /api/v1/public/{estate}/spots
POST /api/v1/public/reports
GET  /api/v1/public/reports/{token}
POST /api/v1/public/reports/{token}
POST /api/v1/public/reports/{token}/words
POST /api/v1/public/reports/{token}/photos
GET  /api/v1/regulated-work
GET  /api/v1/enrolment/ca.crt
POST /api/v1/enrolment
POST /api/v1/enrolment/renewals
"""
"""What anybody may ask: public by its nature, or it carries a secret of its own that is checked."""
PUBLIC = {tuple(line.split()) for line in OPEN.strip().splitlines()}

OF_NO_ESTATE = {"/api/v1/estates", "/api/v1/openapi.json", "/api/v1/dead-letters", "/dead-letters", "/metrics"}
"""These answer with what is one's own, whatever estate is asked for; so do one's own account and contacts."""


def areas_of(dependant) -> set[Area]:
    found = {area} if (area := area_of(dependant.call)) else set()
    return found.union(*(areas_of(one) for one in dependant.dependencies))


@pytest.fixture(scope="module")
def routes(app):
    """(method, path) → its areas."""
    found = {}
    for route in app.routes:
        dependant = getattr(route, "dependant", None)
        for method in sorted(getattr(route, "methods", None) or {"GET"}):
            if method != "HEAD":
                found[method, route.path] = areas_of(dependant) if dependant else set()
    return found


def test_every_route_has_an_area_or_is_open_to_all_by_name(routes):
    undeclared = {door for door, areas in routes.items() if not areas} - PUBLIC
    assert not undeclared, "give each of these an entrance, or name it among those open to all"
    assert {door for door in PUBLIC if door not in routes} == set(), "these are there no more"
    assert not [door for door in PUBLIC if routes[door]], "these have an area and are not open to all"
    assert set(MAY) == set(Area), "the table names every area"


def allowed(areas: set[Area], role: str) -> bool:
    return all(MAY[area][list(ROLES).index(role)] == "yes" for area in areas)


def scopes_needed(areas: set[Area], method: str) -> set[str]:
    plain = "read" if method == "GET" else "act"
    return {plain if MAY[area][6] == "read/act" else "accounts" for area in areas}


REFUSED = re.compile(r"Ask one of them|not the board|This API token has the scopes|opens its task and nothing else")


def turned_away(answer) -> bool:
    """At the door; what a use case refuses later has other words."""
    if answer.status_code != 403:
        return answer.status_code == 401
    if answer.headers["content-type"] == "application/problem+json":
        return answer.json()["type"] == "/problems/forbidden"
    return REFUSED.search(answer.text) is not None


class Walker:
    """Goes to every route as somebody, with paths filled in from `named`."""

    def __init__(self, client, token: str, named: dict[str, str]) -> None:
        self._client, self._headers = client, {"authorization": f"Bearer {token}"}
        self._named, self._estate = named, named.get("estate")

    def goes(self, method: str, path: str):
        address = re.sub(r"{(\w+)(:path)?}", lambda found: self._named.get(found[1], "something"), path)
        query = {"lang": "en", **({"estate": self._estate} if self._estate else {})}
        return self._client.request(method, address, params=query, headers=self._headers)


@pytest.mark.parametrize("role", ROLES)
def test_in_ones_own_estate_a_role_opens_what_the_table_says(house, routes, visitor, role):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    named = {"estate": ESTATE, "task_id": task, "node": "b3-gateway"}
    walker = Walker(visitor, house.api_token_of(ROLES[role]), named)
    wrong = []
    for (method, path), areas in routes.items():
        if (method, path) in PUBLIC or (path == "/api/v1/live" and allowed(areas, role)):
            continue  # A stream that is let in has no end.
        answer = walker.goes(method, path)
        if turned_away(answer) is allowed(areas, role) or answer.status_code == 401:
            wrong.append((method, path, answer.status_code))
    assert not wrong


@pytest.mark.parametrize("role", ROLES)
def test_of_another_estate_nobody_sees_or_changes_anything(house, routes, visitor, role):
    task = builds(house)
    incident = house.services.queries.task(task, None).incident_id
    before = house.services.queries.ledger_head(OTHER, None)
    named = {"estate": OTHER, "task_id": task, "incident_id": incident, "node": "far-gateway", "member_id": "far-chief"}
    named |= {"party": "far-property", "entry_id": "1", "version": "1"}
    walker = Walker(visitor, house.api_token_of(ROLES[role]), named)
    wrong = []
    for (method, path), areas in routes.items():
        if (method, path) in PUBLIC or not allowed(areas, role):
            continue  # Whom their role keeps out is out before any estate is looked at, as above.
        answer = walker.goes(method, path)
        own = areas & {Area.OWN, Area.ACCOUNT, Area.FACTOR} or path in OF_NO_ESTATE
        shut = answer.status_code in {403, 404} or (method != "GET" and answer.status_code == 422)
        if not (shut or own) or any(secret in answer.text for secret in SECRETS):
            wrong.append((method, path, answer.status_code))
    assert not wrong
    assert house.services.queries.ledger_head(OTHER, None) == before


@pytest.mark.parametrize("scope", ["read", "act", "accounts"])
def test_a_token_opens_what_its_scope_is_for(house, routes, visitor, scope):
    walker = Walker(visitor, house.api_token_of("administrator", scope), {"estate": ESTATE})
    wrong = []
    for (method, path), areas in routes.items():
        fits = scopes_needed(areas, method) <= {scope}
        if (method, path) in PUBLIC or (path == "/api/v1/live" and fits):
            continue
        if turned_away(walker.goes(method, path)) is fits:
            wrong.append((method, path))
    assert not wrong


@pytest.mark.parametrize("area", Area)
def test_who_is_let_in_by_a_consent_opens_that_matter_and_nothing_else(area):
    """As `AdmitFamily` hands it back: a responder of the household, bound to one matter."""
    member = Member("son", "home-7", Names("儿子", "Son"), Role.RESPONDER)
    mine = Matter("task-1", "incident-1")
    admitted = Identity(member, Purpose.SESSION, frozenset(), (ESTATE,), (mine,), family=True)
    opens = {way: decide(admitted, area, "POST", target) is None for way, target in TARGETS.items()}
    photos = area is Area.PHOTOS  # which ask the picture itself
    assert opens == {"mine": area is Area.ESTATE or photos, "other": photos, "none": photos}


TARGETS = {"mine": {"task_id": "task-1"}, "other": {"task_id": "task-2"}, "none": {}}


def test_nobody_at_all_is_let_in_anywhere(house, routes, visitor):
    for method, path in set(routes) - PUBLIC:
        answer = visitor.request(method, re.sub(r"{[^}]+}", "something", path))
        assert answer.status_code == 401, f"{method} {path}"


@pytest.mark.parametrize("area", Area)
@pytest.mark.parametrize("role", ROLES)
def test_the_link_in_a_message_opens_its_task_and_nothing_else(area, role):
    member = Member("somebody", "property", Names("某人", "Somebody"), Role(role))
    mine, other = Matter("task-1", "incident-1"), Matter("task-2", "incident-2")
    identity = Identity(member, Purpose.SESSION, frozenset(), (ESTATE,), (mine,))

    def opens(**target: str) -> bool:
        return decide(identity, area, "POST", target) is None

    fits = MAY[area][7] == "its-task" and MAY[area][list(ROLES).index(role)] == "yes"
    assert opens(task_id=mine.task_id) is fits
    assert opens(incident_id=mine.incident_id) is fits
    if area is not Area.PHOTOS:  # which ask the picture itself
        for target in ({}, {"task_id": other.task_id}, {"task_id": mine.task_id, "incident_id": other.incident_id}):
            assert not opens(**target)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("area", Area)
def test_a_screen_on_a_wall_looks_at_the_wall_and_does_nothing(area, method):
    member = Member("screen:1", "property", Names("大屏", "Wall"), Role.RESPONDER)
    identity = Identity(member, Purpose.SCREEN, frozenset(), (ESTATE,))
    assert (decide(identity, area, method) is None) is (area is Area.WALL and method == "GET")


def test_a_screen_gets_through_no_door_but_those_of_the_wall(house, routes, visitor):
    task = house.goes_wrong("fire.smoke", "b1/detector-7a")
    visitor.cookies.set("tocsin_session", house.screen_of("manager", "property"))
    named = {"task_id": task, "incident_id": house.services.queries.task(task, None).incident_id, "node": "b3-gateway"}
    before = house.services.queries.ledger_head(ESTATE, None)
    opened = []
    for (method, path), areas in routes.items():
        if (method, path) in PUBLIC or path == "/api/v1/live":
            continue
        address = re.sub(r"{(\w+)(:path)?}", lambda found: {"estate": ESTATE, **named}.get(found[1], "something"), path)
        answer = visitor.request(method, address, params={"lang": "en"})
        if answer.status_code not in {401, 403}:
            opened.append((method, path, areas))
    assert opened == [("GET", "/duty-room", {Area.WALL})]
    assert routes["GET", "/api/v1/live"] == {Area.WALL}
    assert house.services.queries.ledger_head(ESTATE, None) == before
