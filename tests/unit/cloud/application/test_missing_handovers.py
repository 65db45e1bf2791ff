"""A change of shift that nobody signed is missing from when there was a roster, and not before."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from cloud.application.estates.load_estate import LoadEstate
from cloud.application.rosters.hand_over import HandOver
from cloud.application.rosters.keep_rosters import KeepRosters
from cloud.domain.community.names import Names
from cloud.domain.community.roster import Roster, Shift
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, description
from tests.fakes.scene import Scene

SHIFTS = (Shift(("technician",), time(8), time(20)), Shift(("foreman",), time(20), time(8)))


def roster(*, laid: bool) -> Roster:
    return Roster("lift", ESTATE, "lift-firm", Names("维保值班", "Lift duty"), (), SHIFTS, laid=laid)


def missing(scene):
    found = HandOver(scene.units, scene.clock, scene.ids).listed(ESTATE, scene.identity("foreman"), party="lift-firm")
    return [one.at for one in found.missing]


def test_nobody_is_accused_of_a_shift_before_the_estate_was_there():
    scene = Scene(load=False)
    LoadEstate(scene.units, scene.clock)(replace(description(), rosters=(roster(laid=True),)))
    assert missing(scene) == []
    scene.clock.advance(hours=13)
    assert [at > START for at in missing(scene)] == [True], "the first change since"
    scene.clock.advance(hours=24)
    assert len(missing(scene)) == 3


def test_nobody_is_accused_of_a_shift_before_there_was_a_roster():
    scene = Scene()
    scene.clock.advance(hours=72)
    made = scene.clock.now()
    KeepRosters(scene.units, scene.clock, scene.ids, None).put(roster(laid=False), scene.identity("foreman"), new=True)
    assert missing(scene) == []
    scene.clock.advance(hours=13)
    assert [at > made for at in missing(scene)] == [True]
