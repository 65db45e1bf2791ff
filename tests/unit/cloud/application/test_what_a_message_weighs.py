"""Quiet hours are ignored by life safety, and by nothing else (people.md, Reaching people)."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, PartyKind, PartyRef
from cloud.domain.duties.channels import Answering, Channels
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Importance, Step
from cloud.domain.duties.matrix_warnings import matrix_warnings
from cloud.domain.duties.reached import who_is_reached
from tests.fakes.channels import FakeChannel, reach, sender, sends_all
from tests.fakes.estate import ESTATE, HOME, description
from tests.fakes.scene import Scene

AT_NIGHT = {"quiet_from": time(22), "quiet_until": time(7)}


@pytest.fixture
def channels():
    return {"sms": FakeChannel(), "voice": FakeChannel(rings=True)}


def weights(scene, reason):
    with scene.units.reading() as uow:
        found = uow.outbox.unsent(scene.clock.now(), 1000)
    return {note.importance.value for note in found if note.reason.value == reason}


def test_an_observer_hears_of_life_safety_at_night_at_once_and_is_not_rung(scene, channels):
    reach(scene.units, "clerk", "voice:clerk", "sms:clerk", digest=True, **AT_NIGHT)
    scene.clock.advance(hours=12)  # 23:00 in Shanghai
    scene.rings("fire.smoke", "b1/smoke-1")
    sends_all(sender(scene, channels))
    assert (channels["sms"].addresses, channels["voice"].addresses) == (["clerk"], [])


def test_an_observer_who_has_nothing_but_a_telephone_is_rung_when_their_night_is_over(scene, channels):
    reach(scene.units, "clerk", "voice:clerk", **AT_NIGHT)
    scene.clock.advance(hours=12)
    scene.rings("fire.smoke", "b1/smoke-1")
    sends_all(sender(scene, channels))
    assert channels["voice"].addresses == []
    scene.clock.advance(hours=8)
    sends_all(sender(scene, channels))
    assert channels["voice"].addresses == ["clerk"]


def test_an_observer_of_a_drill_is_told_in_the_morning(scene):
    scene.rings("fire.smoke", "b1/smoke-1", mode="exercise")
    assert weights(scene, "told") == {"normal"}


def test_a_call_sheet_about_paperwork_wakes_nobody_and_one_about_a_life_everybody():
    regulator = Party("regulator", PartyKind.MARKET_REGULATOR, Names("市监", "regulator"), (HOME,), "12315")
    scene = Scene(estate=replace(description(), parties=(*description().parties, regulator)))
    scene.rings("lift.maintenance-overdue", "b1/lift-1")
    scene.acknowledge("technician")
    scene.act.start(scene.only_task().id, "technician")
    scene.passes(days=15, hours=1)
    assert weights(scene, "call_sheet") == {"high"}
    scene.rings("lift.entrapment", "b1/lift-2")
    scene.passes(minutes=4)
    assert weights(scene, "call_sheet") == {"high", "emergency"}


def doors_climb(importance, hazards="access.*"):
    """A row for doors, whose ladder calls the committee so gravely after ten minutes."""
    step = Step(timedelta(minutes=10), Condition.IF_NOT_ACKNOWLEDGED, (PartyRef("id", "committee"),), importance)
    row = Duty(
        id="doors", hazards=(hazards,), leads=(PartyRef("kind", "property_manager"),), tto=timedelta(minutes=10),
        ttr=timedelta(hours=1), basis=Names("约定", "agreed"), ladder=EscalationPolicy((step,)),
    )  # fmt: skip
    return replace(description(), duties=(row,))


@pytest.mark.parametrize(
    ("written", "sent"),
    [(Importance.NORMAL, "normal"), (Importance.HIGH, "high"), (Importance.EMERGENCY, "high")],
)
def test_a_step_is_said_as_gravely_as_the_matrix_has_it_and_only_life_safety_is_an_emergency(written, sent):
    scene = Scene(estate=doors_climb(written))
    scene.rings("access.forced-open", "b1/door")
    scene.passes(minutes=10)
    assert weights(scene, "escalated") == {sent}


def test_a_normal_step_waits_for_the_morning_and_who_is_reached_tonight_says_so(channels):
    scene = Scene(estate=doors_climb(Importance.NORMAL))
    reach(scene.units, "clerk", "sms:clerk", **AT_NIGHT)
    scene.clock.advance(hours=12)
    with scene.units.reading() as uow:
        register, contacts = uow.registers.find(ESTATE), uow.contacts.of("clerk")
    known = Channels.of_ways({"clerk": tuple(contacts)}, frozenset({"voice"}))
    step = who_is_reached(register, known, "access.forced-open", f"{HOME}/b1", scene.clock.now()).calls[1]
    assert (step.importance, step.parties[0].answering) == (Importance.NORMAL, Answering.LATER)
    scene.rings("access.forced-open", "b1/door")
    scene.passes(minutes=10)
    sends_all(sender(scene, channels))
    assert channels["sms"].addresses == []


def test_where_life_is_at_stake_a_step_is_an_emergency_whatever_the_matrix_has():
    scene = Scene(estate=doors_climb(Importance.NORMAL, hazards="lift.*"))
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.passes(minutes=10)
    assert weights(scene, "escalated") == {"emergency"}


def test_who_writes_emergency_where_no_life_is_at_stake_is_told_what_becomes_of_it():
    (told,) = matrix_warnings(doors_climb(Importance.EMERGENCY, hazards="access.forced-open").duties)
    assert "access.forced-open it is sent as high" in told
