"""Where it matters, the board, the incident and the duty room say on which floor the lift stands, and how old that is."""

from __future__ import annotations

import pytest

from cloud.domain.tasks.task import ResolutionReason
from cloud.errors import ReadingsUnavailable
from tests.integration.cloud_web.test_pages import Page

WORDS = "Lift: near Floor 5 · stands, not level · door closed 9 s ago"


@pytest.fixture
def trapped(house):
    """Somebody is trapped in lift 2 of building 3, which stands near the fifth floor."""
    house.node_connects()
    house.lift_stands("b3/lift-2", 5, ago=9, level=False)
    return house.goes_wrong("lift.entrapment", "b3/lift-2", point="alarm-button", value=True)


def pages(house, task) -> dict[str, str]:
    incident = house.services.queries.task(task, None).incident_id
    return {"board": "/", "incident": f"/incidents/{incident}", "duty room": "/duty-room"}


@pytest.mark.parametrize("where", ["board", "incident", "duty room"])
def test_an_entrapment_says_where_the_lift_stands(house, trapped, manager, where):
    page = Page(manager.get(pages(house, trapped)[where], params={"lang": "en"}).text)
    assert page.says(WORDS)
    if where != "board":
        assert page.says("The lift stands near Floor 5, not level."), "it is read out on the telephone"


@pytest.mark.parametrize("where", ["board", "incident", "duty room"])
def test_without_the_store_of_readings_what_rings_is_shown_all_the_same(house, trapped, manager, where, monkeypatch):
    def broken(*_):
        raise ReadingsUnavailable("the disk is gone")

    monkeypatch.setattr(house.readings, "latest", broken)
    answer = manager.get(pages(house, trapped)[where], params={"lang": "en"})
    assert answer.status_code == 200
    page = Page(answer.text)
    assert page.says("Person trapped in lift")
    assert not page.says("Lift: near")


def test_it_is_not_said_of_what_is_over_nor_of_what_asks_for_nobody_at_the_lift(house, trapped, manager):
    due = house.goes_wrong("lift.maintenance-overdue", "b1/lift-1")
    house.lift_stands("b1/lift-1", 1)
    assert not Page(manager.get(pages(house, due)["incident"], params={"lang": "en"}).text).says("Lift: ")
    house.services.act.acknowledge(trapped, "technician")
    house.services.act.resolve(trapped, "technician", ResolutionReason.FIXED)
    assert not Page(manager.get(pages(house, trapped)["incident"], params={"lang": "en"}).text).says("Lift: near")


def test_of_a_fire_no_lift_is_spoken(house, manager):
    house.node_connects()
    house.lift_stands("b1/lift-1", 3)
    fire = house.goes_wrong("fire.smoke", "b1/detector-7a")
    for address in pages(house, fire).values():
        assert not Page(manager.get(address, params={"lang": "en"}).text).says("Lift: ")
