"""The link in a message opens its task for its reader, and nothing else; whoever else gets it sees whom it was meant for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.domain.community.access import Matter, Purpose
from tests.integration.accounts.at_the_door import COOKIE, has_account, signs_in


def incident_of(house, task):
    return house.services.queries.task(task, None).incident_id


def message_to(house, member, task):
    """The token of a link as notifications carry it."""
    with house.units.writing() as uow:
        made = house.services.sign_in.grant(uow, member, Purpose.LINK, timedelta(hours=24), actor="system")
        uow.keys.save(replace(made.key, matters=(Matter(task, incident_of(house, task)),)))
        uow.commit()
    return made.token


@pytest.fixture
def task(house):
    return house.goes_wrong("lift.entrapment", "b3/lift-2")


@pytest.fixture
def opened(house, task, visitor):
    came = visitor.post(f"/enter/{message_to(house, 'technician', task)}")
    assert (came.status_code, came.headers["location"]) == (303, f"/incidents/{incident_of(house, task)}")
    return visitor


def test_it_says_whom_it_was_meant_for_before_it_opens_anything(house, task, visitor):
    shown = visitor.get(f"/enter/{message_to(house, 'technician', task)}").text
    assert "A message for Technician on duty" in shown
    assert "the task in the message and nothing else" in shown
    assert COOKIE not in visitor.cookies


def test_it_opens_its_task_and_acts_there_as_that_member(house, task, opened):
    page = opened.get(f"/incidents/{incident_of(house, task)}", params={"lang": "en"})
    assert page.status_code == 200
    assert "Opened from a message to Technician on duty" in page.text
    assert f'data-stream="/api/v1/incidents/{incident_of(house, task)}/live"' in page.text, (
        "it hears of its own task alone"
    )
    assert opened.post(f"/tasks/{task}/acknowledge").status_code == 303
    part = house.services.queries.task(task, None).assignments[0]
    assert (part.party.id, part.state) == ("lifts", "accepted")
    assert opened.get(f"/api/v1/tasks/{task}").status_code == 200


def test_it_opens_nothing_else(house, task, opened):
    other = house.goes_wrong("fire.smoke", "b1/detector-7a")
    shut = ["/", "/fleet", "/duties", "/topics", "/account", "/members", f"/incidents/{incident_of(house, other)}"]
    shut += ["/api/v1/me", "/api/v1/incidents", "/api/v1/live", "/api/v1/ledger", f"/api/v1/tasks/{other}"]
    shut += ["/api/v1/members/me/contacts", "/api/v1/me/sessions", "/api/v1/openapi.json"]
    for path in shut:
        assert opened.get(path).status_code == 403, path
    assert opened.post(f"/tasks/{other}/acknowledge").status_code == 403
    assert opened.post(f"/api/v1/tasks/{task}/merge", json={"into": other}).status_code == 403
    assert opened.post(f"/tasks/{task}/merge", data={"into": other}).status_code == 403
    for undone in (f"/tasks/{task}/undo-merge", f"/api/v1/tasks/{task}/undo-merge"):
        assert opened.post(undone).status_code == 403
    assert house.services.queries.task(other, None).state == "new"


def test_what_it_does_not_open_leads_back_to_its_task_and_not_to_the_same_refusal(house, task, opened):
    for path in ("/", "/fleet", "/account"):
        refused = opened.get(path, params={"lang": "en"})
        assert f'class="button" href="/incidents/{incident_of(house, task)}"' in refused.text, path
        assert 'class="button" href="/"' not in refused.text


def test_it_opens_its_task_while_somebody_hammers_at_the_door(house, task, visitor, another):
    has_account(house, another, "technician")
    for _ in range(60):
        signs_in(visitor, "technician", "a wrong password it is")
    assert signs_in(visitor, "technician").status_code == 429
    assert visitor.post(f"/enter/{message_to(house, 'technician', task)}").status_code == 303
    assert visitor.get(f"/incidents/{incident_of(house, task)}").status_code == 200


def test_it_ends_with_its_time_and_when_its_member_ends_it(house, task, visitor, another):
    token = message_to(house, "technician", task)
    house.clock.pass_by(timedelta(hours=24))
    assert visitor.post(f"/enter/{token}").status_code == 401
    fresh = message_to(house, "technician", task)
    assert another.post(f"/enter/{fresh}").status_code == 303
    visitor.cookies.set(COOKIE, house.session_of("technician"))
    assert visitor.post("/account/sessions/end-others").status_code == 303
    assert another.get(f"/incidents/{incident_of(house, task)}").status_code == 401
    assert visitor.post(f"/enter/{fresh}").status_code == 401


def test_a_digest_opens_each_of_its_tasks(house, task, visitor):
    other = house.goes_wrong("lift.entrapment", "b1/lift-1")
    with house.units.writing() as uow:
        made = house.services.sign_in.grant(uow, "technician", Purpose.LINK, timedelta(hours=24), actor="system")
        both = tuple(Matter(one, house.services.queries.task(one, None).incident_id) for one in (task, other))
        uow.keys.save(replace(made.key, matters=both))
        uow.commit()
    assert visitor.post(f"/enter/{made.token}").status_code == 303
    for one in (task, other):
        assert visitor.get(f"/incidents/{incident_of(house, one)}").status_code == 200
    shown = visitor.get(f"/incidents/{incident_of(house, task)}?lang=en").text
    assert "Tasks of this message" in shown
    assert f'href="/incidents/{incident_of(house, other)}"' in shown


def test_who_is_in_already_stays_in_with_all_they_may(house, task, visitor):
    visitor.cookies.set(COOKIE, house.session_of("technician"))
    before = len(house.sessions("technician"))
    came = visitor.post(f"/enter/{message_to(house, 'technician', task)}?incident={incident_of(house, task)}")
    assert came.headers["location"] == f"/incidents/{incident_of(house, task)}"
    assert visitor.get("/").status_code == 200
    assert len(house.sessions("technician")) == before


def test_a_second_message_opens_both_tasks(house, task, opened):
    other = house.goes_wrong("lift.entrapment", "b1/lift-1")
    came = opened.post(f"/enter/{message_to(house, 'technician', other)}")
    assert came.headers["location"] == f"/incidents/{incident_of(house, other)}"
    for one in (task, other):
        assert opened.get(f"/incidents/{incident_of(house, one)}").status_code == 200
    assert opened.get("/").status_code == 403


def test_a_message_to_somebody_else_takes_over_nothing_of_who_was_in(house, task, visitor):
    visitor.cookies.set(COOKIE, house.session_of("manager"))
    assert visitor.post(f"/enter/{message_to(house, 'technician', task)}").status_code == 303
    assert visitor.get("/").status_code == 403
