"""A node that is shut out - its certificate over, or revoked - keeps what it sees, and delivers it once it is let in again."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from cloud.adapters.authority import LocalAuthority
from edge.adapters.outbox_store import OutboxStore
from edge.adapters.outbox_tables import connect
from firmware_sim.board import VirtualBoard
from firmware_sim.pigpio_server import served_in_thread
from tests.fakes.estate import ESTATE
from tests.faults import oracle
from tests.integration.enrolment.site import Site, until
from tests.integration.enrolment.test_enrol_run_ring import Board

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow, pytest.mark.timeout(180)]

RELAY = 19
WHILE_SHUT_OUT = 20
LASTS_S = 4.0


class House:
    """One enrolled node on a virtual board, whose outbox keeps a diary, behind a broker that asks for certificates."""

    def __init__(self, folder, pins, port) -> None:
        self.site = Site(folder)
        self.pins = pins
        self.node = Board(self.site, folder / "board", port)
        self.outbox = self.node.folder / "outbox.db"
        OutboxStore(connect(self.outbox), 1_000_000).close()
        oracle.keep_a_diary(self.outbox)

    def close(self) -> None:
        self.node.ends()
        self.site.close()

    def flickers(self, times: int) -> None:
        """The detector's relay closes and opens; each is an event and a reading."""
        for _ in range(times):
            before = len(oracle.diary(self.outbox))
            for drive in (self.pins.drive_low, self.pins.drive_high):
                drive(RELAY)
                time.sleep(0.15)  # Longer than its contact may bounce.
            until(lambda before=before: len(oracle.diary(self.outbox)) > before, "it is in the outbox")

    def is_revoked(self) -> str:
        self.site.cloud.enrolling.revoke(ESTATE, "b1-node", actor="operator:test")
        return "revoked"

    def expires(self) -> str:
        """Its certificate is exchanged for one that is over in a moment; the broker lets in nobody who comes after that."""
        folder = self.node.folder / "credentials"
        identity = json.loads((folder / "identity.json").read_text("utf-8"))
        key = load_pem_private_key((folder / identity["key_file"]).read_bytes(), None)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "b1-node")])
        csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
        authority = self.site.authority
        brief = LocalAuthority(authority._certificate, authority._key, LASTS_S / 86400)
        made = brief.certify(
            csr.public_bytes(Encoding.PEM).decode(), identity["credential"], f"{ESTATE}/b1-node", datetime.now(UTC)
        )
        (folder / identity["certificate_file"]).write_text(made.pem, "utf-8")
        (folder / "identity.json").write_text(
            json.dumps({**identity, "expires_at": made.expires_at.isoformat()}), "utf-8"
        )
        until(lambda: datetime.now(UTC) > made.expires_at, "it is over", within_s=LASTS_S + 2)
        self.site.broker.kill()
        self.site.broker.start()
        return "this node's certificate ended on"

    @property
    def shut_out(self) -> list[str]:
        return [line["why"] for line in self.node.logged("no connection to the broker")]


@pytest.fixture
def house(tmp_path):
    pins = VirtualBoard()
    with served_in_thread(pins) as (server,):
        house = House(tmp_path, pins, server.port)
        yield house
        house.close()


@pytest.mark.parametrize("how", ["is_revoked", "expires"])
def test_what_it_sees_while_it_is_shut_out_arrives_once_it_is_enrolled_anew(house, how):
    house.node.enrols(house.site.code())
    house.node.runs()
    house.flickers(3)
    until(house.site.tasks, "the first of it arrives")
    word = getattr(house, how)()
    until(lambda: any(word in why for why in house.shut_out), f"it says why: {word}", within_s=30)
    connected = len(house.node.logged("connected"))
    house.flickers(WHILE_SHUT_OUT)
    assert oracle.waiting(house.outbox) >= WHILE_SHUT_OUT
    house.node.enrols(house.site.code(replaces=how == "expires"))
    until(lambda: len(house.node.logged("connected")) > connected, "it is let in again", within_s=30)
    until(lambda: not oracle.waiting(house.outbox), "all of it is stored", within_s=60)
    house.node.ends()
    assert not oracle.waiting(house.outbox)
    balance = oracle.balance(oracle.diary(house.outbox), house.site.settings.data)
    balance.check()
    assert balance.sent > 2 * WHILE_SHUT_OUT
