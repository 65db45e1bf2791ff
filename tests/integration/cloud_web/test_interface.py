from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from cloud.entrypoints.web.problem_words import PROBLEMS

API = "/api/v1"


def problem(answer: httpx.Response, status: int, kind: str) -> dict:
    """The answer is a problem document of that kind that says something."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["type"] == f"/problems/{kind}"
    assert document["status"] == status
    assert len(document["detail"]) > 20
    return document


def test_a_task_goes_its_whole_way_and_says_what_may_follow(house, program):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    at = f"{API}/tasks/{task}"
    assert set(program.get(at).json()["allowed"]) == {"acknowledge", "note", "decline", "cancel"}
    assert set(program.post(f"{at}/acknowledge").json()["task"]["allowed"]) == {
        "start",
        "resolve",
        "note",
        "decline",
        "transfer",
        "help",
        "ask-for-whistle",
        "merge",
        "cancel",
    }
    assert program.post(f"{at}/start").json()["task"]["state"] == "in_progress"
    assert program.post(f"{at}/notes", json={"text": "on site"}).status_code == 201
    resolved = program.post(f"{at}/resolve", json={"reason": "fixed", "note": "lock replaced"}).json()["task"]
    assert (resolved["state"], resolved["resolution_reason"]) == ("resolved", "fixed")
    assert "quiet" in problem(program.post(f"{at}/close"), 409, "conflict")["detail"]
    house.goes_right("access.forced-open", "b5/north-gate")
    house.time_passes(timedelta(minutes=6))
    assert program.post(f"{at}/close").json()["task"]["state"] == "closed"
    incident = program.get(f"{API}/incidents/{resolved['incident_id']}").json()
    assert [note["text"] for note in incident["notes"]] == ["on site", "lock replaced"]
    assert program.post(f"{at}/reopen").json()["task"]["state"] == "new"


def test_a_party_steps_aside_over_the_interface(house, program):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    at = f"{API}/tasks/{task}"
    fault = problem(program.post(f"{at}/decline", json={}), 422, "invalid")
    assert "cite the duty" in str(fault)
    incident = program.get(f"{API}/incidents/{program.get(at).json()['incident_id']}").json()
    own = program.get(at).json()["responsible"]["id"]
    other = next(party["id"] for party in incident["eligible"] if party["id"] != own)
    program.post(f"{at}/acknowledge")
    waits = {"reason": "waiting-for-parts", "until": "2031-01-01T00:00:00Z"}
    problem(program.post(f"{at}/hold", json=waits), 409, "conflict")
    problem(program.post(f"{at}/transfer", json={"to": "nobody"}), 422, "invalid")
    handed = program.post(f"{at}/transfer", json={"to": other, "note": "yours"}).json()["task"]
    assert handed["responsible"]["id"] == own
    declined = program.post(f"{at}/decline", json={"basis": "art. 45", "named": other}).json()["task"]
    assert (declined["state"], declined["responsible"]["id"]) == ("new", own)
    described = program.get(f"{API}/openapi.json").json()["paths"]
    assert {f"{API}/tasks/{{task_id}}/{deed}" for deed in ("hold", "decline", "transfer")} <= described.keys()


def test_what_changed_since_it_was_seen_is_not_acted_on(house, program):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    at = f"{API}/tasks/{task}"
    seen = program.get(at).headers["etag"]
    assert program.post(f"{at}/acknowledge", headers={"if-match": seen}).status_code == 200
    late = program.post(f"{at}/start", headers={"if-match": seen})
    problem(late, 412, "precondition-failed")
    assert program.post(f"{at}/start", headers={"if-match": late.headers["etag"]}).status_code == 200
    problem(program.post(f"{at}/start"), 409, "conflict")


def test_incidents_come_most_urgent_first_page_by_page(house, program):
    for n in range(7):
        house.goes_wrong("access.forced-open", f"b7/door-{n}")
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    seen, cursor = [], None
    while True:
        page = program.get(f"{API}/incidents", params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        seen += [item["hazard"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        house.goes_wrong("access.held-open", f"b8/door-{len(seen)}")
    assert seen[0] == "fire.smoke"
    assert seen.count("access.forced-open") == 7, "rows that come while one pages neither repeat nor hide others"


def test_closed_incidents_last_closed_first(house, program):
    closed = []
    for n in range(5):
        task = house.goes_wrong("access.held-open", f"b7/door-{n}")
        for deed in ("acknowledge", "resolve"):
            program.post(f"{API}/tasks/{task}/{deed}", json={"reason": "fixed"} if deed == "resolve" else None)
        house.goes_right("access.held-open", f"b7/door-{n}")
        house.time_passes(timedelta(minutes=6))
        assert program.post(f"{API}/tasks/{task}/close").status_code == 200
        closed.append(task)
    first = program.get(f"{API}/incidents", params={"state": "closed", "limit": 2}).json()
    rest = program.get(f"{API}/incidents", params={"state": "closed", "limit": 9, "cursor": first["next"]}).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == closed[::-1]
    assert rest["next"] is None


def test_an_incident_is_told_whole(house, program):
    house.goes_wrong("lift.entrapment", "b3/lift-2", point="confined-pulses", value=5.0, threshold=4.0)
    (row,) = program.get(f"{API}/incidents").json()["items"]
    incident = program.get(f"{API}/incidents/{row['incident_id']}").json()
    assert incident["task"]["responsible"]["id"] == "lifts"
    assert {clock["kind"] for clock in incident["task"]["clocks"]} >= {"tto", "ttr"}
    assert incident["alerts"][0]["threshold"] == 4.0
    assert any(line["kind"] == "won" for line in incident["trace"])
    assert {tick["need"] for tick in incident["ticks"]} == {"sensor", "independent"}
    assert [call["phone"] for call in incident["call_sheet"]] == ["96333", "119"]
    assert all(line["text"]["zh"] and line["text"]["en"] for line in incident["timeline"])


def test_alerts_are_what_fires_now_hidden_or_not(house, program):
    house.goes_wrong("access.held-open", "b1/garage-door")
    house.goes_wrong("fire.smoke", "b1/detector-7a")
    house.goes_wrong("access.forced-open", "b5/north-gate")
    house.goes_right("access.forced-open", "b5/north-gate")
    alerts = program.get(f"{API}/alerts").json()
    assert sorted((alert["hazard"], bool(alert["suppressed_by"])) for alert in alerts) == [
        ("access.held-open", True),
        ("fire.smoke", False),
    ]


def test_every_register_can_be_read(house, program):
    house.node_connects()
    house.sensor_reports("b3/lift-2/floor", [(timedelta(minutes=1), 3.0)])
    for room in ("estates", "places", "parties", "duties", "equipment", "nodes", "ledger", "points"):
        assert len(program.get(f"{API}/{room}").json()) >= 1, room
    assert program.get(f"{API}/ledger/lines").json()["items"][0]["text"]["zh"]


def test_a_node_is_told_with_what_became_of_its_batches(house, program):
    house.node_connects()
    house.goes_wrong("access.forced-open", "b5/north-gate")
    (report,) = program.get(f"{API}/nodes").json()
    assert report["node"]["online"] is True
    assert report["node"]["stored"] == 1
    assert report["telemetry"]["stored"] == 1842
    assert report["telemetry"]["duplicate"] == 3


def test_dead_letters_say_why(house, program):
    house.nonsense_arrives(b'{"pack": ', "is not JSON: it ends at byte 9")
    (letter,) = program.get(f"{API}/dead-letters").json()
    assert letter["reason"] == "is not JSON: it ends at byte 9"
    assert letter["excerpt"] == '{"pack": '
    assert letter["node_id"] == "b3-gateway"


def test_a_points_course_comes_in_steps(house, program):
    house.sensor_reports("b3/lift-2/speed", [(timedelta(seconds=s), s / 10) for s in range(600)])
    course = program.get(f"{API}/readings", params={"point": "b3/lift-2/speed", "steps": 10}).json()
    assert 1 <= len(course["steps"]) <= 10
    assert sum(step["count"] for step in course["steps"]) == 600
    assert max(step["max"] for step in course["steps"]) == pytest.approx(59.9)


UNDRAWABLE = [
    {},
    {"point": ""},
    {"point": "a/b", "from": "yesterday"},
    {"point": "a/b", "from": "2026-05-12T19:00:00"},
    {"point": "a/b", "from": "2026-05-12T19:00:00Z", "to": "2026-05-12T18:00:00Z"},
    {"point": "a/b", "from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"},
    {"point": "a/b", "steps": "0"},
    {"point": "a/b", "steps": "1e9"},
    {"point": "x" * 300},
]


def test_a_course_that_cannot_be_drawn_is_refused_with_the_place_of_the_fault(program):
    for query in UNDRAWABLE:
        document = problem(program.get(f"{API}/readings", params=query), 422, "invalid")
        assert document["problems"][0]["where"].startswith("query."), query


WRONG = [
    ("GET", "/nothing", 404),
    ("GET", "/incidents/none", 404),
    ("GET", "/incidents?cursor=zzz", 422),
    ("GET", "/incidents?limit=-1", 422),
    ("GET", "/incidents?state=burning", 422),
    ("GET", "/incidents?estate=../../etc", 404),
    ("GET", "/ledger?since=99999999999999999999999", 422),
    ("DELETE", "/incidents", 405),
    ("POST", "/tasks/none/acknowledge", 404),
    ("POST", "/tasks/%00/acknowledge", 404),
    ("POST", "/tasks/\ud7ff/acknowledge", 404),
    ("GET", "/live?since=-1", 422),
    ("GET", "/live?since=x", 422),
]


def test_every_error_is_a_problem_document(program):
    for method, path, status in WRONG:
        answer = program.request(method, f"{API}{path}")
        problem(answer, status, answer.json()["type"].rpartition("/")[2])


HOSTILE = [
    b"",
    b"{",
    b"[]",
    b'{"reason": "because"}',
    b'{"reason": "fixed", "more": 1}',
    b'{"reason": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"reason": "fixed", "note": "' + b"x" * 5000 + b'"}',
    b"\xff\xfe",
    b'{"reason": NaN}',
]


def test_hostile_bodies_are_refused_and_the_process_lives(house, program):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    program.post(f"{API}/tasks/{task}/acknowledge")
    for body in HOSTILE:
        json = {"content-type": "application/json"}
        answer = program.post(f"{API}/tasks/{task}/resolve", content=body, headers=json)
        assert answer.status_code in {400, 422}, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
    assert program.get("/healthz").status_code == 200


def test_a_body_too_large_is_refused(house, program):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")

    def endless():
        for _ in range(40):
            yield b"x" * 4096

    for content in (b"x" * 100_000, endless()):
        answer = program.post(f"{API}/tasks/{task}/notes", content=content)
        problem(answer, 413, "too-large")


def test_if_match_that_is_no_revision_is_refused(house, program):
    task = house.goes_wrong("access.forced-open", "b5/north-gate")
    answer = program.post(f"{API}/tasks/{task}/acknowledge", headers={"if-match": '"soon"'})
    assert problem(answer, 422, "invalid")["problems"][0]["where"] == "header.If-Match"


def test_the_description_refers_only_to_what_it_holds(program):
    document = program.get(f"{API}/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    schemas = document["components"]["schemas"]

    def references(part):
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for value in part.values():
                yield from references(value)
        elif isinstance(part, list):
            for value in part:
                yield from references(value)

    assert {reference.rpartition("/")[2] for reference in references(document)} <= schemas.keys()
    assert "HTTPValidationError" not in str(document["paths"]), "refused requests are problem documents too"
    assert all("{" not in path or "parameters" in str(item) for path, item in document["paths"].items())


def test_readiness_names_the_part_that_is_in_trouble(house, tmp_path):
    from dataclasses import replace

    from tests.integration.cloud_web.serving import served

    house.services = replace(house.services, troubles=lambda: {"broker": "not connected since 19:04"})
    with served(house) as address:
        answer = httpx.get(f"{address}/readyz", trust_env=False, timeout=30)
        assert "broker: not connected since 19:04" in problem(answer, 503, "not-ready")["detail"]
        assert httpx.get(f"{address}/healthz", trust_env=False, timeout=30).json() == {"status": "ok"}


@pytest.mark.parametrize("to", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_a_course_before_the_calendar_is_refused_in_words(program, to):
    problem(program.get(f"{API}/readings", params={"point": "b3/lift-7/speed", "to": to}), 422, "invalid")


def test_what_the_interface_answers_to_a_broken_or_endless_body_is_documented(house, program):
    at = f"/tasks/{house.goes_wrong('access.forced-open', 'b5/north-gate')}/notes"
    broken = program.post(API + at, content=b'{"text": "\xff"}', headers={"content-type": "application/json"})
    problem(broken, 400, "bad-request")
    endless = program.post(API + at, content=b"[" * 100_000, headers={"content-type": "application/json"})
    problem(endless, 413, "too-large")
    paths = program.get(f"{API}/openapi.json").json()["paths"]
    for operations in paths.values():
        for operation in operations.values():
            if operation["tags"] != ["health"]:
                assert {"400", "401", "403", "404", "413", "422", "503"} <= operation["responses"].keys()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_type_of_a_problem_leads_to_what_it_means(visitor, lang):
    problem = visitor.get(f"{API}/tasks/none").json()
    page = visitor.get(problem["type"], params={"lang": lang})
    assert page.status_code == 200
    assert problem["type"].rpartition("/")[2] in page.text
    assert {"zh": "怎么办", "en": "What to do"}[lang] in page.text
    assert visitor.get("/problems/nothing-known", params={"lang": lang}).status_code == 404
    for kind in PROBLEMS:
        assert f'href="/problems/{kind}"' in visitor.get("/problems", params={"lang": lang}).text
