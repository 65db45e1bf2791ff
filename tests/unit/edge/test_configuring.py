"""Another configuration while the node runs: what it changes, what it leaves alone, and what it is refused for."""

import json

import pytest

from edge.application.configure import chosen
from schemas.commands import Command
from schemas.node_config import NodeConfig
from schemas.topics import Channel
from tests.fakes.edge_board import FakeStore
from tests.fakes.edge_clock import BOOT, EPOCH, NEXT_BOOT
from tests.unit.edge.equipment import GATE, LIFT, SMOKE, detector, gate, lift, volts
from tests.unit.edge.test_running_node import SIREN, SOUND, Building

RELAY = {"kind": "state", "point": "alarm"}
OWN = {"id": "own", "equipment": SMOKE, "hazard": "fire.smoke", "when": RELAY}
ID = "0197a6b2-88c4-7a1b-9d35-e6f2074b1c8d"


def document(version=2, **changes):
    whole = {"equipment": [detector(), gate(), lift()], "outputs": [SIREN], "reflexes": [SOUND]} | changes
    return NodeConfig.model_validate(whole | {"version": version})


async def tell(here, config) -> dict:
    """Send it as the cloud does; the receipt."""
    before = len(here.broker.heard(Channel.RECEIPT))
    payload = config if isinstance(config, bytes) else config.model_dump_json(exclude_none=True).encode()
    here.broker.tell(Channel.CONFIG, payload)
    await answered(here, before + 1)
    return here.broker.heard(Channel.RECEIPT)[-1]


async def answered(here, count: int) -> None:
    """Until so many receipts were given; the disk has its own thread."""
    for _ in range(200):
        await here.threads_done()
        await here.live(0.01, step=0.01)
        if len(here.broker.heard(Channel.RECEIPT)) >= count:
            return
    pytest.fail(f"no {count} receipts: {here.broker.heard(Channel.RECEIPT)}")


async def ask(here, action, *, boot=BOOT, ident=ID, expires_in_s=10.0, expires_at=None, **arguments) -> dict:
    before = len(here.broker.heard(Channel.RECEIPT))
    command = Command(
        id=ident, boot=boot, action=action, expires_in_s=expires_in_s, expires_at=expires_at, arguments=arguments
    )
    here.broker.tell(Channel.COMMAND, command.model_dump_json().encode())
    await answered(here, before + 1)
    return here.broker.heard(Channel.RECEIPT)[-1]


def events(here, *kinds) -> list[dict]:
    batches = here.broker.heard(Channel.EVENTS)
    return [event for batch in batches for event in batch["events"] if event["kind"] in kinds]


async def test_it_is_in_force_kept_reported_and_said_at_a_new_birth():
    async with Building() as here:
        await here.live(1)
        config = document(rules=[OWN])
        receipt = await tell(here, config)
        assert (receipt["outcome"], receipt["configuration_version"]) == ("applied", 2)
        assert receipt["configuration_hash"] == config.digest()
        assert NodeConfig.model_validate_json(here.store.document) == config
        births = here.broker.heard(Channel.PRESENCE)
        assert [(one["config_version"], one["connection"]) for one in births] == [(1, 1), (2, 1)]
        assert births[-1]["config_hash"] == config.digest()
        await here.live(1)
        (configured,) = events(here, "node.configured")
        assert "version 2" in configured["detail"]


async def test_the_same_again_is_nothing_new():
    async with Building() as here:
        await tell(here, document())
        here.broker.tell(Channel.CONFIG, document().model_dump_json().encode())
        here.broker.tell(Channel.CONFIG, b"")
        await here.live(1)
        assert len(here.broker.heard(Channel.RECEIPT)) == 1
        assert len(here.broker.heard(Channel.PRESENCE)) == 2


@pytest.mark.parametrize(
    ("offered", "why"),
    [
        (document(1, rules=[OWN]), "version 1 is in force here, with other content"),
        (b'{"version": 7, "equipment": []}', "equipment"),
        (b'{"version": 7', "JSON"),
        (b'{"version": 7, "colour": "red"}', "colour"),
        (b"x" * 70_000, "at most 65536"),
    ],
)
async def test_what_does_not_hold_together_is_refused_with_its_reason_and_changes_nothing(offered, why):
    async with Building() as here:
        before = here.configure.in_force
        receipt = await tell(here, offered)
        assert receipt["outcome"] == "refused"
        assert why in receipt["detail"]
        assert here.configure.in_force is before
        assert here.store.document is None
        here.board.move((SMOKE, "alarm_relay"))
        await here.live(0.5, step=0.05)
        assert here.raised() == ["fire.smoke"]


async def test_a_lower_version_is_refused_and_says_what_would_be_taken():
    async with Building() as here:
        await tell(here, document(5))
        receipt = await tell(here, document(4, rules=[OWN]))
        assert receipt["outcome"] == "refused"
        assert "issue this content under 6 or higher" in receipt["detail"]
        assert receipt["configuration_version"] == 4


async def test_a_card_reader_needs_a_key():
    async with Building() as here:
        here.configure._reads_cards = False
        receipt = await tell(here, document())
        assert (receipt["outcome"], "card_key_file" in receipt["detail"]) == ("refused", True)


async def test_a_full_disk_refuses_before_anything_is_changed():
    async with Building() as here:
        here.store.disk_is_full = True
        receipt = await tell(here, document(rules=[OWN]))
        assert receipt["outcome"] == "failed"
        assert "version 1 goes on" in receipt["detail"]
        assert "own" not in here.alarms._watched


async def test_a_busy_pin_leaves_everything_as_it_was():
    beacon = {"id": "beacon", "purpose": "beacon", "pin": 25, "fail_safe": "off"}
    async with Building() as here:
        here.board.busy = {25}
        receipt = await tell(here, document(outputs=[SIREN, beacon], rules=[OWN]))
        assert receipt["outcome"] == "failed"
        assert "GPIO 25" in receipt["detail"]
        assert set(here.board.outputs) == {"siren", f"{GATE}/lock"} & set(here.board.outputs) | {"siren"}
        assert here.configure.in_force.version == 1
        here.board.move((SMOKE, "alarm_relay"))
        await here.live(0.5, step=0.05)
        assert here.board.outputs["siren"] is True
        here.board.busy = set()
        assert (await tell(here, document(3, outputs=[SIREN, beacon])))["outcome"] == "applied"
        assert here.board.outputs["beacon"] is False


async def test_a_changed_rule_clears_what_it_raised_and_raises_anew_while_others_stand():
    async with Building(rules=[OWN]) as here:
        await here.live(1)
        here.board.move((SMOKE, "alarm_relay"))
        await here.live(0.5, step=0.05)
        assert here.raised() == ["fire.smoke", "fire.smoke"]
        standing = {one.rule: one.occurrence for one in here.alarms.active}
        assert here.board.outputs["siren"] is True
        await tell(here, document(rules=[OWN | {"severity": "major"}]))
        await here.live(0.5, step=0.05)
        (cleared,) = events(here, "alarm.cleared")
        assert (cleared["occurrence"], cleared["reason"]) == (standing["own"], "rule-changed")
        after = {one.rule: one.occurrence for one in here.alarms.active}
        assert after[f"{SMOKE}/smoke-relay"] == standing[f"{SMOKE}/smoke-relay"]
        assert after["own"] != standing["own"]
        assert here.board.history == [("siren", True)], "the siren never let go"


async def test_a_removed_rule_clears_and_releases_what_only_it_held():
    async with Building(rules=[OWN], default_rules_for=[GATE]) as here:
        await here.live(1)
        here.board.move((SMOKE, "alarm_relay"))
        await here.live(0.5, step=0.05)
        other = {
            "id": "other",
            "equipment": SMOKE,
            "hazard": "fire.smoke",
            "when": {"kind": "state", "point": "tamper"},
        }
        await tell(here, document(rules=[other], default_rules_for=[GATE]))
        await here.live(0.5, step=0.05)
        assert [one["reason"] for one in events(here, "alarm.cleared")] == ["rule-removed"]
        assert here.board.outputs["siren"] is False
        assert {memory.rule for memory in await here.outbox.rules()} >= {"other"}
        assert "own" not in {memory.rule for memory in await here.outbox.rules()}


async def test_a_new_rule_sees_what_stands_already():
    async with Building() as here:
        await here.live(1)
        here.board.move((GATE, "contact"))
        await here.live(1, step=0.05)
        ajar = {
            "id": "ajar",
            "equipment": GATE,
            "hazard": "access.held-open",
            "when": {"kind": "state", "point": "open"},
        }
        await tell(here, document(rules=[ajar]))
        await here.live(0.5, step=0.05)
        assert "ajar" in {one.rule for one in here.alarms.active}


async def test_equipment_comes_and_goes_and_the_rest_is_watched_on():
    async with Building() as here:
        await here.live(2)
        asked = here.controller.asked
        await tell(here, document(equipment=[detector(), gate()]))
        await here.live(3)
        assert here.controller.is_closed
        assert here.controller.asked <= asked + 1
        assert (LIFT, "controller") not in here.board.watched
        here.board.move((SMOKE, "alarm_relay"))
        await here.live(0.5, step=0.05)
        assert here.raised() == ["fire.smoke"]
        await tell(here, document(3))
        await here.live(3)
        assert here.controller.asked > asked + 1
        assert here.values(f"{LIFT}/floor").count(3) == 2, "it is reported anew when it is watched anew"


async def test_only_what_is_wired_otherwise_is_laid_anew():
    async with Building() as here:
        await here.live(2)
        here.board.move((SMOKE, "alarm_relay"))
        await here.live(0.5, step=0.05)
        wired = gate()
        moved = wired | {"contact": wired["contact"] | {"pin": 2}}
        await tell(here, document(equipment=[detector(), moved, lift()]))
        await here.live(0.5, step=0.05)
        assert here.board.given_back == [(GATE, "contact")]
        assert "siren" not in here.board.given_back
        assert here.raised() == ["fire.smoke"]
        assert not events(here, "alarm.cleared")
        here.board.move((GATE, "contact"))
        await here.live(2, step=0.05)
        assert here.values(f"{GATE}/open")[-1] is True


async def test_what_a_detector_learned_outlives_a_change_of_its_wiring():
    async with Building() as here:
        here.converter.dial[0, 3] = volts(200, "co")
        await here.live(302, step=1.0)
        dose = here.values(f"{SMOKE}/co-dose")[-1]
        await tell(here, document(equipment=[detector(tamper={"pin": 2}), gate(), lift()]))
        await here.live(2)
        assert here.values(f"{SMOKE}/co-dose")[-1] >= dose > 0.5


async def test_sampling_alone_disturbs_nothing():
    async with Building() as here:
        await here.live(2)
        slow = lift() | {"sampling": {"period_s": 10.0}}
        await tell(here, document(equipment=[detector(), gate(), slow]))
        await here.live(1)
        asked = here.controller.asked
        await here.live(20)
        assert here.controller.asked - asked == 2
        assert not here.controller.is_closed


async def test_a_gate_freed_by_fire_stays_free_through_a_change_of_everything_else():
    release = {"id": "release", "purpose": "gate_release", "pin": 26, "fail_safe": "on"}
    free = {"id": "free", "when": [{"equipment": SMOKE, "hazard": "fire.smoke"}], "outputs": ["release"]}
    async with Building(outputs=[SIREN, release], reflexes=[SOUND, free]) as here:
        here.board.move((SMOKE, "alarm_relay"))
        await here.live(0.5, step=0.05)
        assert here.board.outputs["release"] is True
        more = free | {"hold_s": 30}
        await tell(here, document(outputs=[SIREN, release], reflexes=[SOUND, more], rules=[OWN]))
        await here.live(0.5, step=0.05)
        assert here.board.outputs["release"] is True
        assert ("release", False) not in here.board.history
        here.board.move((SMOKE, "alarm_relay"), False)
        await here.live(15, step=0.5)
        assert here.board.outputs["release"] is True
        await here.live(40)
        assert here.board.outputs["release"] is False


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


async def test_what_ended_the_agent_once_does_not_end_it_again():
    async with Building() as here:
        await tell(here, document(3))
        assert here.store.interrupted() is None

        def breaks(_config):
            raise RuntimeError("a defect")

        here.configure._apply = breaks
        here.broker.tell(Channel.CONFIG, document(4, rules=[OWN]).model_dump_json(exclude_none=True).encode())
        for _ in range(200):
            await here.threads_done()
            if here.running.done():
                break
        with pytest.raises(ExceptionGroup):
            await here.running
        left = here.store.interrupted()
    async with Building() as there:
        there.configure._interrupted = left
        receipt = await tell(there, document(4, rules=[OWN]))
        assert (receipt["outcome"], "is not ended by it again" in receipt["detail"]) == ("failed", True)
        assert (await tell(there, document(5, rules=[OWN])))["outcome"] == "applied"


def test_a_start_uses_the_higher_version_and_says_what_it_cannot_use():
    installed, kept = document(2), document(5, rules=[OWN])
    text = kept.model_dump_json(exclude_none=True).encode()
    assert chosen(installed, FakeStore(), reads_cards=True) == (installed, None)
    assert chosen(installed, FakeStore(text), reads_cards=True) == (kept, None)
    assert chosen(document(6), FakeStore(text), reads_cards=True) == (document(6), None)
    config, said = chosen(installed, FakeStore(text[:-40]), reads_cards=True)
    assert (config, "cannot be read" in said) == (installed, True)
    config, said = chosen(installed, FakeStore(text), reads_cards=False)
    assert (config, "card key" in said) == (installed, True)
