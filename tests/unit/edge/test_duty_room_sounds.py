"""A call sheet that is due sounds in the duty room until somebody accepts - and not for ever, should the cloud vanish."""

import pytest

from edge.application.mute_sounders import MuteSounders
from edge.application.watch_cloud import SILENT_AFTER_S, WatchCloud
from schemas.commands import LONGEST_SOUND_S
from tests.fakes.edge_bench import Bench
from tests.unit.edge.equipment import SMOKE, detector
from tests.unit.edge.telling import ask
from tests.unit.edge.test_muted_sounders import ALL, BEACON, Muted
from tests.unit.edge.test_reflexes import SIREN
from tests.unit.edge.test_running_node import Building


class DutyRoom(Bench):
    def __init__(self, **given):
        given = {"outputs": [SIREN, BEACON]} | given
        super().__init__(detector(), reflexes=[], **given)
        self.sounders = MuteSounders(self.observer.sounders, lambda: None)
        self.power_on()

    @property
    def sounds(self):
        return self.level("beacon")


def test_the_beacon_sounds_until_somebody_has_accepted():
    with DutyRoom() as node:
        said = node.sounders.sound({"incident": "i1", "seconds": 600.0})
        assert said == "beacon sounds for 600 s, or until somebody accepts"
        assert node.sounds
        assert not node.level("siren")
        node.sounders.hush({"incident": "i1"})
        assert not node.sounds


def test_should_the_cloud_vanish_the_node_ends_it_by_itself():
    with DutyRoom() as node:
        node.sounders.sound({"incident": "i1", "seconds": 120.0})
        node.wait(119)
        assert node.sounds
        node.wait(2)
        assert not node.sounds


def test_a_call_sheet_that_is_due_again_goes_on_sounding():
    with DutyRoom() as node:
        node.sounders.sound({"incident": "i1", "seconds": 120.0})
        node.wait(100)
        node.sounders.sound({"incident": "i1", "seconds": 120.0})
        node.wait(100)
        assert node.sounds


def test_one_that_was_accepted_does_not_silence_another():
    with DutyRoom() as node:
        node.sounders.sound({"incident": "i1"})
        node.sounders.sound({"incident": "i2"})
        node.sounders.hush({"incident": "i1"})
        assert node.sounds
        node.sounders.hush({"incident": "i2"})
        assert not node.sounds


def test_a_muted_alarm_does_not_silence_a_call_sheet():
    with Muted(ALL).burns() as node:
        node.sounders.sound({"incident": "i1", "seconds": 600.0})
        assert node.sounders.mute({"equipment": SMOKE}) == (
            "siren keeps quiet for 900 s; beacon goes on: something else sounds it"
        )
        assert node.sounding == (False, True)
        node.sounders.hush({"incident": "i1"})
        assert node.sounding == (False, False)


def test_a_cloud_that_is_not_heard_lights_it_as_before_and_its_end_leaves_the_call_sheet():
    with DutyRoom() as node:
        watch = WatchCloud(node.clock, lambda silent, mono: node.observer.cloud_silent(silent=silent, mono=mono))
        node.sounders.sound({"incident": "i1"})
        node.wait(SILENT_AFTER_S + 1)
        watch.look()
        node.sounders.hush({"incident": "i1"})
        assert node.sounds, "nobody is heard, so it is lit all the same"


def test_a_node_without_one_refuses_and_says_why():
    with DutyRoom(outputs=[SIREN]) as node, pytest.raises(ValueError, match="no duty_beacon"):
        node.sounders.sound({"incident": "i1"})


@pytest.mark.parametrize("seconds", [0, LONGEST_SOUND_S + 1, "long", True])
def test_how_long_it_may_sound(seconds):
    with DutyRoom() as node, pytest.raises(ValueError, match="1 to 900"):
        node.sounders.sound({"incident": "i1", "seconds": seconds})


def test_another_configuration_does_not_end_it():
    with DutyRoom() as node:
        node.sounders.sound({"incident": "i1", "seconds": 600.0})
        heirs, changes = node.reflexes.succeeded_by([], node.config.outputs, [], [], node.clock.mono())
        assert (heirs.states["beacon"], changes, heirs.due) == (True, [], node.reflexes.due)


async def test_the_command_is_obeyed_and_answered():
    async with Building() as here:
        refused = await ask(here, "sound", incident="i1")
        assert (refused["outcome"], "duty_beacon" in refused["detail"]) == ("refused", True)
        hushed = await ask(here, "hush", ident="0197a600-0000-7000-8000-00000000a002", incident="i1")
        assert hushed["outcome"] == "done"
