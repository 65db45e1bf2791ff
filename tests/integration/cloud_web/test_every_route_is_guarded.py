"""Nobody in who does not belong: what opens one door opens no other, and who belongs nowhere gets nowhere.

The whole table of routes and roles is tests/integration/accounts/test_matrix.py.
"""

from __future__ import annotations

import re

import httpx
from starlette.routing import Mount

from cloud.entrypoints.api.late import LateRoute
from cloud.entrypoints.app import create_app
from tests.integration.accounts.test_matrix import PUBLIC as OPEN
from tests.integration.cloud_web.house import House

NODES = {"/api/v1/enrolment", "/api/v1/enrolment/renewals"}
"""Where nodes come with a claim code or their old certificate, which no member's key can stand in for."""

OPERATIONS = {"/api/v1/dead-letters", "/metrics", "/dead-letters"}


def doors(house: House) -> list[tuple[str, str]]:
    routes = create_app(house.services).routes
    return [(method, route.path) for route in routes for method in sorted(getattr(route, "methods", None) or {"GET"})]


def ask(client: httpx.Client, method: str, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return client.request(method, re.sub(r"{[^}]+}", "something", path), headers=headers)


def test_every_route_is_made_when_somebody_comes_to_it(house):
    """Made at the start, or anew by a router that includes another, they take MiB: cloud.entrypoints.api.late and .interface
    say how many. Declare pages with PageRouter, the interface with Interface.
    """
    at_once = [route for route in create_app(house.services).routes if not isinstance(route, LateRoute | Mount)]
    assert at_once == []


def test_what_opens_another_door_does_not_open_this_one(house, visitor):
    """A personal link or a session is no API token, and a revoked token is nothing."""
    revoked = house.api_token_of("manager")
    house.services.sign_in.leave(revoked)
    api = [(method, path) for method, path in doors(house) if path.startswith("/api/")]
    paths = [door for door in api if door not in OPEN]
    for token in (house.link_for("manager"), house.session_of("manager"), revoked, "Bearer", "x"):
        for method, path in paths:
            answer = ask(visitor, method, path, {"authorization": f"Bearer {token}"})
            assert answer.status_code == 401, f"{method} {path}"
    for cookie in (house.link_for("manager"), house.api_token_of("manager"), "nonsense"):
        visitor.cookies.set("tocsin_session", cookie)
        assert visitor.get("/").status_code == 401


def test_another_estates_administrator_sees_nothing_of_this_one(house, visitor):
    task = house.services.queries.task(house.goes_wrong("fire.smoke", "b1/detector-7a"), None)
    before = house.services.queries.incident(task.incident_id, None)
    headers = {"authorization": f"Bearer {house.api_token_of('stranger')}"}
    ids = {"task_id": task.id, "incident_id": task.incident_id}
    for method, path in doors(house):
        if (method, path) in OPEN:
            continue
        address = re.sub(r"{(\w+)}", lambda found: ids.get(found[1], "something"), path)
        query = {"estate": "example", "point": "b1/detector-7a/alarm"}
        body = {"reason": "fixed", "text": "mine"} if method == "POST" and path.startswith("/api") else None
        form = (
            {"reason": "fixed", "text": "mine", "hours": "1", "to": "property"}
            if method == "POST" and not body
            else None
        )
        answer = visitor.request(method, address, params=query, headers=headers, json=body, data=form)
        if path in NODES:
            assert answer.status_code == 401, path
            continue
        own = path in OPERATIONS | {"/api/v1/estates", "/api/v1/openapi.json"}
        own = own or path.startswith(("/account", "/api/v1/me"))
        assert answer.status_code in {403, 404} or own, path
        for secret in ("电梯困人", "烟雾", "走廊烟感", "b3-gateway", "示例小区"):
            assert secret not in answer.text, f"{method} {path} tells of {secret}"
    assert house.services.queries.incident(task.incident_id, None).seq == before.seq


def test_a_resident_does_not_see_the_board(house, visitor):
    visitor.cookies.set("tocsin_session", house.session_of("tenant"))
    home = visitor.get("/", params={"lang": "en"}, follow_redirects=False)
    assert home.status_code == 200, "no dead end behind their sign-in"
    assert "Your reports" in home.text
    assert 'data-live="tasks"' not in home.text
    assert visitor.get("/api/v1/incidents").status_code == 403


def test_the_machinery_is_for_those_who_run_it(house, visitor):
    for member, status in (("officer", 403), ("technician", 403), ("manager", 200), ("engineer", 200)):
        visitor.cookies.set("tocsin_session", house.session_of(member))
        for path in OPERATIONS:
            assert visitor.get(path).status_code == status, f"{member} {path}"


def test_a_token_that_may_only_read_cannot_act(house, address):
    task_id = house.goes_wrong("access.forced-open", "b5/north-gate")
    headers = {"authorization": f"Bearer {house.api_token_of('manager', 'read')}"}
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as reader:
        assert reader.get("/api/v1/incidents").status_code == 200
        refused = reader.post(f"/api/v1/tasks/{task_id}/acknowledge")
    assert refused.status_code == 403
    assert "'act'" in refused.json()["detail"]


def test_a_form_from_another_site_does_nothing(house, manager):
    task_id = house.goes_wrong("access.forced-open", "b5/north-gate")
    refused = manager.post(f"/tasks/{task_id}/acknowledge", headers={"sec-fetch-site": "cross-site"})
    assert refused.status_code == 403
    assert house.services.queries.task(task_id, None).state == "new"
