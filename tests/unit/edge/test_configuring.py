"""Another configuration while the node runs: what it changes, what it leaves alone, and what it is refused for."""

import pytest

from edge.application.configure import chosen
from schemas.node_config import NodeConfig
from schemas.topics import Channel
from tests.fakes.edge_board import FakeStore
from tests.unit.edge.equipment import GATE, LIFT, SMOKE, detector, gate, lift, volts
from tests.unit.edge.telling import OWN, document, events, tell
from tests.unit.edge.test_running_node import SIREN, SOUND, Building


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
