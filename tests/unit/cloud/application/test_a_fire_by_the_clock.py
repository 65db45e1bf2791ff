"""Smoke at three in the morning, by the default matrix: who has how long to answer, and when somebody has to decide."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.adapters.estate_file import default_duties


def states(scene):
    return {one.party.id: one.state.value for one in scene.only_task().assignments if one.role != "observer"}


def test_only_who_watches_the_panel_has_ten_seconds(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.passes(seconds=10)
    assert states(scene) == {
        "fire-room": "expired", "micro-station": "requested", "property": "requested", "grid": "requested",
    }  # fmt: skip
    assert ("property", "asked_to_lead") in scene.told(), "the next in line is asked at once all the same"
    scene.passes(seconds=49)
    assert states(scene)["micro-station"] == "requested"
    scene.passes(seconds=1)
    assert (states(scene)["micro-station"], states(scene)["grid"]) == ("expired", "requested")


def test_who_is_asked_in_anothers_stead_has_a_minute_and_then_somebody_decides(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    for seconds in (10, 10, 49):
        scene.passes(seconds=seconds)
    assert "arbiter_asked" not in {why for _, why in scene.told()}, "twenty seconds are no refusal by two"
    scene.passes(seconds=1)
    assert ("street", "arbiter_asked") in scene.told()


def test_the_property_that_answers_within_its_minute_has_refused_nothing(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.passes(seconds=10)
    scene.passes(seconds=40)
    assert scene.acknowledge("guard").state == "acknowledged"
    scene.passes(minutes=1)
    assert scene.only_task().responsible.id == "property"
    assert "arbiter_asked" not in {why for _, why in scene.told()}


def test_who_had_joined_and_is_asked_to_lead_as_well_has_a_minute_too(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.act.acknowledge(scene.only_task().id, "guard")
    for seconds in (10, 59):
        scene.passes(seconds=seconds)
    assert "arbiter_asked" not in {why for _, why in scene.told()}


@pytest.mark.parametrize("hazard", ["lift.unintended-movement", "lift.overspeed"])
def test_a_lift_that_is_a_danger_is_taken_out_of_service_at_once(scene, hazard):
    """So says the matrix of governance.md: after a minute without an answer everybody who could is called."""
    scene.rings(hazard, "b1/lift-1")
    scene.passes(minutes=1)
    told = set(scene.told())
    assert {("lift-firm", "escalated"), ("committee", "escalated"), ("property", "call_sheet")} <= told
    scene.act.acknowledge(scene.only_task().id, "technician")
    assert scene.only_task().responsible.id == "lift-firm"


@pytest.mark.parametrize("region", ["CN", "GB"])
def test_the_matrices_say_at_once(region):
    rows = {row.id: row for row in default_duties(region)}
    assert {rows[one].tto for one in ("lift-danger", "lift-overspeed")} == {timedelta(minutes=1)}
