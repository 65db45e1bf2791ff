"""A new card key comes sealed for one node and one command; it is used from the next card on, and is told to nobody."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import stat
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.adapters.authority import open_authority
from edge.adapters.card_key import KeptCardKeys, card_keys, made_at, rotate
from edge.adapters.credentials import CredentialFolder
from edge.adapters.enrolment import _csr, _key_pem
from edge.adapters.sealed_card_key import opened
from edge.application.card_keyring import CardKeyring
from edge.application.cards import Cards
from edge.application.timestamps import Timestamps
from edge.domain.access_gate import AccessGateInterpreter
from edge.domain.credentials import CardKeys, credential_of
from edge.domain.signals import AccessDecision, CardPresented
from edge.domain.wiegand import Card
from edge.errors import EdgeError
from schemas.card_keys import CardKeyOrder, card_key_id
from schemas.commands import Command
from schemas.enrolment import Enrolled
from schemas.equipment import AccessGate
from schemas.presence import Health
from schemas.topics import Channel, NodeAddress
from tests.fakes.card_key_issuer import sealed_order
from tests.fakes.edge_clock import BOOT, EPOCH, SteppedClock
from tests.unit.edge.test_delivering import Desk

NODE = NodeAddress("example", "b1-node")
OTHER = NodeAddress("example", "b2-node")
NEW, OLD = b"0123456789abcdef" * 4, b"f" * 64
CARD = Card(12, 34567)
COMMAND = "0197a600-0000-7000-8000-0000000000c1"
NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return open_authority(tmp_path_factory.mktemp("authority"), now=NOW)


class Node:
    """An enrolled node's folder, and its card key."""

    def __init__(self, folder: Path, authority) -> None:
        self.credentials, self.path = folder / "credentials", folder / "card.key"
        self.authority = authority
        self.renew()
        self.path.write_text(OLD.decode() + "\n", encoding="ascii")
        self.path.chmod(0o600)
        os.utime(self.path, (EPOCH - 86400, EPOCH - 86400))
        self.file = KeptCardKeys(self.path, NODE, self.credentials)

    def renew(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        made = self.authority.certify(_pem(_csr(key)), "node-1", "example/b1-node", NOW)
        self.certificate = made.pem
        enrolled = Enrolled(
            estate="example", node="b1-node", credential="node-1", certificate=made.pem, authority=self.authority.pem,
            broker_host="mqtt.example", broker_port=8883, issued_at=made.issued_at, expires_at=made.expires_at,
        )  # fmt: skip
        CredentialFolder(self.credentials).keep(enrolled, _key_pem(key), "https://cloud.example")

    def order(self, key: bytes = NEW, *, node: NodeAddress = NODE, command: str = COMMAND, **said) -> CardKeyOrder:
        return sealed_order(key, self.certificate, node, command, EPOCH, **said)


def _pem(csr) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return csr.public_bytes(Encoding.PEM).decode()


@pytest.fixture
def node(tmp_path, authority):
    return Node(tmp_path, authority)


def refused(node: Node, order: CardKeyOrder, why: str) -> None:
    before = node.path.read_bytes()
    with pytest.raises(EdgeError, match=why) as said:
        node.file.accept(order, COMMAND)
    assert node.path.read_bytes() == before
    told = str(said.value) + repr(said.value.__cause__)
    assert NEW.decode() not in told
    assert OLD.decode() not in told


class TestSealed:
    def test_a_key_sealed_for_this_node_is_opened_and_stands_before_the_one_in_use(self, node):
        node.file.accept(node.order(), COMMAND)
        assert card_keys(node.path) == CardKeys(NEW, OLD)
        assert stat.S_IMODE(node.path.stat().st_mode) == 0o600
        assert made_at(node.path) == pytest.approx(EPOCH)
        assert [path.name for path in node.path.parent.iterdir() if path.name.startswith("card.key")] == ["card.key"]

    def test_it_opens_for_no_other_node_no_other_command_and_no_other_certificate(self, node):
        refused(node, node.order(node=OTHER), "does not open")
        refused(node, node.order(command=BOOT), "does not open")
        late = node.order()
        node.renew()
        refused(node, late, "another key than this node's certificate has now")

    def test_what_is_said_of_it_in_the_clear_is_bound_to_it(self, node):
        order = node.order()
        refused(node, order.model_copy(update={"made_at": EPOCH + 1}), "does not open")
        refused(node, order.model_copy(update={"key_id": "0" * 8}), "does not open")
        refused(node, node.order(key_id="0" * 8), "is not the key 00000000")
        refused(node, node.order(b"short"), "is not the key")
        refused(node, node.order(b"a" * 63 + b"\n" + b"b" * 60), "is not the key")

    def test_a_node_that_was_never_enrolled_says_so(self, node):
        lone = KeptCardKeys(node.path, NODE, None)
        with pytest.raises(EdgeError, match="never enrolled"):
            lone.accept(node.order(), COMMAND)
        with pytest.raises(EdgeError, match="never enrolled"):
            opened(node.order(), NODE, COMMAND, node.path.parent / "nowhere")

    @settings(max_examples=80, deadline=None)
    @given(st.binary(max_size=300), st.data())
    def test_bytes_of_any_kind_open_nothing_and_end_nothing(self, authority, noise, data):
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            node = Node(Path(folder), authority)
            order = node.order()
            raw = base64.b64decode(order.sealed)
            at = data.draw(st.integers(0, len(raw) - 1))
            for odd in (noise or b"x", raw[:at] or b"x", raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]):
                refused(node, order.model_copy(update={"sealed": base64.b64encode(odd).decode()}), "does not open")


class Spoken:
    """A desk at which a keyring lies."""

    def __init__(self, node: Node) -> None:
        self.desk = Desk()
        self.clock = self.desk.clock
        self.cards = Cards({}, None)
        self.ring = CardKeyring(node.file, self.clock, self.desk.timestamps, self.cards.rekey)
        self.desk.obey._keyring = self.ring
        self.desk.health._keyring = self.ring

    async def told(self, order: dict, command: str = COMMAND) -> list[dict]:
        sent = Command(id=command, boot=BOOT, action="accept-card-key", expires_in_s=60.0, arguments=order)
        self.desk.broker.tell(Channel.COMMAND, sent.model_dump_json().encode())
        seen = len(self.desk.broker.heard(Channel.RECEIPT))
        for _ in range(500):
            await self.clock.settle()
            if len(self.desk.broker.heard(Channel.RECEIPT)) > seen:
                break
            await asyncio.sleep(0.01)  # The keys are written in a thread, which the fake clock does not move.
        return self.desk.broker.heard(Channel.RECEIPT)[seen:]


async def test_the_receipt_names_the_keys_and_nothing_anywhere_tells_one(node, caplog):
    caplog.set_level("DEBUG")
    here = Spoken(node)
    async with here.desk:
        (receipt,) = await here.told(node.order().model_dump())
        assert receipt["outcome"] == "done"
        assert card_key_id(NEW) in receipt["detail"]
        assert card_key_id(OLD) in receipt["detail"]
        assert here.ring.keys == CardKeys(NEW, OLD)
        assert here.cards._keys == CardKeys(NEW, OLD), "from the next card on, without a restart"
        await here.clock.advance(31.0)
        said = json.dumps([message for _, message in here.desk.broker.received]) + caplog.text
        said += "".join(str(vars(record)) for record in caplog.records) + json.dumps(here.desk.outbox._commands)
        assert NEW.decode() not in said
        assert OLD.decode() not in said
        assert base64.b64encode(NEW).decode() not in said


async def test_a_repeat_is_answered_as_it_was_and_the_same_key_again_changes_nothing(node):
    here = Spoken(node)
    async with here.desk:
        order = node.order().model_dump()
        first, second = await here.told(order), await here.told(order)
        assert first == second
        other = "0197a600-0000-7000-8000-0000000000c2"
        (again,) = await here.told(node.order(command=other).model_dump(), other)
        assert (again["outcome"], "in use already" in again["detail"]) == ("done", True)
        assert card_keys(node.path) == CardKeys(NEW, OLD), "the one before is not pushed out by a repeat"
        third = str(uuid.uuid4())
        (back,) = await here.told(node.order(OLD, command=third).model_dump(), third)
        assert (back["outcome"], "make a new one" in back["detail"]) == ("failed", True)


async def test_arguments_that_do_not_hold_together_are_named_and_not_repeated(node, caplog):
    here = Spoken(node)
    async with here.desk:
        (receipt,) = await here.told({"key_id": "x", "key": NEW.decode()})
        assert receipt["outcome"] == "failed"
        assert "key_id" in receipt["detail"]
        assert NEW.decode() not in receipt["detail"] + caplog.text


async def test_a_node_without_readers_refuses(node):
    here = Spoken(node)
    here.desk.obey._keyring = None
    async with here.desk:
        (receipt,) = await here.told(node.order().model_dump())
        assert (receipt["outcome"], "reads no cards" in receipt["detail"]) == ("refused", True)


async def test_health_names_the_key_and_its_age_while_the_clock_is_believed(node):
    here = Spoken(node)
    async with here.desk:
        await here.clock.advance(31.0)
        health = Health.model_validate(here.desk.broker.heard(Channel.HEALTH)[-1])
        assert health.card_key == card_key_id(OLD)
        assert health.card_key_age_s == pytest.approx(here.clock.wall() - EPOCH + 86400, abs=5.0)
    clock = SteppedClock(synchronised=False)
    assert CardKeyring(node.file, clock, Timestamps(clock), lambda _: None).age_s is None


class TestHashesOfTwoKeys:
    """They are never compared."""

    @staticmethod
    def decided(listed: list[str], keys: CardKeys) -> AccessDecision:
        gate = AccessGate(kind="access_gate", id="b1/gate-1", contact={"pin": 4}, credentials=listed)
        shown = CardPresented(keys.credential(CARD), keys.formerly(CARD), keys.name, keys.former_name)
        found = AccessGateInterpreter(gate).observe(shown, 100.0)
        return next(one for one in found if isinstance(one, AccessDecision))

    def test_a_card_listed_under_its_keys_name_is_known_by_the_key_in_use_and_the_one_before(self):
        old, new = CardKeys(OLD).listed(CARD), CardKeys(NEW).listed(CARD)
        for keys in (CardKeys(NEW, OLD), CardKeys(OLD, NEW)):
            for listed in (old, new):
                decision = self.decided([listed], keys)
                assert (decision.kind, decision.key) == ("access.granted", keys.name)

    def test_a_hash_that_is_listed_under_another_keys_name_opens_nothing(self):
        listed = f"{card_key_id(OLD)}:{credential_of(CARD, NEW)}"
        assert self.decided([listed], CardKeys(NEW)).kind == "access.denied"
        assert self.decided([credential_of(CARD, NEW)], CardKeys(NEW)).kind == "access.granted"

    def test_the_name_is_the_same_at_every_node_and_changes_with_the_key(self, tmp_path):
        path = tmp_path / "card.key"
        before = card_keys(path).name
        assert re.fullmatch(r"[0-9a-f]{8}", before)
        (tmp_path / "copied.key").write_bytes(path.read_bytes())
        assert card_keys(tmp_path / "copied.key").name == before
        rotate(path)
        assert card_keys(path).name != before
        assert card_keys(path).former_name == before
