"""A night: somebody is trapped at three, the maintainer does not answer, and in the morning the register is printed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from cloud.application.identifiers import RandomIds
from cloud.domain.records.examination import examine
from tests.fakes.channels import sender, sends_all, silent
from tests.integration.places.people import roles, states

MINUTE = timedelta(minutes=1)
THREE_IN_THE_MORNING = datetime(2026, 5, 12, 19, 0, tzinfo=UTC)


def test_an_entrapment_at_three_is_carried_through_the_night(house, person):
    house.clock.pass_by(THREE_IN_THE_MORNING - house.clock.now())
    channels = silent()
    send = sender(SimpleNamespace(units=house.units, clock=house.clock, ids=RandomIds()), channels)

    def passes(length: timedelta) -> None:
        house.time_passes(length)
        sends_all(send)

    guard, technician, manager = person("guard"), person("technician"), person("manager")

    # The car stops between floors and the alarm button is held: the maintainer leads, the property talks to the passenger.
    task = house.goes_wrong("lift.entrapment", "b3/lift-2")
    begun = guard.task(task)
    assert (begun["state"], begun["responsible"]["id"], begun["life_safety"]) == ("new", "lifts", True)
    assert roles(begun) == {"lifts": "lead", "property": "support", "committee": "observer"}
    passes(MINUTE)
    assert (
        guard.on(task, "acknowledge", note="I am talking to her through the door: one person, calm.")["state"] == "new"
    )

    # Nobody of the maintainer answers: at three minutes the call sheet sounds, and every two minutes again.
    sheets = []
    for _ in range(4):
        passes(2 * MINUTE)
        sheets.append(sum("call sheet" in line for line in guard.story(task)))
    assert guard.task(task)["responsible"]["id"] == "lifts", "nobody else has accepted the lead"
    assert sheets[0] < sheets[1] < sheets[2] < sheets[3], f"the call sheet does not repeat: {sheets}"
    said = repr(channels["console"].delivered)
    assert all(number in said for number in ("96333", "119")), said
    clocks = {clock["kind"]: clock["state"] for clock in guard.task(task)["clocks"]}
    assert clocks["tto"] == "breached"

    # The guard phones 96333 from the sheet and records it, which silences nothing.
    assert guard.on(task, "calls", outcome="reached", number="96333", note="They alert him.")["state"] == "new"
    assert any("96333" in line and "reached" in line for line in guard.story(task)), guard.story(task)[-3:]
    passes(2 * MINUTE)
    assert sum("call sheet" in line for line in guard.story(task)) > sheets[-1]

    # The technician accepts at last, and the sheet falls silent.
    taken = technician.on(task, "acknowledge", note="On my way, twenty minutes.")
    assert (taken["state"], states(taken)["lifts"]) == ("acknowledged", "accepted")
    before = sum("call sheet" in line for line in guard.story(task))
    passes(10 * MINUTE)
    assert sum("call sheet" in line for line in guard.story(task)) == before

    # He is there within thirty minutes; the car is brought level, the door opens, she walks out.
    assert technician.on(task, "start")["state"] == "in_progress"
    assert states(technician.task(task))["lifts"] == "arrived"
    house.time_passes(12 * MINUTE)
    house.goes_right("lift.entrapment", "b3/lift-2")
    claimed = technician.on(task, "resolve", reason="fixed", note="Levelled by hand; she is well. Door lock replaced.")
    assert claimed["state"] == "resolved"

    # Who did the work never verifies it alone, and the sensor must have been quiet.
    assert technician.refused(f"/tasks/{task}/close") in (403, 409)
    assert guard.refused(f"/tasks/{task}/close") == 409
    house.time_passes(5 * MINUTE)
    assert technician.refused(f"/tasks/{task}/close") == 403
    assert guard.on(task, "close")["state"] == "closed"

    # In the morning: one story, one chain, and a register that an inspector can read.
    house.time_passes(timedelta(hours=5))
    story = manager.story(task)
    order = [next(n for n, line in enumerate(story) if words in line) for words in
             ("raised Person trapped", "Lift maintainer acknowledged", "resolved", "closed")]  # fmt: skip
    assert order == sorted(order), story
    export = house_export(manager)
    assert examine(export).finding is None
    printed = manager.page("/registers/maintenance", **{"from": "2026-05-13", "to": "2026-05-13", "lang": "zh"})
    assert all(words in printed for words in ("电梯困人", "2号梯", "96333", "03:00")), printed


def test_who_has_accepted_and_is_not_there_at_thirty_minutes_has_the_call_sheet_sound_again(house, person):
    house.clock.pass_by(THREE_IN_THE_MORNING - house.clock.now())
    guard, technician = person("guard"), person("technician")
    task = house.goes_wrong("lift.entrapment", "b3/lift-2")
    guard.on(task, "acknowledge")
    house.time_passes(2 * MINUTE)
    technician.on(task, "acknowledge", note="On my way.")

    def sheets() -> list[list[str]]:
        """Whom each call sheet names that is due because the lead is not there."""
        timeline = guard.asks(f"/incidents/{guard.task(task)['incident_id']}")["timeline"]
        return [
            line["data"]["targets"]
            for line in timeline
            if line["kind"] == "ladder.step-taken" and line["data"]["condition"] == "if_lead_not_arrived"
        ]

    house.time_passes(27 * MINUTE)
    assert sheets() == [], "accepted in time, and not yet late"
    house.time_passes(2 * MINUTE)
    assert sheets() == [["lift-96333", "fire-119"], ["street"]], guard.story(task)[-4:]
    before = len(sheets())
    house.time_passes(10 * MINUTE)
    assert len(sheets()) > before, "again while nobody of the maintainer is there"
    # What was acknowledged without a sign of work has decayed meanwhile; at the door both are said.
    technician.on(task, "acknowledge")
    technician.on(task, "start")
    before = len(sheets())
    house.time_passes(30 * MINUTE)
    assert len(sheets()) == before


def house_export(who) -> list[str]:
    return who.page("/api/v1/ledger/export").splitlines(keepends=True)
