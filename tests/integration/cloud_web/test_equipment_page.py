"""The readings behind a piece of equipment: the window, the thresholds of the rules in force, the onsets."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from cloud.errors import ReadingsUnavailable
from tests.integration.cloud_web.house_register import ESTATE
from tests.integration.cloud_web.test_pages import Page

DETECTOR = "/equipment/b1/detector-7a"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def smoky(house):
    house.node_connects()
    house.smoke_grows("b1/detector-7a", minutes_ago=2)
    return house


def chart(client, address: str, **query: str) -> str:
    html = client.get(address, params={"lang": "en", **query}).text
    return re.search(r'<svg class="chart" viewBox="0 0 1120.*?</svg>', html, re.DOTALL)[0]


def document(threshold: float) -> dict:
    rule = {
        "id": "b1/detector-7a/smoke-obscuration",
        "equipment": "b1/detector-7a",
        "hazard": "fire.smoke",
        "when": {"kind": "limit", "point": "obscuration-per-metre", "above": threshold},
    }
    detector = {"kind": "smoke_detector", "id": "b1/detector-7a", "obscuration": {"channel": 0, "at_full": 0.2}}
    return {"version": 4, "equipment": [detector], "rules": [rule]}


def test_the_thresholds_are_those_of_the_rules_in_force(smoky, manager):
    smoky.services.configure.put(ESTATE, "b3-gateway", document(0.08), None)
    drawn = chart(manager, DETECTOR)
    assert "Smoke: 8%/m" in drawn
    assert "Smoke pre-alarm: 3.33%/m" in drawn
    assert "Smoke: 5%/m" not in drawn, "a default that was replaced is not in force"
    page = Page(manager.get(DETECTOR, params={"lang": "en"}).text)
    assert page.says("8%/m Smoke")


def test_where_the_rules_are_not_known_the_alarm_says_its_own_threshold(smoky, manager):
    assert "c-threshold" not in chart(manager, DETECTOR)
    smoky.goes_wrong("fire.smoke", "b1/detector-7a", point="obscuration-per-metre", value=0.06, threshold=0.055)
    assert "Smoke: 5.5%/m" in chart(manager, DETECTOR)


def test_onsets_are_drawn_in_and_listed_with_their_incident(smoky, manager):
    smoky.goes_wrong(
        "fire.smoke", "b1/detector-7a", point="obscuration-per-metre", value=0.06, threshold=0.05, ago=MINUTE
    )
    smoky.goes_wrong("fire.detector-fault", "b1/detector-7a", ago=90 * MINUTE)
    smoky.goes_right("fire.detector-fault", "b1/detector-7a")
    hour, day = chart(manager, DETECTOR), chart(manager, DETECTOR, window="day")
    assert (hour.count("c-onset"), day.count("c-onset")) == (1, 2)
    assert re.search(r"Smoke \d\d:\d\d", hour)
    incident = smoky.services.queries.board(ESTATE, None).tasks[0].incident_id
    html = manager.get(DETECTOR, params={"lang": "en", "window": "day"}).text
    assert f"/incidents/{incident}" in Page(html).links
    assert Page(html).says("Detector fault")


@pytest.mark.parametrize(("window", "hours"), [("hour", 1), ("day", 24), ("month", 720)])
def test_the_window_reaches_as_far_back_as_it_says(smoky, manager, window, hours):
    smoky.sensor_reports("b1/detector-7a/temperature", [(timedelta(hours=hours * 0.9), 61.0), (MINUTE, 22.0)])
    drawn = chart(manager, DETECTOR, window=window, point="temperature")
    assert "Temperature (°C)" in drawn
    assert ">60<" in drawn, "the old reading stretches the scale"
    shorter = {"day": "hour", "month": "day"}.get(window)
    if shorter:
        assert ">60<" not in chart(manager, DETECTOR, window=shorter, point="temperature")


def test_a_month_is_told_in_days_of_the_estates_own_calendar(smoky, manager):
    smoky.sensor_reports("b1/detector-7a/temperature", [(timedelta(days=n), 20.0 + n % 3) for n in range(1, 29)])
    drawn = chart(manager, DETECTOR, window="month", point="temperature")
    assert re.findall(r">(\d{1,2} [A-Z][a-z]{2})<", drawn)


def test_one_point_can_be_chosen_and_what_is_none_draws_the_most_telling(smoky, manager):
    smoky.sensor_reports("b1/detector-7a/temperature", [(MINUTE, 22.0)])
    assert "Obscuration" not in chart(manager, DETECTOR, point="temperature")
    assert "Obscuration" in chart(manager, DETECTOR, point="no-such-point")
    assert "Obscuration" in chart(manager, DETECTOR)


@pytest.mark.parametrize("query", ["window=year", "window=", "point=" + "x" * 65])
def test_a_window_that_is_none_is_refused(smoky, manager, query):
    assert manager.get(f"{DETECTOR}?{query}").status_code == 422


def test_without_readings_or_their_store_the_page_says_so(house, manager, monkeypatch):
    words = "No readings to draw: it has sent none, or the store of readings does not answer."
    assert Page(manager.get(DETECTOR, params={"lang": "en"}).text).says(words)
    house.sensor_reports("b1/detector-7a/temperature", [(MINUTE, 22.0)])

    def broken(*_):
        raise ReadingsUnavailable("the disk is gone")

    monkeypatch.setattr(house.readings, "read", broken)
    assert Page(manager.get(DETECTOR, params={"lang": "en"}).text).says(words)


def test_readings_are_for_who_works_here(smoky, visitor):
    visitor.cookies.set("tocsin_session", smoky.session_of("tenant"))
    assert visitor.get(DETECTOR).status_code == 403
    visitor.cookies.set("tocsin_session", smoky.session_of("stranger"))
    assert visitor.get(DETECTOR).status_code in {403, 404}
    visitor.cookies.set("tocsin_session", smoky.session_of("manager"))
    assert visitor.get("/equipment/b1/nothing").status_code == 404


def test_nothing_of_a_home_stands_among_the_alarms(smoky, visitor):
    smoky.goes_wrong("welfare.no-activity", "b1/garage-door")
    visitor.cookies.set("tocsin_session", smoky.session_of("technician"))
    assert "No activity" not in visitor.get("/equipment/b1/garage-door", params={"lang": "en"}).text
    visitor.cookies.set("tocsin_session", smoky.session_of("manager"))
    assert "No activity" in visitor.get("/equipment/b1/garage-door", params={"lang": "en"}).text
