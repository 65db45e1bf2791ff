"""Matters that are over: found again, reopened by who may, printed, their photos seen; and whom to phone while nobody is there."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from cloud.domain.tasks.task import ResolutionReason
from tests.integration.cloud_web.house import ESTATE
from tests.integration.cloud_web.test_pages import Page
from tests.integration.cloud_web.test_verification import picture

EN = {"lang": "en"}
ANEW = timedelta(hours=2)
"""What happens again so much later is another matter."""


def shown(client, **sought) -> list[str]:
    """Where each row leads."""
    answer = client.get("/closed", params={**EN, **sought})
    assert answer.status_code == 200, answer.text
    return list(dict.fromkeys(re.findall(r'<p class="what"><a href="(/incidents/[^"]+)"', answer.text)))


def over(
    house, hazard: str, equipment: str, reason: ResolutionReason = ResolutionReason.FIXED, by: str = "guard"
) -> str:
    """A matter that was done, looked at by a second person, and closed; the address of its page."""
    task = house.goes_wrong(hazard, equipment)
    house.services.act.acknowledge(task, by)
    house.services.act.resolve(task, by, reason)
    house.goes_right(hazard, equipment)
    house.time_passes(timedelta(minutes=20))
    house.services.act.close(task, "manager")
    found = house.services.queries.task(task, None)
    assert found.state == "closed"
    house.clock.pass_by(ANEW)
    return f"/incidents/{found.incident_id}"


def cancelled(house, hazard: str, equipment: str) -> str:
    task = house.goes_wrong(hazard, equipment)
    house.services.stand_down.cancel(task, "manager", "it was us")
    house.goes_right(hazard, equipment)
    house.clock.pass_by(ANEW)
    return f"/incidents/{house.services.queries.task(task, None).incident_id}"


@pytest.fixture
def closed(house) -> dict[str, str]:
    """One that was verified, one that was a false alarm, one that was called off."""
    return {
        "door": over(house, "access.forced-open", "b5/north-gate"),
        "false": over(house, "access.held-open", "b1/garage-door", ResolutionReason.FALSE_ALARM),
        "off": cancelled(house, "access.forced-open", "b1/garage-door"),
    }


def test_what_is_over_is_found_by_where_what_who_when_and_how(house, closed, manager):
    latest = [closed["off"], closed["false"], closed["door"]]
    assert shown(manager) == latest
    assert shown(manager, place="", hazard="", party="", ending="", **{"from": "", "to": ""}) == latest, "an empty form"
    assert shown(manager, place="binhai/example/b5") == [closed["door"]]
    assert shown(manager, hazard="access") == latest
    assert shown(manager, hazard="lift") == []
    assert shown(manager, hazard="access.held-open") == [closed["false"]]
    assert shown(manager, party="property") == latest
    assert shown(manager, party="lifts") == []
    for ending, name in (("verified", "door"), ("false_alarm", "false"), ("cancelled", "off")):
        assert shown(manager, ending=ending) == [closed[name]]
    assert shown(manager, ending="unverified") == shown(manager, ending="merged") == []
    today = house.clock.now().astimezone().date()
    assert shown(manager, **{"from": str(today - timedelta(days=1)), "to": str(today + timedelta(days=1))}) == latest
    assert shown(manager, to=str(today - timedelta(days=2))) == []
    assert shown(manager, to="9999-12-31") == latest


def test_what_was_chosen_stays_in_the_form_and_empty_states_lead_on(closed, manager):
    page = manager.get("/closed", params={**EN, "place": "binhai/example/b3", "ending": "merged"}).text
    assert '<option value="binhai/example/b3" selected>' in page
    assert '<option value="merged" selected>' in page
    assert "Nothing that is over matches" in page
    assert Page(page).links.count("/closed"), "to all of them again"


def test_before_anything_is_over_the_page_says_what_comes_here(house, manager):
    house.goes_wrong("access.forced-open", "b5/north-gate")
    page = Page(manager.get("/closed", params=EN).text)
    assert page.says("Nothing is over yet")
    assert "/" in page.links
    assert Page(manager.get("/", params=EN).text).links.count("/closed") >= 2, "from the board and from the menu"


@pytest.mark.parametrize("query", ["from=0001-01-01", "to=9999-12-31", "from=9999-12-31", "to=0001-01-01"])
def test_the_ends_of_the_calendar_are_days_too(manager, query):
    assert manager.get(f"/closed?{query}").status_code == 200


@pytest.mark.parametrize("query", ["ending=none", "from=yesterday", "over=nonsense", "place=" + "x" * 257])
def test_what_cannot_be_sought_is_refused(manager, query):
    assert manager.get(f"/closed?{query}").status_code == 422


def test_a_kind_that_nobody_knows_finds_nothing_and_stays_a_string(closed, manager):
    answer = manager.get(
        "/closed", params={**EN, "hazard": "<script>alert(1)</script>", "party": '"><b>', "place": "%"}
    )
    assert answer.status_code == 200
    assert "<script>alert(1)" not in answer.text
    assert '"><b>' not in answer.text
    assert "Nothing that is over matches" in answer.text


def test_older_ones_are_a_page_away_each_once(house, visitor):
    every = [over(house, "access.held-open", "b1/garage-door") for _ in range(3)]
    every += [cancelled(house, "access.forced-open", "b5/north-gate") for _ in range(49)]
    assert len(set(every)) == 52
    manager = visitor
    manager.cookies.set("tocsin_session", house.session_of("manager"))
    first = manager.get("/closed", params={**EN, "hazard": "access"}).text
    rows = re.findall(r'<p class="what"><a href="([^"]+)"', first)
    assert len(rows) == 50
    older = html.unescape(re.search(r'href="([^"]*over=[^"]+)"', first)[1])
    assert "hazard=access" in older
    second = manager.get(f"{older.partition('#')[0]}&lang=en").text
    rows += re.findall(r'<p class="what"><a href="([^"]+)"', second)
    assert sorted(rows) == sorted(every)
    assert "Back to the latest" in second
    assert "Older ones" not in second


def test_who_sees_less_on_the_board_sees_less_of_what_is_over(closed, visitor, house):
    visitor.cookies.set("tocsin_session", house.session_of("technician"))
    assert shown(visitor) == []
    visitor.cookies.set("tocsin_session", house.session_of("tenant"))
    assert visitor.get("/closed").status_code == 403
    visitor.cookies.set("tocsin_session", house.session_of("stranger"))
    assert visitor.get("/closed", params={"estate": ESTATE}).status_code == 403, "their party serves another"


def test_the_page_of_what_is_over_offers_to_reopen_print_and_look(house, closed, manager):
    task = house.services.queries.incident(closed["door"].rpartition("/")[2], None).task
    sent = {"photo": ("gate.jpg", picture(), "image/jpeg")}
    assert manager.post(f"/tasks/{task.id}/photos", files=sent, data={"stage": "after"}).status_code == 303
    page = manager.get(closed["door"], params=EN).text
    assert "This matter is over" in page
    assert page.count(f'action="/tasks/{task.id}/reopen"') == 1, "once, where it is looked for"
    assert "use the browser's own print" in html.unescape(page)
    assert 'href="#photos"' in page
    assert 'id="photos"' in page
    assert "call-thumb" not in page, "nothing burns any more: no emergency number at the thumb"
    _, fields = Page(page).form("/reopen")
    assert manager.post(f"/tasks/{task.id}/reopen", data={**fields, "why": "it is bent"}).status_code == 303
    again = manager.get(closed["door"], params=EN).text
    assert "This matter is over" not in again
    assert "call-thumb" in again
    assert closed["door"] not in shown(manager)


def test_who_may_not_reopen_is_told_why(house, closed, visitor):
    visitor.cookies.set("tocsin_session", house.session_of("street-officer"))
    page = visitor.get(closed["door"], params=EN).text
    assert "This matter is over" in page
    assert "/reopen" not in page
    assert "Your party has no part in this task" in page
    assert "What was called off is not reopened" in visitor.get(closed["off"], params=EN).text


def test_a_life_safety_row_leads_to_its_call_sheet_until_somebody_has_arrived(house, manager):
    door = house.goes_wrong("access.forced-open", "b5/north-gate")
    fire = house.goes_wrong("fire.smoke", "b1/detector-7a")
    at = f"/incidents/{house.services.queries.task(fire, None).incident_id}#call-sheet"
    doors = f"/incidents/{house.services.queries.task(door, None).incident_id}#call-sheet"
    board = Page(manager.get("/", params=EN).text)
    assert at in board.links
    assert board.says("Call sheet")
    assert doors not in board.links
    assert 'id="call-sheet"' in manager.get(at.partition("#")[0], params=EN).text
    house.services.act.acknowledge(fire, "controller")
    assert at in Page(manager.get("/", params=EN).text).links
    house.services.act.acknowledge(fire, "guard")
    house.services.joint.arrive(fire, "guard")
    assert at not in Page(manager.get("/", params=EN).text).links
