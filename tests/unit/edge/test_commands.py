"""What a node is asked to do while it runs: obeyed once, for this boot, and answered."""

import json

import pytest

from schemas.node_config import NodeConfig
from tests.fakes.edge_clock import BOOT, EPOCH, NEXT_BOOT
from tests.unit.edge.equipment import LIFT, SMOKE
from tests.unit.edge.telling import OWN, ask, document, events
from tests.unit.edge.test_running_node import SIREN, SOUND, Building


async def test_a_command_for_this_boot_is_obeyed_once_and_answered_again():
    async with Building() as here:
        first = await ask(here, "test-alarm", equipment=SMOKE, hazard="fire.smoke", seconds=30.0)
        assert first["outcome"] == "done"
        again = await ask(here, "test-alarm", equipment=SMOKE, hazard="fire.smoke", seconds=30.0)
        assert again == first
        await here.live(1)
        raised = events(here, "alarm.raised")
        assert [one["mode"] for one in raised] == ["exercise"]


async def test_an_exercise_moves_no_output_stands_in_birth_and_ends_by_itself():
    async with Building() as here:
        await ask(here, "test-alarm", equipment=SMOKE, hazard="fire.smoke", seconds=30.0)
        await here.live(1)
        assert here.board.history == []
        assert [one.mode for one in here.alarms.active] == ["exercise"]
        here.board.move((SMOKE, "alarm_relay"))
        await here.live(0.5, step=0.05)
        assert here.board.outputs["siren"] is True, "any other signal is real"
        await here.live(31)
        (cleared,) = events(here, "alarm.cleared")
        assert (cleared["mode"], cleared["hazard"]) == ("exercise", "fire.smoke")
        assert [one.mode for one in here.alarms.active] == ["real"]
        assert here.board.outputs["siren"] is True
        assert not [memory for memory in await here.outbox.rules() if memory.rule.startswith("exercise:")]


async def test_a_restart_ends_an_exercise():
    async with Building() as here:
        await ask(here, "test-alarm", equipment=SMOKE, hazard="fire.smoke")
        await here.live(1)
        kept = await here.outbox.rules()
    async with Building() as there:
        ended = there.alarms.restore(kept, there.clock.mono(), None)
        assert [(one.mode, one.reason) for one in ended] == [("exercise", "rule-removed")]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"boot": NEXT_BOOT}, "another boot"),
        ({"expires_at": EPOCH - 1}, "expired"),
        ({"seconds": 9999.0}, "1 to 300"),
    ],
)
async def test_what_is_not_for_now_is_refused(asked, why):
    async with Building() as here:
        receipt = await ask(here, "identify", **asked)
        assert (receipt["outcome"], why in receipt["detail"]) == ("refused", True), receipt


async def test_an_untrusted_wall_clock_expires_nothing():
    async with Building() as here:
        here.clock.in_step = False
        here.clock.jump(500.0)
        await here.live(11)
        receipt = await ask(here, "identify", expires_at=EPOCH - 1)
        assert receipt["outcome"] == "done"


async def test_a_test_alarm_of_what_is_not_here_is_refused():
    async with Building() as here:
        receipt = await ask(here, "test-alarm", equipment=LIFT, hazard="fire.smoke")
        assert (receipt["outcome"], "its rules raise" in receipt["detail"]) == ("refused", True)
        receipt = await ask(here, "test-alarm", equipment="b9/lift", hazard="fire.smoke", ident=BOOT)
        assert (receipt["outcome"], "is not at this node" in receipt["detail"]) == ("refused", True)


async def test_identify_blinks_a_beacon_until_something_real_wants_it():
    beacon = {"id": "beacon", "purpose": "beacon", "pin": 25, "fail_safe": "off"}
    flash = {"id": "flash", "when": [{"equipment": SMOKE, "hazard": "fire.smoke"}], "outputs": ["beacon"]}
    async with Building(outputs=[SIREN, beacon], reflexes=[SOUND, flash]) as here:
        receipt = await ask(here, "identify", seconds=3.0)
        assert "beacon blinks for 3 s" in receipt["detail"]
        await here.live(4, step=0.25)
        assert [on for name, on in here.board.history if name == "beacon"] == [True, False] * 3 + [False]
        await ask(here, "identify", ident=BOOT, seconds=60.0)
        here.board.move((SMOKE, "alarm_relay"))
        await here.live(2, step=0.05)
        here.board.history.clear()
        await here.live(5)
        assert here.board.outputs["beacon"] is True
        assert here.board.history == []


async def test_without_a_beacon_identify_says_so():
    async with Building() as here:
        receipt = await ask(here, "identify")
        assert (receipt["outcome"], "no beacon" in receipt["detail"]) == ("done", True)


async def test_reload_takes_a_grown_file_and_leaves_an_older_one():
    async with Building() as here:
        here.file = document(3, rules=[OWN])
        assert (await ask(here, "reload"))["outcome"] == "done"
        assert here.configure.in_force.version == 3
        here.file = document(2)
        receipt = await ask(here, "reload", ident=BOOT)
        assert (receipt["outcome"], "older" in receipt["detail"]) == ("done", True)
        assert here.configure.in_force.version == 3


async def test_the_document_is_reported_as_it_stands():
    async with Building() as here:
        receipt = await ask(here, "report-configuration")
        assert NodeConfig.model_validate(receipt["configuration"]).digest() == here.configure.digest
        assert len(json.dumps(receipt)) < 60_000


async def test_without_a_credential_store_rotation_fails_with_a_reason():
    async with Building() as here:
        receipt = await ask(here, "rotate-credentials")
        assert (receipt["outcome"], "enrol" in receipt["detail"]) == ("failed", True)


async def test_what_cannot_be_kept_is_not_begun():
    async with Building() as here:
        here.outbox.disk_is_full = True
        receipt = await ask(here, "test-alarm", equipment=SMOKE, hazard="fire.smoke")
        assert receipt["outcome"] == "failed"
        assert here.alarms.active == []
