"""What a node keeps of its enrolment, when it renews it, and what time it takes it to be."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from edge.adapters.checks import look_at_credential
from edge.adapters.credentials import CredentialFolder, PendingKey
from edge.adapters.mqtt import MqttBroker
from edge.application.renew import Renew, is_due
from edge.domain.validity import KnownTime, known_time, out_of_time
from edge.errors import BrokerError, EnrolmentError, SettingsError
from edge.settings import BrokerSection, load_settings
from schemas.enrolment import Enrolled
from schemas.topics import NodeAddress
from tests.fakes.edge_clock import SteppedClock

ISSUED = datetime(2026, 11, 26, tzinfo=UTC)
DAY = timedelta(days=1)
PEM = "-----BEGIN CERTIFICATE-----\n" + "A" * 64 + "\n-----END CERTIFICATE-----\n"
NODE_TOML = '[outbox]\npath = "outbox.db"\n[[config.equipment]]\nkind = "smoke_detector"\nid = "b1/smoke-1"\nalarm_relay = { pin = 19 }\n'


def enrolled(**extra):
    facts = {
        "estate": "example", "node": "b1-node", "credential": "node-1", "certificate": PEM, "authority": PEM,
        "broker_host": "mqtt.example", "broker_port": 8883, "issued_at": ISSUED, "expires_at": ISSUED + 90 * DAY,
    }  # fmt: skip
    return Enrolled(**{**facts, **extra})


@pytest.fixture
def folder(tmp_path):
    return CredentialFolder(tmp_path / "credentials")


def test_before_enrolment_there_is_nothing(folder):
    assert folder.identity is None
    assert folder.tls is None


def test_the_key_is_the_owners_alone_and_the_old_files_go(folder, tmp_path):
    folder.keep(enrolled(), "old key", "https://cloud.example")
    identity = folder.keep(enrolled(), "new key", "https://cloud.example")
    here = tmp_path / "credentials"
    assert sorted(path.name for path in here.iterdir()) == sorted(
        [identity.authority_file, identity.certificate_file, identity.key_file, "identity.json"]
    )
    assert folder.read(identity.key_file) == "new key"
    assert here.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in here.iterdir())
    assert folder.tls.key_file == here / identity.key_file


def test_power_lost_before_the_last_file_leaves_the_old_ones_in_force(folder, tmp_path, monkeypatch):
    before = folder.keep(enrolled(), "old key", "https://cloud.example")
    write = CredentialFolder._write

    def fails_at_the_last(self, name, text):
        if name == "identity.json":
            raise OSError(28, "No space left on device")
        write(self, name, text)

    monkeypatch.setattr(CredentialFolder, "_write", fails_at_the_last)
    with pytest.raises(EnrolmentError, match="No space left"):
        folder.keep(enrolled(), "new key", "https://cloud.example")
    assert folder.identity == before
    assert folder.read(folder.identity.key_file) == "old key"


def test_a_damaged_identity_is_said_in_a_sentence(folder, tmp_path):
    folder.keep(enrolled(), "key", "https://cloud.example")
    (tmp_path / "credentials" / "identity.json").write_text("{")
    with pytest.raises(EnrolmentError, match="enrol this node anew"):
        _ = folder.identity


def test_the_key_of_an_unanswered_request_is_kept_for_the_same_code_only(tmp_path):
    pending = PendingKey(tmp_path)
    assert pending.take("code") is None
    pending.put("code", "key")
    assert (pending.take("code"), pending.take("other")) == ("key", None)
    assert (tmp_path / "pending.key").stat().st_mode & 0o077 == 0
    pending.forget()
    assert pending.take("code") is None


def test_an_enrolled_node_needs_no_names_and_no_broker_in_its_file(folder, tmp_path):
    folder.keep(enrolled(), "key", "https://cloud.example")
    (tmp_path / "node.toml").write_text(NODE_TOML)
    settings = load_settings(tmp_path / "node.toml")
    assert str(settings.node.address) == "example/b1-node"
    assert (settings.broker.host, settings.broker.port) == ("mqtt.example", 8883)
    assert settings.broker.credentials == tmp_path / "credentials"


def test_a_file_that_says_another_name_than_the_node_was_enrolled_under_is_refused(folder, tmp_path):
    folder.keep(enrolled(), "key", "https://cloud.example")
    (tmp_path / "node.toml").write_text('[node]\nestate = "example"\nname = "b2-node"\n' + NODE_TOML)
    with pytest.raises(SettingsError, match="says example/b2-node and was enrolled as example/b1-node"):
        load_settings(tmp_path / "node.toml")


def test_who_configures_tls_by_hand_is_left_alone(folder, tmp_path):
    folder.keep(enrolled(), "key", "https://cloud.example")
    by_hand = '[node]\nestate = "e"\nname = "n"\n[broker]\nhost = "h"\ntls = { ca_file = "ca.crt" }\n'
    (tmp_path / "node.toml").write_text(by_hand + NODE_TOML)
    assert load_settings(tmp_path / "node.toml").broker.credentials is None


class Office:
    """Renews on paper."""

    def __init__(self, identity, answers):
        self.identity, self.renewals, self._answers = identity, 0, list(answers)

    def renew(self):
        self.renewals += 1
        answer = self._answers.pop(0)
        if isinstance(answer, EnrolmentError):
            raise answer
        self.identity = answer
        return answer


@pytest.mark.parametrize(("days", "due"), [(0, False), (59, False), (60, True), (91, True)])
def test_two_thirds_of_its_time_and_a_certificate_is_renewed(folder, days, due):
    identity = folder.keep(enrolled(), "key", "https://cloud.example")
    assert is_due(identity, ISSUED + days * DAY) is due


async def test_told_to_rotate_it_says_until_when(folder):
    office = Office(enrolled(), [enrolled(expires_at=ISSUED + 180 * DAY)])
    assert await Renew(office, SteppedClock(), 0.0).rotate() == "certificate renewed, valid until 2027-05-25"
    failing = Office(enrolled(), [EnrolmentError("cloud.example refuses")])
    with pytest.raises(EnrolmentError):
        await Renew(failing, SteppedClock(), 0.0).rotate()


class HourlyClock(SteppedClock):
    """Says when somebody goes to sleep: renewing works in a thread, whose end cannot be foreseen."""

    def __init__(self):
        super().__init__()
        self.asleep = asyncio.Event()

    async def sleep(self, seconds):
        self.asleep.set()
        await super().sleep(seconds)

    async def next_look(self):
        await asyncio.wait_for(self.asleep.wait(), 5)
        self.asleep.clear()
        await self.advance(4500.0)


async def test_it_looks_every_hour_and_a_refusal_is_tried_again(caplog):
    clock = HourlyClock()
    now = datetime.fromtimestamp(clock.wall(), UTC)
    old = enrolled(issued_at=now - 70 * DAY, expires_at=now + 20 * DAY)
    office = Office(old, [EnrolmentError("cloud.example refuses"), enrolled(issued_at=now, expires_at=now + 90 * DAY)])
    running = asyncio.create_task(Renew(office, clock, 0.0).run())
    for _ in range(3):
        await clock.next_look()
    running.cancel()
    assert "could not be renewed" in caplog.text
    assert office.renewals == 2, "renewed, it is left alone"


@pytest.mark.parametrize(("ends", "verdict"), [(timedelta(days=-1), "failed"), (10 * DAY, "warning"), (30 * DAY, "ok")])
def test_the_doctor_looks_at_the_credential(folder, tmp_path, ends, verdict):
    clock = SteppedClock()
    now = datetime.fromtimestamp(clock.wall(), UTC)
    folder.keep(enrolled(issued_at=now - 80 * DAY, expires_at=now + ends), "key", "https://cloud.example")
    found = look_at_credential(tmp_path / "credentials", clock)
    assert found.verdict == verdict
    assert (found.todo_en and found.todo_zh) or verdict == "ok"


def test_the_doctor_says_that_a_node_was_never_enrolled_or_lost_what_it_was_given(tmp_path):
    assert look_at_credential(tmp_path, SteppedClock()).verdict == "failed"
    (tmp_path / "identity.json").write_text("{")
    assert "enrol this node anew" in look_at_credential(tmp_path, SteppedClock()).en


def test_a_clock_that_follows_a_reference_is_believed():
    known = known_time(wall=2e9, synchronised=True, released=1.7e9, last_trusted=None, issued=None, ends=None)
    assert known == KnownTime(2e9, sure=True)


@pytest.mark.parametrize(
    ("wall", "last_trusted", "issued", "ends", "at"),
    [
        (0.0, None, None, None, 1.7e9),
        (0.0, 1.8e9, None, None, 1.8e9),
        (0.0, 1.8e9, 1.81e9, 1.9e9, 1.81e9),
        (1.85e9, 1.8e9, 1.81e9, 1.9e9, 1.85e9),
        (9.9e9, 1.8e9, 1.81e9, 1.9e9, 1.81e9),
    ],
    ids=["never set", "the outbox knows", "its certificate knows", "the system knows", "far ahead"],
)
def test_a_clock_that_follows_nothing_gives_the_earliest_it_can_be(wall, last_trusted, issued, ends, at):
    known = known_time(
        wall=wall, synchronised=False, released=1.7e9, last_trusted=last_trusted, issued=issued, ends=ends
    )
    assert known == KnownTime(at, sure=False)


def test_only_a_sure_clock_says_not_yet():
    assert out_of_time(100, 200, KnownTime(50, sure=True)) == "it is not valid yet"
    assert out_of_time(100, 200, KnownTime(50, sure=False)) is None
    assert out_of_time(100, 200, KnownTime(150, sure=True)) is None
    assert out_of_time(100, 200, KnownTime(250, sure=False)) == "it has expired"


async def test_a_node_that_lost_what_it_was_enrolled_with_does_not_go_on_in_the_clear(tmp_path):
    section = BrokerSection(host="mqtt.example", port=8883, credentials=tmp_path / "gone")
    with pytest.raises(BrokerError, match="in the clear"):
        async with MqttBroker(section, NodeAddress("example", "b1-node"), SteppedClock(0.0)).connect(None):
            pass
