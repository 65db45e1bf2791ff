"""Somebody phones, and whoever works here takes the call down for them on pages."""

from __future__ import annotations

import re

import pytest

from cloud.domain.records.ledger import Kind
from tests.integration.cloud_web.test_hostile_strings import HOSTILE, Elements


@pytest.fixture
def guard(visitor, house):
    visitor.cookies.set("tocsin_session", house.session_of("guard"))
    return visitor


def plain(page: str) -> str:
    return re.sub(r"<[^>]+>", "", page)


def takes_down(client, **said):
    return client.post("/desk", params={"estate": "example"}, data=said, follow_redirects=False)


def test_somebody_is_trapped_is_three_presses_from_the_board(house, guard):
    board = guard.get("/?lang=en").text
    assert 'href="/desk"' in board
    (building,) = re.findall(r'href="(/desk\?[^"]+)">Building 3<', guard.get("/desk").text)
    (lift,) = re.findall(r'href="(/desk\?[^"]+)">Lift 2<', guard.get(building.replace("&amp;", "&")).text)
    call = guard.get(lift.replace("&amp;", "&")).text
    assert 'name="concern" value="trapped"' in call
    sent = takes_down(guard, equipment="b3/lift-2", concern="trapped")
    assert sent.status_code == 303
    (task,) = house.services.queries.board("example", None).tasks
    assert (task.hazard, task.life_safety) == ("lift.entrapment", True)
    assert sent.headers["location"].startswith(f"/incidents/{task.incident_id}?")


def test_the_numbers_and_whom_it_goes_to_are_read_out_before_anything_is_sent(house, guard):
    call = guard.get("/desk", params={"equipment": "b3/lift-2", "lang": "en"}).text
    assert call.index("tel:96333") < call.index('value="trapped"') < call.index('value="lift-fault"')
    said = plain(call)
    assert "Read out: It goes at once to Property office." in said
    assert "or after three minutes, also to Lift maintainer, Residents&#39; committee." in said
    assert "Read out: It goes at once to Lift maintainer, Property office." in said
    assert not house.services.queries.board("example", None).tasks


def test_the_caller_reports_and_not_who_took_the_call(house, guard):
    sent = takes_down(guard, equipment="b3/lift-2", concern="lift-fault", words="it bangs", contact="flat 702")
    shown = guard.get(f"{sent.headers['location']}&lang=en").text
    incident = house.services.queries.incident(sent.headers["location"][11:].partition("?")[0], None)
    ((way, words, contact),) = [(one.way, one.words, one.contact) for one in incident.reports]
    assert (way, words, contact) == ("desk", "it bangs", "flat 702")
    assert "/follow/" not in shown, "the caller's link is no link of the desk's"
    assert not [entry for entry in house.ledger() if "flat 702" in str(entry.data) or "it bangs" in str(entry.data)]
    (slip,) = set(re.findall(r'action="(/reports/[^"]+/slip)"', shown))
    assert shown.index(slip) < shown.index('data-live="top"'), "it is offered before anything else"
    assert "/follow/" in guard.post(slip).text
    assert Kind.LINK_HANDED in {entry.kind for entry in house.ledger()}


def test_the_caller_can_mean_what_is_known(house, guard):
    task = house.services.queries.task(house.goes_wrong("lift.door-fault", "b3/lift-2"), None)
    assert f'name="same_as" value="{task.incident_id}"' in guard.get("/desk?equipment=b3/lift-2").text
    takes_down(guard, equipment="b3/lift-2", same_as=task.incident_id)
    assert len(house.services.queries.incident(task.incident_id, None).reports) == 1
    assert len(house.services.queries.board("example", None).tasks) == 1


@pytest.mark.parametrize("where", ["place/b1/f7", "place/b1", "place/", "b5/north-gate"])
def test_a_floor_a_building_the_grounds_and_a_door_are_places_to_call_from(house, guard, where):
    page = guard.get("/desk", params={"equipment": where})
    assert 'value="trapped"' not in page.text
    assert takes_down(guard, equipment=where, concern="smoke").status_code == 303
    (task,) = house.services.queries.board("example", None).tasks
    assert (task.hazard, task.equipment.id) == ("fire.smoke", where)


def test_every_place_the_desk_offers_can_be_reported_from(guard):
    for building in ("b1", "b3", "b5", ""):
        page = guard.get("/desk", params={"building": f"binhai/example/{building}".rstrip("/")}).text
        offered = re.findall(r'href="(/desk\?estate=example&amp;equipment=[^"]+)"', page)
        assert offered
        for address in offered:
            assert guard.get(address.replace("&amp;", "&")).status_code == 200, address


def test_who_does_not_see_what_becomes_of_it_is_told_that_it_was_taken_down(house, visitor):
    visitor.cookies.set("tocsin_session", house.session_of("technician"))
    sent = takes_down(visitor, equipment="b5/north-gate", concern="door-open")
    assert sent.headers["location"] == "/desk?estate=example&taken=true"
    assert 'role="status"' in visitor.get(sent.headers["location"]).text


def test_residents_and_what_is_not_there_are_refused(house, guard, visitor):
    assert guard.get("/desk?equipment=b9/lift-9").status_code == 404
    assert guard.get("/desk?building=binhai/example/b9").status_code == 404
    assert takes_down(guard, equipment="b5/north-gate", concern="trapped").status_code == 422
    assert takes_down(guard, equipment="b3/lift-2").status_code == 422
    assert guard.get("/desk?estate=other").status_code == 404
    visitor.cookies.set("tocsin_session", house.session_of("tenant"))
    assert visitor.get("/desk").status_code == 403
    assert takes_down(visitor, equipment="b3/lift-2", concern="trapped").status_code == 403
    assert not house.services.queries.board("example", None).tasks


def test_what_a_caller_says_stays_a_string(guard):
    sent = takes_down(guard, equipment="b3/lift-2", concern="lift-fault", words=HOSTILE, contact=HOSTILE[:200])
    page = Elements(guard.get(sent.headers["location"]).text)
    assert page.scripts
    assert (page.images, page.handlers) == (0, [])
