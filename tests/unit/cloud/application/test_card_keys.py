"""Every node comes to the estate's card key and the key never grows old, whatever is lost in between, and nobody is needed."""

from __future__ import annotations

import base64
import os
import stat
from datetime import timedelta

import pytest

from cloud.adapters.card_key_vault import VAULT_FILE, open_vault
from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.fleet.command_node import CommandNode
from cloud.application.fleet.node_questions import NodeQuestions
from cloud.application.forget_settled import ForgetSettled
from cloud.domain.fleet.card_key import Rotation
from cloud.domain.records.narrative import sentence
from cloud.errors import Conflict, Invalid, NotFound
from edge.domain.credentials import CardKeys
from tests.fakes.card_nodes import KeyRoom
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

OLD = "node.card-key-old"


@pytest.fixture
def engine(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield engine
    engine.dispose()


@pytest.fixture
def room(engine, tmp_path):
    return KeyRoom(Scene(SqlUnitsOfWork(engine)), tmp_path)


def kinds(room):
    return [entry.kind for entry in room.scene.ledger()]


def hazards(room):
    return [(task.hazard, task.firing) for task in room.scene.board() if task.hazard == OLD]


def test_the_first_key_is_made_and_every_node_comes_to_it_and_keeps_its_own_as_the_one_before(room):
    one, two = room.node("b1-node"), room.node("b2-node")
    own = (one.keys.current, two.keys.current)
    room.pass_on()
    assert one.keys == CardKeys(one.keys.current, own[0])
    assert two.keys == CardKeys(one.keys.current, own[1])
    assert one.keys.name == room.current()
    assert kinds(room).count("card-key.made") == 1
    assert kinds(room).count("card-key.in-use") == 2
    room.pass_on()
    assert (one.received, two.received) == (1, 1)
    assert hazards(room) == []


def test_a_node_that_comes_later_gets_the_key_there_is(room):
    room.node("b1-node")
    room.pass_on()
    two = room.node("b2-node")
    room.pass_on()
    assert two.keys.name == room.current()
    assert room.versions() == [1]


def test_no_key_is_made_where_nobody_can_be_given_one(room):
    room.node(enrolled=False)
    room.pass_on()
    assert room.versions() == []
    with pytest.raises(NotFound):
        room.keying.rotate("elsewhere", "operator:x")


def test_an_old_key_of_nodes_that_cannot_be_given_another_is_one_task_for_the_estate(room):
    for name in ("b1-node", "b2-node"):
        os.utime(room.node(name, enrolled=False).path, (room.scene.clock.now().timestamp() - 200 * 86400,) * 2)
    room.pass_on()
    room.pass_on()
    assert hazards(room) == [(OLD, 1)]
    assert room.scene.only_task().equipment.id == "node/card-key"
    for node in room.nodes:
        node.enrol()
    room.pass_on()
    assert hazards(room) == [(OLD, 0)]


def test_the_key_is_rotated_by_itself_when_it_is_due(room):
    one, two = room.node("b1-node"), room.node("b2-node")
    room.pass_on()
    first = one.keys.current
    room.pass_on(days=179)
    assert room.versions() == [1]
    two.is_there = False
    room.pass_on(days=1)
    assert room.versions() == [2, 1]
    assert one.keys.previous == first
    room.pass_on(days=3)
    assert two.keys.current == first, "it was away"
    two.is_there = True
    room.pass_on()
    assert two.keys == one.keys
    assert hazards(room) == []


def test_with_rotation_off_a_task_reminds_and_ends_by_itself_once_somebody_rotates(engine, tmp_path):
    room = KeyRoom(Scene(SqlUnitsOfWork(engine)), tmp_path, Rotation(timedelta(days=30), automatic=False))
    node = room.node()
    room.pass_on()
    assert room.versions() == []
    key = room.keying.rotate(ESTATE, "operator:x")
    room.pass_on()
    assert node.keys.name == key.id
    room.pass_on(days=31)
    room.pass_on()
    assert hazards(room) == [(OLD, 1)]
    room.keying.rotate(ESTATE, "operator:x")
    room.pass_on()
    assert hazards(room) == [(OLD, 0)]
    assert room.versions() == [2, 1]


def test_an_order_that_is_lost_is_given_again(room):
    node = room.node()
    room.is_down = True
    room.pass_on()
    assert node.received == 0
    room.is_down = False
    room.pass_on(minutes=5)
    assert node.received == 0, "it may still come"
    room.pass_on(minutes=6)
    assert node.keys.name == room.current()


def test_a_receipt_that_is_lost_costs_nothing(room):
    node = room.node()
    node.answers = False
    room.pass_on()
    assert node.keys.name == room.current()
    room.pass_on(minutes=30)
    assert node.received == 1


def test_a_node_that_starts_anew_is_asked_at_once_in_its_new_boot(room):
    node = room.node()
    room.is_down = True
    room.pass_on()
    room.is_down = False
    node.starts_anew()
    room.pass_on()
    assert node.keys.name == room.current()


def test_what_was_sealed_for_the_certificate_before_is_sealed_anew_for_the_one_after(room):
    node = room.node()
    node.speaks()
    room.keying.keep()
    room.keying.keep()
    node.enrol()
    room.pass_on()
    with room.scene.units.reading() as uow:
        orders = sorted(uow.orders.of(ESTATE, "b1-node"), key=lambda order: order.at)
    assert len({order.arguments["sealed_for"] for order in orders}) == 2
    assert "another key than this node's certificate has now" in orders[0].detail
    room.pass_on()
    assert node.keys.name == room.current()
    assert node.received == 2


def test_a_node_that_used_the_key_before_gets_a_new_one_a_day_later_by_itself(room):
    node, other = room.node("b1-node"), room.node("b2-node")
    room.pass_on()
    node.rotates_by_hand()
    room.pass_on()
    assert room.versions() == [1]
    room.pass_on(days=1)
    room.pass_on()
    assert room.versions() == [2, 1]
    assert node.keys.name == other.keys.name == room.current()


def test_a_card_whose_storage_was_put_back_gets_the_key_again(room):
    node = room.node()
    before = node.path.read_bytes()
    room.pass_on()
    node.path.write_bytes(before)
    room.pass_on(minutes=6)
    room.pass_on(minutes=6)
    assert node.keys.name == room.current()


class TestDoors:
    """No rotation shuts anybody out; where one would, a person is told."""

    def test_lists_made_with_the_nodes_own_key_live_through_the_first_key_and_hold_up_the_second(self, room):
        node = room.node()
        node.listed = [f"{node.keys.name}:{'0' * 32}", "1" * 32]
        node.configured()
        room.pass_on()
        assert node.keys.name == room.current()
        room.pass_on(days=200)
        room.pass_on()
        assert room.versions() == [1]
        assert hazards(room) == [(OLD, 1)]
        with pytest.raises(Conflict, match="b1-node"):
            room.keying.rotate(ESTATE, "operator:x")
        node.listed = [f"{node.keys.name}:{'0' * 32}"]
        node.configured()
        room.pass_on()
        assert room.versions() == [2, 1]
        assert node.keys.name == room.current()
        assert hazards(room) == [(OLD, 0)]

    def test_after_a_leak_a_new_key_can_be_forced(self, room):
        node = room.node()
        node.listed = [f"{node.keys.name}:{'0' * 32}"]
        node.configured()
        room.pass_on()
        key = room.keying.rotate(ESTATE, "operator:x", force=True)
        room.pass_on(minutes=20)
        room.pass_on()
        assert node.keys.name == key.id


class TestTheVault:
    def test_its_file_is_its_own_and_closed_to_others(self, room):
        room.node()
        room.pass_on()
        path = room.folder / "authority" / VAULT_FILE
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert [one.name for one in path.parent.iterdir() if VAULT_FILE in one.name] == [VAULT_FILE]
        path.chmod(0o640)
        with pytest.raises(Invalid, match="can be read by others"):
            open_vault(path.parent)
        path.chmod(0o600)
        path.write_text("damaged")
        with pytest.raises(Invalid, match="is damaged"):
            open_vault(path.parent)

    def test_a_file_that_is_lost_means_a_new_key_and_nobody_is_needed(self, room):
        room.node("b1-node")
        room.pass_on()
        (room.folder / "authority" / VAULT_FILE).unlink()
        two = room.node("b2-node")
        room.pass_on()
        room.pass_on()
        assert room.versions() == [2, 1]
        assert {node.keys.name for node in room.nodes} == {room.current()}
        assert two.keys.previous is not None

    def test_what_is_stored_opens_for_no_other_estate_and_no_other_version(self, room):
        room.node()
        room.pass_on()
        from dataclasses import replace

        with room.scene.units.reading() as uow:
            key = uow.card_keys.current(ESTATE)
        vault = room.vault()
        assert vault.opens(key)
        for other in (
            replace(key, estate="other"),
            replace(key, version=2),
            replace(key, kept="AAAA"),
            replace(key, kept=""),
        ):
            assert not vault.opens(other)


def test_the_key_is_nowhere_but_in_the_vault_and_at_the_nodes(room, engine, caplog, capfd):
    caplog.set_level("DEBUG")
    node = room.node()
    room.pass_on()
    room.keying.rotate(ESTATE, "operator:x")
    room.pass_on(minutes=20)
    keys = [node.keys.current, node.keys.previous]
    shown = str(room.keying.ask(ESTATE, None)) + str(
        NodeQuestions(room.scene.units, room.scene.clock).orders(ESTATE, "b1-node", None)
    )
    assert "sealed=" not in shown
    assert "'sealed'" not in shown
    told = [sentence(entry, room.scene.queries.register(ESTATE, None)) for entry in room.scene.ledger()]
    engine.dispose()
    state = b"".join(path.read_bytes() for path in room.folder.glob("state.db*"))
    spoken = b"".join(topic.encode() + payload for topic, payload, _ in room.said)
    logged = caplog.text + "".join(str(vars(record)) for record in caplog.records) + "".join(capfd.readouterr())
    everywhere = state + spoken + (shown + logged + str(room.scene.ledger()) + str(told)).encode()
    for key in keys:
        for form in (
            key,
            bytes.fromhex(key.decode()),
            base64.b64encode(key),
            base64.b64encode(bytes.fromhex(key.decode())),
        ):
            assert form not in everywhere
    assert node.keys.name.encode() in everywhere, "its name may be said, and is"
    assert not any(retained for topic, _, retained in room.said if topic.endswith("/command"))
    assert any("卡号密钥" in one.zh and "card key" in one.en for one in told)


def test_nobody_sends_a_node_a_card_key_of_their_own(room):
    room.node().speaks()
    with pytest.raises(Invalid, match="made and sealed here"):
        CommandNode(room.scene.units, room.scene.clock)(ESTATE, "b1-node", "accept-card-key", {"sealed": "x"}, None)


def test_old_commands_are_forgotten_with_their_receipts_and_the_ledger_stays(room):
    node = room.node()
    room.pass_on()
    before = len(room.scene.ledger())
    forget = ForgetSettled(room.scene.units, room.scene.clock, timedelta(days=30), lambda uow: uow.orders)
    assert forget() == 0
    room.scene.clock.advance(days=31)
    assert ForgetSettled(room.scene.units, room.scene.clock, None, lambda uow: uow.orders)() == 0
    assert forget() == 1
    with room.scene.units.reading() as uow:
        assert uow.orders.of(ESTATE, "b1-node") == []
    assert len(room.scene.ledger()) == before
    room.pass_on()
    assert node.received == 1, "what a node has it is not sent again"
