"""A cloud's side of card keys with real cryptography, and nodes that obey with the node's own code, without a broker."""

from __future__ import annotations

import asyncio
import json
import uuid
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from cloud.adapters.authority import LocalAuthority, open_authority
from cloud.adapters.card_key_vault import FileVault, open_vault
from cloud.application.fleet.card_keying import CardKeying
from cloud.application.fleet.follow_node import FollowNode
from cloud.application.fleet.tell_nodes import TellNodes
from cloud.domain.fleet.card_key import Rotation
from cloud.domain.fleet.configuration import Configuration, Origin
from cloud.domain.fleet.credential import Credential
from edge.adapters.card_key import KeptCardKeys, card_keys, made_at, rotate
from edge.adapters.credentials import CredentialFolder
from edge.adapters.enrolment import _csr, _key_pem
from edge.application.card_keyring import CardKeyring
from edge.application.timestamps import Timestamps
from edge.domain.credentials import CardKeys
from edge.errors import EdgeError
from schemas.batch import ClockState
from schemas.commands import Command, Receipt
from schemas.enrolment import Enrolled
from schemas.presence import Born, Health, StreamDepth
from schemas.topics import NodeAddress
from tests.fakes.edge_clock import SteppedClock
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene


class KeyRoom:
    """The cloud: `pass_on` is one turn of its loop and of the one that tells nodes. `said`: every payload published."""

    def __init__(self, scene: Scene, folder: Path, rotation: Rotation | None = None) -> None:
        self.scene, self.folder, self.nodes = scene, folder, []
        self.authority: LocalAuthority = open_authority(folder / "authority", now=scene.clock.now())
        self.rotation = rotation or Rotation()
        self.keying = CardKeying(scene.units, scene.clock, scene.ids, self.vault, self.rotation)
        self.follow = FollowNode(scene.units, scene.clock)
        self.tell = TellNodes(scene.units, scene.clock, self.publish)
        self.said: list[tuple[str, bytes, bool]] = []
        self.heard: list[tuple[str, bytes]] = []
        self.is_down = False

    def vault(self) -> FileVault:
        return open_vault(self.folder / "authority")

    def publish(self, topic: str, payload: bytes, retained: bool) -> bool:
        self.said.append((topic, payload, retained))
        if not self.is_down:
            self.heard.append((topic, payload))
        return True

    def node(self, name: str = "b1-node", **extra: object) -> CardNode:
        self.nodes.append(CardNode(self, name, **extra))
        return self.nodes[-1]

    def current(self) -> str | None:
        with self.scene.units.reading() as uow:
            key = uow.card_keys.current(ESTATE)
        return key.id if key else None

    def versions(self) -> list[int]:
        with self.scene.units.reading() as uow:
            return [key.version for key in uow.card_keys.history(ESTATE)]

    def pass_on(self, *, looks: bool = True, **span: float) -> None:
        """Time passes; who is there says how it is; the cloud looks; what it says arrives; and what came of it is heard."""
        self.scene.clock.advance(**(span or {"seconds": 30}))
        for node in self.nodes:
            node.speaks()
        if not looks:
            return
        while self.keying.keep():
            pass
        self.tell()
        heard, self.heard = self.heard, []
        for topic, payload in heard:
            for node in self.nodes:
                if topic.startswith(f"tocsin/v1/{node.address}/"):
                    node.hears(topic, payload)
        for node in self.nodes:
            node.speaks()
        self.keying.keep()


class CardNode:
    """A node that reads cards: its folder, its certificate, and its own code for what it is sent."""

    def __init__(self, room: KeyRoom, name: str, *, enrolled: bool = True, listed: list[str] | None = None) -> None:
        self.room, self.address = room, NodeAddress(ESTATE, name)
        self.folder = room.folder / name
        self.folder.mkdir()
        self.path = self.folder / "card.key"
        card_keys(self.path)
        self.first = self.keys.name
        self.listed = [] if listed is None else listed
        self.boot, self.is_there, self.answers, self.received = str(uuid.uuid4()), True, True, 0
        if enrolled:
            self.enrol()
        self.configured()

    @property
    def keys(self) -> CardKeys:
        return card_keys(self.path)

    def enrol(self) -> None:
        """Or renew: another key, another certificate."""
        scene, key = self.room.scene, ec.generate_private_key(ec.SECP256R1())
        csr = _csr(key).public_bytes(Encoding.PEM).decode()
        name, now = f"node-{self.address.node}", scene.clock.now()
        made = self.room.authority.certify(csr, name, str(self.address), now)
        with scene.units.writing() as uow:
            credential = Credential(
                name, ESTATE, self.address.node, "claim", made.key_digest, made.pem, made.issued_at, made.expires_at, now, now
            )  # fmt: skip
            uow.enrolments.save(credential)
            uow.commit()
        self.pending = (made, key)
        self.keeps_its_certificate()

    def keeps_its_certificate(self) -> None:
        made, key = self.pending
        enrolled = Enrolled(
            estate=ESTATE, node=self.address.node, credential=f"node-{self.address.node}", certificate=made.pem,
            authority=self.room.authority.pem, broker_host="mqtt.example", broker_port=8883,
            issued_at=made.issued_at, expires_at=made.expires_at,
        )  # fmt: skip
        CredentialFolder(self.folder / "credentials").keep(enrolled, _key_pem(key), "https://cloud.example")

    def configured(self) -> None:
        with self.room.scene.units.writing() as uow:
            body = json.dumps({"equipment": [{"id": "b1/gate", "credentials": self.listed}]})
            now = self.room.scene.clock.now()
            uow.configurations.save(
                Configuration(ESTATE, self.address.node, 1, "abc", body, Origin.NODE, "node", now, told_at=now)
            )
            uow.commit()

    def starts_anew(self) -> None:
        self.boot = str(uuid.uuid4())

    def rotates_by_hand(self) -> None:
        rotate(self.path)

    def speaks(self) -> None:
        if not self.is_there:
            return
        scene, now = self.room.scene, self.room.scene.clock.now()
        nothing = StreamDepth(batches=0, records=0)
        born = Born(
            outbox=BOX[self.address.node], boot=self.boot, connection=1, agent_version="1", config_version=1,
            config_hash="abc", clock=ClockState.SYNCHRONISED, mono=1.0, equipment=[],
        )  # fmt: skip
        scene.presence(self.address, born, now)
        health = Health(
            boot=self.boot, mono=2.0, events=nothing, telemetry=nothing, outbox_bytes=1, outbox_quota_bytes=100,
            disk_free_bytes=10**9, clock=ClockState.SYNCHRONISED, card_key=self.keys.name,
            card_key_age_s=max(now.timestamp() - (made_at(self.path) or 0.0), 0.0),
        )  # fmt: skip
        scene.health(self.address, health, now)

    def hears(self, topic: str, payload: bytes) -> None:
        if not self.is_there or not topic.endswith("/command"):
            return
        self.received += 1
        command = Command.model_validate_json(payload)
        outcome, detail = self._obeys(command)
        if self.answers:
            receipt = Receipt(command=command.id, outcome=outcome, detail=detail)
            self.room.follow.receipt(self.address, receipt)

    def _obeys(self, command: Command) -> tuple[str, str]:
        if command.boot != self.boot:
            return "refused", "it is meant for another boot of this node, which has started anew since"
        clock = SteppedClock()
        file = KeptCardKeys(self.path, self.address, self.folder / "credentials")
        ring = CardKeyring(file, clock, Timestamps(clock), lambda _: None)
        try:
            return "done", asyncio.run(ring.accept(command.id, command.arguments))
        except EdgeError as error:
            return "failed", str(error)


BOX = {
    name: f"0197a600-0000-7000-8000-0000000000{number:02x}" for number, name in enumerate(("b1-node", "b2-node"), 16)
}
