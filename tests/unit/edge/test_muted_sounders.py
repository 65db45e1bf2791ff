"""One person on site mutes the sounder: for 15 minutes, not for what is new, and never what frees people."""

import pytest

from edge.application.mute_sounders import MuteSounders
from edge.domain.reflexes import Reflexes
from schemas.commands import LONGEST_MUTE_S
from tests.fakes.edge_bench import Bench
from tests.unit.edge.equipment import GATE, SMOKE, detector, gate
from tests.unit.edge.telling import ask
from tests.unit.edge.test_reflexes import FREE, RELEASE, SIREN, SOUND
from tests.unit.edge.test_running_node import Building

BEACON = {"id": "beacon", "purpose": "duty_beacon", "pin": 25, "fail_safe": "off"}
ALARMS = [{"equipment": SMOKE, "hazard": "fire.smoke"}, {"equipment": SMOKE, "hazard": "fire.manual-call-point"}]
ALL = SOUND | {"when": ALARMS, "outputs": ["siren", "beacon", "gate-release"], "hold_s": 0}
OUTPUTS = [SIREN, BEACON, RELEASE]


class Muted(Bench):
    """A bench on which somebody on site asks for quiet."""

    def __init__(self, *reflexes, **given):
        super().__init__(detector(), gate(), outputs=OUTPUTS, reflexes=list(reflexes) or [ALL], **given)
        self.sounders = MuteSounders(self.observer.sounders, lambda: None)

    def burns(self):
        self.rest(lock_released=True).power_on()
        self.set(SMOKE, "alarm_relay")
        self.wait(1)
        assert self.sounding == (True, True)
        return self

    @property
    def sounding(self):
        return self.level("siren"), self.level("beacon")

    @property
    def free(self):
        return self.level("gate-release") is False


def test_siren_and_beacon_keep_quiet_for_fifteen_minutes_and_sound_again_by_themselves():
    with Muted().burns() as node:
        assert node.sounders.mute({"equipment": SMOKE}) == "beacon, siren keeps quiet for 900 s"
        assert node.sounding == (False, False)
        node.wait(LONGEST_MUTE_S - 1)
        assert node.sounding == (False, False)
        node.wait(2)
        assert node.sounding == (True, True)


def test_what_releases_a_gate_is_never_muted():
    with Muted(ALL, FREE).burns() as node:
        assert node.free
        node.sounders.mute({"equipment": SMOKE})
        assert node.free
        assert ("gate-release", False) not in [(name, on) for _, name, on in node.driven]


def test_any_new_alarm_that_threatens_life_ends_it_at_once_even_one_that_drives_nothing():
    only_smoke = ALL | {"when": ALARMS[:1]}
    with Muted(only_smoke).burns() as node:
        node.sounders.mute({"equipment": SMOKE})
        node.set(SMOKE, "call_point")
        node.wait(1)
        assert node.sounding == (True, True)


def test_what_is_merely_a_nuisance_does_not_end_it():
    with Muted().burns() as node:
        node.sounders.mute({"equipment": SMOKE})
        node.set(GATE, "contact")
        node.wait(60)
        assert [hazard for hazard, _ in node.raised][-1].startswith("access.")
        assert node.sounding == (False, False)


def test_an_alarm_that_clears_meanwhile_and_comes_back_sounds():
    with Muted().burns() as node:
        node.sounders.mute({"equipment": SMOKE})
        node.set(SMOKE, "alarm_relay", False)
        node.wait(60)
        node.set(SMOKE, "alarm_relay")
        node.wait(1)
        assert node.sounding == (True, True)


def test_what_sounds_for_something_else_goes_on_and_the_receipt_says_so():
    panel = SOUND | {"id": "panel", "when": [{"equipment": GATE, "point": "fire-input"}]}
    with Muted(ALL, panel).burns() as node:
        node.set(GATE, "fire_input")
        node.wait(1)
        assert node.sounders.mute({"equipment": SMOKE}) == (
            "beacon keeps quiet for 900 s; siren goes on: something else sounds it"
        )
        assert node.sounding == (True, False)


def test_a_refused_mute_does_not_come_true_later():
    panel = SOUND | {
        "id": "panel",
        "when": [{"equipment": GATE, "point": "fire-input"}],
        "outputs": ["siren", "beacon"],
        "hold_s": 0,
    }
    with Muted(ALL, panel).burns() as node:
        node.set(GATE, "fire_input")
        node.wait(1)
        with pytest.raises(ValueError, match="goes on"):
            node.sounders.mute({"equipment": SMOKE})
        node.set(GATE, "fire_input", False)
        node.wait(5)
        assert node.sounding == (True, True)


def test_it_ends_when_it_is_taken_back():
    with Muted().burns() as node:
        node.sounders.mute({"equipment": SMOKE, "seconds": 60.0})
        node.sounders.unmute()
        assert node.sounding == (True, True)


@pytest.mark.parametrize("seconds", [0.0, 901.0, "long", True])
def test_nobody_mutes_for_longer_than_the_floor_allows(seconds):
    with Muted().burns() as node:
        with pytest.raises(ValueError, match="1 to 900"):
            node.sounders.mute({"equipment": SMOKE, "seconds": seconds})
        assert node.sounding == (True, True)


def test_a_node_on_which_nothing_sounds_says_so():
    with Muted().rest().power_on() as node:
        assert node.sounders.mute({"equipment": SMOKE}) == "nothing sounds at this node"


def test_a_node_that_starts_anew_sounds_again():
    with Muted().burns() as node:
        node.sounders.mute({"equipment": SMOKE})
        assert node.events
    with Muted(clock=node.clock, outbox=node.outbox, factory=node.factory).power_on() as again:
        assert again.sounding == (True, True)


def test_another_configuration_does_not_end_it_where_the_reflex_says_the_same():
    with Muted().burns() as node:
        node.sounders.mute({"equipment": SMOKE})
        heirs, changes = node.reflexes.succeeded_by(
            node.config.effective_reflexes(), node.config.outputs, [], node.alarms.standing, node.clock.mono()
        )
        assert isinstance(heirs, Reflexes)
        assert (heirs.states["siren"], heirs.states["gate-release"], changes) == (False, True, [])
        assert heirs.due == node.reflexes.due


async def test_the_command_is_obeyed_and_answered():
    async with Building() as here:
        here.board.move((SMOKE, "alarm_relay"))
        await here.live(2, step=0.05)
        assert here.board.outputs["siren"] is True
        receipt = await ask(here, "mute", equipment=SMOKE, incident="i1")
        assert (receipt["outcome"], receipt["detail"]) == ("done", "siren keeps quiet for 900 s")
        assert here.board.outputs["siren"] is False
        await here.live(901)
        assert here.board.outputs["siren"] is True
