"""J Community, Binhai - the alliance: organisations declare what they can do and when, and a need finds who can meet it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

HERE = "binhai/j/grid-3/example/b1"
NIGHT = datetime(2026, 5, 12, 19, 0, tzinfo=UTC)
"""Three in the morning there."""


def test_a_need_is_matched_to_those_who_can_meet_it_here_and_now(house, person):
    tenant = person("tenant")

    # The Party organisation convenes; the care centre and the volunteers have declared that they visit people.
    parties = {party["id"]: party for party in tenant_free(person).asks("/parties")}
    assert "visiting" in parties["care"]["capabilities"]
    assert parties["branch"]["kind"] == "party_organisation"

    # On a Tuesday morning both may come; on Sunday the care centre is closed, and only the volunteers may.
    need = {"good": "time", "capability": "visiting", "text": "探望独居老人", "place": HERE}
    weekday = tenant.does("/needs", **need, hours={"days": [2], "start": "09:00", "end": "11:00"})["id"]
    sunday = tenant.does("/needs", **need, hours={"days": [7], "start": "09:00", "end": "11:00"})["id"]
    found = {
        name: {match["id"] for match in tenant.asks(f"/needs/{name}/matches") if match["by"] == "party"}
        for name in (weekday, sunday)
    }
    assert {"care", "volunteers"} <= found[weekday]
    assert "volunteers" in found[sunday]
    assert "care" not in found[sunday]


def test_a_hazard_joins_the_alliance_one_incident_seen_by_all_it_concerns(house, person):
    """Sensing is not what fails, but linkage: one lead, named supporters, each with its own clock, and the convenor called in."""
    task = house.goes_wrong("fire.smoke", "b1/detector-7a")
    controller = person("controller")
    controller.on(task, "acknowledge")
    asked = controller.on(
        task, "help", capabilities=["convening"], note="Floor 7 is being cleared; three people need help."
    )
    part = next(part for part in asked["assignments"] if part["party"]["id"] == "branch")
    assert part["clocks"]
    for member in ("secretary", "grid-officer", "guard"):
        person(member).on(task, "acknowledge")
    seen = [{part["party"]["id"]: part["state"] for part in person(who).task(task)["assignments"]} for who in
            ("controller", "secretary", "grid-officer", "officer")]  # fmt: skip
    assert all(one == seen[0] for one in seen), "every party sees the same"
    assert {seen[0][party] for party in ("branch", "grid", "property", "control-room")} == {"accepted"}

    # Volunteers never enter a fire, and are not made to lead.
    assert "volunteers" not in seen[0]
    assert controller.refused(f"/tasks/{task}/transfer", to="volunteers", note="please") == 422
    house.time_passes(timedelta(minutes=1))
    assert controller.task(task)["responsible"]["id"] == "control-room"


def test_who_is_closed_at_night_is_not_asked_then(house, person):
    """The care centre has hours: found by what it can do by day, and never at three in the morning."""
    task = house.goes_wrong("access.forced-open", "b1/exit-door")
    guard = person("guard")
    guard.on(task, "acknowledge")
    by_day = guard.on(task, "help", capabilities=["visiting"])
    called = {part["party"]["id"] for part in by_day["assignments"]} & {"care", "volunteers"}
    assert len(called) == 1
    house.clock.pass_by(NIGHT - house.clock.now())
    night = house.goes_wrong("access.forced-open", "b3/lift-2")
    guard.on(night, "acknowledge")
    asked = guard.on(night, "help", capabilities=["visiting"])
    assert {part["party"]["id"] for part in asked["assignments"]} & {"care", "volunteers"} == {"volunteers"}


def tenant_free(person):
    """Residents see their own reports, not the board: the manager looks."""
    return person("manager")
