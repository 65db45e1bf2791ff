"""Every route that names an estate, party, place, member, piece of equipment or task, asked for one that is another's: nothing
is told of it and nothing becomes of it, however well the request is formed. The routes and their bodies are the service's own.
"""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest

from cloud.entrypoints.api.access import Area
from tests.integration.accounts.filled_in import SORTS, Asked, Filler
from tests.integration.accounts.second_estate import HOME, OTHER, SECRETS, builds
from tests.integration.accounts.test_matrix import OF_NO_ESTATE, PUBLIC, ROLES, allowed, areas_of
from tests.integration.cloud_web.house import ESTATE

FAR = {
    "party": "far-property", "member": "far-chief", "place": OTHER, "home": HOME, "equipment": "g1/gate", "node": "far-gateway",
    "point": "g1/gate/open", "entry_id": "1", "version": "1", "form": "json", "rule": "g1/gate/forced-open",
}  # fmt: skip
MADE_BY = {
    "exercise": "/api/v1/estates/{estate}/exercises",
    "window": "/api/v1/estates/{estate}/maintenance-windows",
    "roster": "/api/v1/estates/{estate}/rosters",
    "invitation_id": "/api/v1/estates/{estate}/invitations",
    "webhook_id": "/api/v1/webhooks",
    "offer_id": "/api/v1/offers",
    "need_id": "/api/v1/needs",
    "small_task_id": "/api/v1/small-tasks",
    "petition_id": "/api/v1/petitions",
}
"""Where that estate's own administrator makes one of these; that they are let shows that the requests are well formed."""

RESIDENTS = {"petition_id"}
"""What only who lives there makes."""

HOUR = {"starts_at": "2026-05-13T08:00:00Z", "ends_at": "2026-05-13T09:00:00Z"}
TIMED = {
    "exercise": {"equipment": ["g1/gate"], **HOUR},
    "window": {"equipment": ["g1/gate"], "reason": "repair", **HOUR},
}
"""What no description of single fields tells: it ends after it begins.
"""
NAMED = {"resident": set(), "responder": set()}


@pytest.fixture(scope="module")
def routes(app):
    """(method, route, areas) of every route that is not open to all."""
    found = []
    for route in app.routes:
        dependant = getattr(route, "dependant", None)
        methods = sorted((getattr(route, "methods", None) or set()) - {"HEAD"}) if dependant else ()
        found += [(one, route, areas_of(dependant)) for one in methods if (one, route.path) not in PUBLIC]
    assert len(found) > 200, "most routes are lost"
    return found


def goes(client, token: str, asked: Asked):
    headers = {"authorization": f"Bearer {token}"}
    return client.request(asked.method, asked.path, params=asked.query, headers=headers, **asked.sent)


def misshapen(answer) -> bool:
    """Refused for its form, so that nobody looked at what it names. A page does not say so; it asks the same use cases."""
    return answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY and "The request does not fit" in answer.text


def refused(answer) -> bool:
    """For what it asks. What was asked too often was not looked at."""
    assert answer.status_code != HTTPStatus.TOO_MANY_REQUESTS
    return HTTPStatus.BAD_REQUEST <= answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR


@pytest.fixture
def far(house, app, visitor):
    """The ids of what there is in the other estate, of every sort that its administrator can make there."""
    task = builds(house)
    ids = FAR | {"task": task, "incident": house.services.queries.task(task, None).incident_id}
    filler, made = Filler(ids, OTHER), {}
    tokens = {one: house.api_token_of(one) for one in ("far-chief", "far-owner")}
    for route in app.routes:
        for name in [one for one, path in MADE_BY.items() if path == route.path and "POST" in route.methods]:
            asked = filler.asked("POST", route)
            if name in TIMED:
                asked.sent["json"] = TIMED[name]
            answer = goes(visitor, tokens["far-owner" if name in RESIDENTS else "far-chief"], asked)
            assert answer.status_code == HTTPStatus.CREATED, f"{name}: {answer.text}"
            found = re.search(r'"id":"([^"]+)"', answer.text)
            assert found, answer.text
            made[name] = found[1]
    assert made.keys() == MADE_BY.keys()
    return ids | made


@pytest.mark.parametrize("role", ROLES)
def test_of_another_estate_nothing_well_formed_is_answered_either(house, routes, visitor, far, role):
    before, filler = house.services.queries.ledger_head(OTHER, None), Filler(far, OTHER)
    wrong, token = [], house.api_token_of(ROLES[role])
    for method, route, areas in routes:
        if not allowed(areas, role):
            continue
        answer = goes(visitor, token, filler.asked(method, route))
        own = areas & {Area.OWN, Area.ACCOUNT, Area.FACTOR} or route.path in OF_NO_ESTATE
        if not (own or refused(answer)) or any(secret in answer.text for secret in SECRETS):
            wrong.append((method, route.path, answer.status_code))
    assert not wrong
    assert house.services.queries.ledger_head(OTHER, None) == before


@pytest.mark.parametrize("role", ROLES)
def test_in_ones_own_estate_what_is_anothers_is_named_in_vain(house, routes, visitor, far, role):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    incident = house.services.queries.task(task, None).incident_id
    own = Filler({"task": task, "incident": incident, "member": ROLES[role], "node": "b3-gateway"}, ESTATE)
    before = house.services.queries.ledger_head(OTHER, None)
    wrong, unread, names, token = [], [], set(), house.api_token_of(ROLES[role])
    for method, route, areas in routes:
        asked = Filler(far, ESTATE).asked(method, route)
        if not allowed(areas, role) or not asked.ids:
            continue
        names |= asked.ids
        asked.path = own.asked("GET", route).path
        answer = goes(visitor, token, asked)
        unread += [(method, route.path, answer.text[-300:])] if misshapen(answer) else []
        if not refused(answer) or any(secret in answer.text for secret in SECRETS):
            wrong.append((method, route.path, answer.status_code, asked.sent))
    assert not wrong
    assert not unread, "these were refused for their form: nobody looked at what they name"
    assert names >= NAMED.get(role, set(SORTS) - {"node", "incident"}), "less is named in bodies than there was"
    assert house.services.queries.ledger_head(OTHER, None) == before


NO_PART = ("technician", "controller", "engineer")
"""Members whose parties have no part in a door that was forced open; it is the property's alone."""


@pytest.mark.parametrize("member", NO_PART)
def test_whose_party_has_no_part_in_a_task_changes_nothing_in_it(house, routes, visitor, member):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    incident = house.services.queries.task(task, None).incident_id
    ids = {"task": task, "incident": incident, "party": "lifts", "member": member, "equipment": "b5/north-gate"}
    before, filler, done, asked = house.services.queries.task(task, None), Filler(ids, ESTATE), [], 0
    role, token = house.identity(member).member.role, house.api_token_of(member)
    for method, route, areas in routes:
        if method == "GET" or "{task_id}" not in route.path or not allowed(areas, role):
            continue
        asked += 1
        answer = goes(visitor, token, filler.asked(method, route))
        assert not misshapen(answer), f"{route.path}: {answer.text[-300:]}"
        if not refused(answer):
            done.append((method, route.path, answer.status_code))
    assert asked > 50
    assert not done
    assert house.services.queries.task(task, None) == before
