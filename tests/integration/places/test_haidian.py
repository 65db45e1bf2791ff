"""Haidian - the alliance: a lead asks for help, the street whistles for several parties at once, and both are assessed."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.places.people import roles, states

MINUTE = timedelta(minutes=1)
CALLED = ("police", "fire-rescue", "regulator")


def test_an_obstructed_exit_that_the_property_cannot_clear_alone(house, person, anybody):
    manager, street = person("manager"), person("street-officer")

    # Scooters block the exit of building 1. It is the property's; it goes there and is not heeded.
    task = house.goes_wrong("fire.exit-obstructed", "b1/exit-door")
    assert manager.on(task, "acknowledge")["responsible"]["id"] == "property"
    manager.on(task, "start", note="The owners refuse to move them.")

    # Help, asked by name and by capability: those asked may say no.
    asked = manager.on(
        task, "help", parties=["committee"], capabilities=["convening"], note="Please talk to the owners."
    )
    assert {"committee", "branch"} <= {name for name, role in roles(asked).items() if role in ("support", "observer")}
    person("secretary").on(task, "acknowledge")
    person("secretary").on(task, "arrive")
    person("secretary").on(task, "finish", note="Three owners have agreed.")

    # Not solvable alone: the lead asks the street to whistle, and the street whistles with binding effect.
    manager.on(
        task, "ask-for-whistle", ground="not_solvable_alone", parties=list(CALLED), note="Eight scooters remain."
    )
    assert manager.refused(f"/tasks/{task}/whistle", ground="not_solvable_alone", parties=list(CALLED)) == 403
    whistled = street.on(task, "whistle", ground="joint_enforcement", parties=list(CALLED))
    assert {states(whistled)[party] for party in CALLED} == {"requested"}

    # Each answers for itself and on its own clock; the regulator objects, and the street judges.
    house.time_passes(2 * MINUTE)
    for member in ("constable", "firefighter"):
        person(member).on(task, "acknowledge")
    person("inspector").on(task, "decline", basis="No lift and no market is concerned.")
    street.on(task, "judge", party="regulator", consents=True, note="Right: a fire matter.")
    house.time_passes(20 * MINUTE)
    for member in ("constable", "firefighter"):
        person(member).on(task, "arrive")
        person(member).on(task, "finish")
    seen = manager.task(task)
    assert {party: states(seen)[party] for party in CALLED} == {
        "police": "done", "fire-rescue": "done", "regulator": "declined",
    }  # fmt: skip
    assert seen["responsible"]["id"] == "property", "who is called never takes the lead away"

    # The door is free; the lead says so and another party has a look.
    house.goes_right("fire.exit-obstructed", "b1/exit-door")
    manager.on(task, "resolve", reason="fixed")
    house.time_passes(10 * MINUTE)
    assert person("grid-officer").on(task, "close")["state"] == "closed"

    # Who called and who was called are both assessed: the facts are there, and the rates count them.
    calls = {
        (call["kind"], call["called"]["id"]): call
        for call in manager.asks(f"/incidents/{seen['incident_id']}")["calls"]
    }
    assert {kind for kind, _ in calls} == {"help", "whistle"}
    assert calls["whistle", "police"]["accepted_at"]
    assert calls["whistle", "police"]["finished_at"]
    assert calls["whistle", "police"]["caller"]["id"] == "street"
    assert not calls["whistle", "regulator"]["accepted_at"]
    published = anybody.get("/api/v1/public/example/rates", params={"from": "2026-05-01", "to": "2026-05-31"}).json()
    rates = {
        (one["party_id"], rate["measure"]): (rate["numerator"], rate["denominator"])
        for one in published["parties"]
        for rate in one["rates"]
    }
    assert rates["property", "help_came"] == (1, 1), "the branch came; whether the committee does is not known yet"
    assert rates["property", "joint_as_caller"] == (1, 1)
    assert rates["street", "whistle_came"] == (2, 3), "one that is let off stays below the line"
    assert rates["street", "objections_upheld"] == (1, 3)
    assert rates["police", "joint_as_called"] == (1, 1)
    assert rates["property", "solution"] == (1, 1)


def test_a_party_that_holds_a_task_too_long_and_passes_it_on_is_seen(house, person):
    task = house.goes_wrong("lift.door-fault", "b1/lift-1")
    person("technician").on(task, "acknowledge")
    house.time_passes(40 * MINUTE)
    person("technician").on(task, "transfer", to="property", note="The frame is bent: a building matter.")
    assert person("manager").task(task)["responsible"]["id"] == "lifts", (
        "who hands over stays responsible until it is taken"
    )
    house.time_passes(20 * MINUTE)
    taken = person("manager").on(task, "acknowledge")
    assert taken["responsible"]["id"] == "property"
    held = {share["party"]["id"]: share for share in taken["custody"]}
    assert held["lifts"]["held_s"] >= 3600
    assert held["property"]["now"]
    assert taken["bounces"] == 1
