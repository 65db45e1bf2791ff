"""From where a thing is seen to where it is mended, and from a button that is not there to why."""

from __future__ import annotations

import pytest

from cloud.domain.tasks.task import ResolutionReason


def incident(house, task):
    return f"/incidents/{house.services.queries.task(task, None).incident_id}"


@pytest.fixture
def seen(house, visitor):
    """`seen(member, path)`: the page as that member reads it in English."""

    def page(member, path):
        visitor.cookies.set("tocsin_session", house.session_of(member))
        return " ".join(visitor.get(path, params={"lang": "en"}).text.split())

    return page


def test_a_silent_node_leads_to_its_row_and_its_board_is_replaced_there(house, seen):
    at = incident(house, house.goes_wrong("node.silent", "node/b3-gateway"))
    for member, may in (("administrator", True), ("manager", False)):
        page = seen(member, at)
        assert "/fleet?estate=example#node-b3-gateway" in page, member
        assert ('action="/nodes/b3-gateway/claims?estate=example"' in page) is may, member
        assert ("Boards are replaced by operators and administrators" in page) is not may, member
    door = incident(house, house.goes_wrong("access.forced-open", "b5/north-gate"))
    assert "/claims" not in seen("administrator", door)


def test_equipment_that_is_not_heard_leads_to_its_node(house, seen):
    page = seen("administrator", "/equipment/b1/detector-7a")
    assert "Gateway of building 3 is not heard" in page
    assert 'action="/nodes/b3-gateway/claims?estate=example"' in page
    assert "/claims" not in seen("manager", "/equipment/b1/detector-7a")


def test_what_cannot_be_done_yet_says_why(house, seen):
    smoke = house.goes_wrong("fire.smoke", "b1/detector-7a")
    at = incident(house, smoke)
    page = seen("controller", at)
    assert "Not possible now, and why" in page
    assert "Nobody has accepted it yet: accept it first." in page
    assert "Only somebody on site may mute the sounder" in page
    house.services.act.acknowledge(smoke, "controller")
    house.services.act.resolve(smoke, "controller", ResolutionReason.FIXED)
    assert "Who did the work never verifies it alone" in seen("controller", at)
    door = house.goes_wrong("access.forced-open", "b5/north-gate")
    assert "Your party has no part in this task" in seen("controller", incident(house, door))


def test_each_step_says_what_it_does(house, seen):
    door = house.goes_wrong("access.forced-open", "b5/north-gate")
    assert "Your party takes it on: the clock to answer stops" in seen("guard", incident(house, door))
    house.services.act.acknowledge(door, "guard")
    assert "The others see that your party is at it" in seen("guard", incident(house, door))
