"""Quiet hours are ignored by life safety, and by nothing else (people.md, Reaching people)."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, PartyKind
from tests.fakes.channels import FakeChannel, reach, sender, sends_all
from tests.fakes.estate import HOME, description
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
