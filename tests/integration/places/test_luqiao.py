"""Luqiao, Taizhou - the grid: a code on every lift and door, a duty at any level of the tree, a ladder from the grid to the
street office, and consultation where a duty is disputed.
"""

from __future__ import annotations

from datetime import timedelta

from tests.integration.places.loops import Loops
from tests.integration.places.people import states

MINUTE = timedelta(minutes=1)
AT_THE_DOOR = {"estate": "example", "code": "b1/exit-door"}


def test_from_the_household_up_a_code_a_report_an_answer_and_a_verdict(house, person, anybody):
    # A resident scans the code on the door: nothing is known here yet; what may be reported, and whom to phone, stands there.
    spot = anybody.get("/api/v1/public/example/spots", params={"code": AT_THE_DOOR["code"]}).json()
    assert spot["known"] == []
    assert spot["call"]["smoke"] == "119"
    report = {**AT_THE_DOOR, "concern": "exit-obstructed", "words": "电动车堵住了疏散门", "contact": "5550100"}
    first = anybody.post("/api/v1/public/reports", json=report)
    assert first.status_code == 201, first.text

    # A neighbour finds it known, and says: this is mine too. It stays one matter.
    (known,) = anybody.get("/api/v1/public/example/spots", params={"code": AT_THE_DOOR["code"]}).json()["known"]
    too = anybody.post(
        "/api/v1/public/reports",
        json={**AT_THE_DOOR, "same_as": known["incident_id"]},
        headers={"user-agent": "a neighbour's telephone"},
    )
    assert (too.status_code, too.json()["incident_id"]) == (201, first.json()["incident_id"])

    # It is the property's; the grid worker and the committee are told. Nobody outside learns who reported.
    manager = person("manager")
    (row,) = [one for one in manager.asks("/incidents")["items"] if one["incident_id"] == known["incident_id"]] or [
        None
    ]
    task = row["id"]
    assert row["hazard"] == "fire.exit-obstructed"
    assert {"committee", "grid"} <= states(manager.task(task)).keys()
    assert "5550100" not in manager.page("/api/v1/ledger/export")
    manager.on(task, "acknowledge")
    manager.on(task, "resolve", reason="fixed", note="Cleared.")

    # The reporter follows it by a private link without an account, and says that it is not so; it is open again.
    link = f"/api/v1/public/reports/{first.json()['token']}"
    assert anybody.get(link).json()["state"] == "resolved"
    assert anybody.post(link, json={"verdict": "bad", "words": "还在那里"}).status_code == 200
    assert manager.task(task)["state"] in ("new", "acknowledged")
    assert manager.task(task)["reopened_count"] == 1


FLOOR = """
- id: floor-seven
  hazards: [fire.detector-contaminated]
  place: binhai/j/grid-3/example/b1/f7
  lead: owners_committee
  tto: 1 h
  ttr: 8 h
  needs: [sensor]
  basis: {zh: 业主约定, en: what the owners agreed}
"""


def test_a_duty_may_be_laid_on_any_place_and_wins_there_alone(house, person):
    """From the street down to one floor: the owners keep the detectors of floor 7 themselves."""
    manager = person("manager")
    before = manager.task(house.goes_wrong("fire.detector-contaminated", "b1/detector-7a"))
    assert before["responsible"]["id"] == "property"
    house.goes_right("fire.detector-contaminated", "b1/detector-7a")
    manager.on(before["id"], "acknowledge")
    manager.on(before["id"], "resolve", reason="fixed")
    house.time_passes(60 * MINUTE)
    person("guard").on(before["id"], "close")
    house.time_passes(60 * MINUTE)

    manager.writes("/duties/matrix", manager.reads("/duties/matrix") + FLOOR, replayed="none")
    there = manager.task(house.goes_wrong("fire.detector-contaminated", "b1/detector-7a"))
    assert there["responsible"]["id"] == "owners"
    why = [line["text"]["en"] for line in manager.asks(f"/incidents/{there['incident_id']}")["trace"]]
    assert any("floor-seven" in line and "what the owners agreed" in line for line in why), why
    building = "binhai/j/grid-3/example/b1"
    for place, lead in ((building, "property"), (f"{building}/f7", "owners")):
        reached = manager.asks("/duties/reached", hazard="fire.detector-contaminated", place=place)
        assert reached["calls"][0]["parties"][0]["id"] == lead


def test_what_the_grid_does_not_answer_climbs_to_the_street_office(house, person):
    task = house.goes_wrong("access.held-open", "b1/exit-door")
    for _ in range(12):
        house.time_passes(10 * MINUTE)
    seen = person("manager").task(task)
    assert "committee" in states(seen), "the ladder has called the level above"
    assert seen["responsible"]["id"], "a task without a responsible party cannot exist"
    story = person("manager").story(task)
    assert any("Street office" in line for line in story), story
    assert person("manager").asks("/ledger/lines")["items"]


def test_a_disputed_duty_becomes_a_topic_with_its_evidence(house, person):
    task = house.goes_wrong("lift.door-fault", "b1/lift-1")
    person("technician").on(task, "decline", basis="The frame belongs to the building.")
    person("manager").on(task, "decline", basis="The door belongs to the lift.")
    seen = person("street-officer").task(task)
    assert seen["arbitration"]["arbiter"]["id"] == "street"
    assert seen["bounces"] == 2
    assert (
        person("street-officer").on(task, "arbitrate", lead="property", note="art. 35")["responsible"]["id"]
        == "property"
    )

    with Loops(house) as loops:
        (topic,) = person("chair").asks("/topics")
        assert topic["origin"] == "disputed-duty"
        links = person("chair").asks(f"/topics/{topic['id']}/chain")["links"]
        assert [link["kind"] for link in links] == ["alarm", "topic"]
        loops.take("patterns")
        assert [one["id"] for one in person("chair").asks("/topics")] == [topic["id"]], "one topic for one dispute"


DOOR = {
    "text": "更换门机",
    "matter": "use-maintenance-fund",
    "cost": {"minor": 1250000, "currency": "CNY"},
    "payer": "maintenance-fund",
    "party": "lifts",
}
UNITS = [("tenant-flat", "101"), ("lodger-flat", "99"), ("volunteer-flat", "100"), ("unsold", "400")]
"""Four owners; the developer keeps more than half of the area, and has no login."""
ROLL = {
    "units": [{"unit": f"u-{owner}", "owner": owner, "area_m2": area} for owner, area in UNITS],
    "members": {"tenant-flat": "tenant", "lodger-flat": "lodger", "volunteer-flat": "volunteer"},
}


def is_balloted(house, chair, topic: str) -> str:
    chair.does(f"/topics/{topic}/deliberate")
    made = chair.does(f"/topics/{topic}/proposals", **DOOR)["id"]
    closes = (house.clock.now() + timedelta(days=7)).isoformat()
    return chair.does(f"/topics/{topic}/ballots", proposal=made, closes_at=closes)["id"]


def test_what_repeats_is_decided_by_owners_and_area_each_two_thirds_of_them(house, person):
    """Each votes for themself over the interface; the cloud's own loops open the topic and end the ballots."""
    chair, officer = person("chair"), person("officer")
    tenant, lodger, volunteer = person("tenant"), person("lodger"), person("volunteer")
    chair.puts("/electoral-roll", ROLL)
    with Loops(house) as loops:
        for hazard in ("lift.door-fault", "lift.maintenance-overdue", "lift.inspection-due"):
            assert chair.asks("/topics") == [], "three times within a month, not before"
            house.goes_wrong(hazard, "b1/lift-1")
            house.time_passes(60 * MINUTE)
            loops.take("patterns")
        (topic,) = tenant.asks("/topics")
        assert (topic["origin"], topic["state"]) == ("repeated-equipment", "open")

        # Three of four owners take part, all for it; but more than a third of the area does not.
        first = is_balloted(house, chair, topic["id"])
        for owner in (tenant, lodger, volunteer):
            assert owner.does(f"/ballots/{first}/votes", choice="for")["mine"] == "for"
        assert person("manager").refused(f"/ballots/{first}/votes", choice="for") == 403, "owners vote"
        house.time_passes(timedelta(days=7))
        loops.take("ballots")
        result = tenant.asks(f"/ballots/{first}")["result"]
        assert (result["outcome"], result["participating"]) == ("no-quorum", {"heads": 3, "area_m2": "300"})

        # Talked over again. The developer's paper comes in, by two people; one owner stays away, and both quorums hold.
        second = is_balloted(house, chair, topic["id"])
        tenant.does(f"/ballots/{second}/votes", choice="for")
        lodger.does(f"/ballots/{second}/votes", choice="against")
        paper = chair.does(f"/ballots/{second}/entries", owner="unsold", choice="for")["id"]
        assert chair.refused(f"/ballots/{second}/entries/{paper}/confirm") == 403
        officer.does(f"/ballots/{second}/entries/{paper}/confirm")
        house.time_passes(timedelta(days=7))
        loops.take("ballots")
    result = tenant.asks(f"/ballots/{second}")["result"]
    assert result["outcome"] == "carried"
    assert result["participating"] == {"heads": 3, "area_m2": "600"}
    assert result["by_choice"]["for"] == {"heads": 2, "area_m2": "501"}
    decided = tenant.asks(f"/topics/{topic['id']}")["topic"]
    task = person("technician").task(decided["resolution_task"])
    assert (decided["state"], task["responsible"]["id"]) == ("acting", "lifts")
    kinds = [link["kind"] for link in tenant.asks(f"/topics/{topic['id']}/chain")["links"]]
    assert kinds == ["alarm", "alarm", "alarm", "topic", "ballot", "ballot", "task"]
