"""Who may speak: claims, credentials, boards that take each other's place, and what is heard of whom."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from cloud.adapters.broker_access import plan, rights, role_of
from cloud.application.enrolment_ports import Certificate
from cloud.application.fleet.admission import Admission
from cloud.application.fleet.enrolling import Enrolling
from cloud.application.fleet.watch_credentials import WatchBrokerCertificate, WatchCredentials
from cloud.application.intake.dead_letters import PutDeadLetter, Refused, Why
from cloud.domain.accounts.throttle import USUAL
from cloud.domain.fleet.credential import MOST_FAILURES, CredentialState
from cloud.errors import Conflict, NotAllowed, NotFound, Throttled, Unavailable
from schemas.batch import ClockState
from schemas.enrolment import ClaimCode
from schemas.presence import Born
from schemas.topics import Channel, NodeAddress
from tests.fakes.estate import BOOT, ESTATE, OUTBOX, NodeOnPaper, cleared, raised

NODE = NodeAddress(ESTATE, "b1-node")
OTHER, STRAY = NodeAddress(ESTATE, "b2-node"), NodeAddress(ESTATE, "stray")
NEW_OUTBOX = OUTBOX.replace("0001", "0002")


class PaperAuthority:
    """Certifies keys that are words."""

    pem, print = "authority", bytes(10)

    def certify(self, csr_pem, credential_id, node, now):
        assert node.startswith(f"{ESTATE}/")
        return Certificate(f"{credential_id} {csr_pem}", self.key_digest(csr_pem), now, now + timedelta(days=90))

    def key_digest(self, csr_pem):
        return hashlib.sha256(csr_pem.encode()).hexdigest()

    def possessor(self, certificate_der, csr_pem, signature, now):
        assert csr_pem
        assert now.tzinfo
        name, _, key = certificate_der.decode().partition(" ")
        if signature.decode() != key:
            raise NotAllowed("not signed with its key")
        return name


@pytest.fixture
def office(scene):
    authority = PaperAuthority()
    return Enrolling(
        scene.units, scene.clock, scene.ids, lambda: authority, broker=("broker", 8883), url="https://cloud.example"
    )


@pytest.fixture
def admission(scene):
    return Admission(scene.units, scene.clock)


def code(office, node="b1-node", **extra):
    return office.issue(ESTATE, node, actor="operator:x", **extra).code


def enrolled(office, node="b1-node", key="key", outbox=None, **extra):
    return office.enrol(code(office, node, **extra), key, outbox=outbox, source="x").credential


def kinds(scene):
    return [entry.kind for entry in scene.ledger()]


def test_before_anybody_is_enrolled_everybody_is_heard(admission):
    assert not admission.refuses(NODE)


def test_enrolling_the_first_node_silences_no_other(scene, office, admission):
    enrolled(office)
    assert not admission.refuses(NODE)
    assert not admission.refuses(OTHER)


def test_once_every_node_of_the_register_is_enrolled_nobody_else_is_heard(scene, office, admission):
    enrolled(office)
    assert not admission.refuses(STRAY)
    scene.clock.advance(seconds=2)
    enrolled(office, "b2-node")
    scene.clock.advance(seconds=2)
    assert not admission.refuses(OTHER)
    assert admission.refuses(STRAY)
    assert not admission.refuses(NodeAddress("elsewhere", "stray")), "of another estate nobody was enrolled"


def test_where_the_cloud_keeps_the_brokers_list_only_enrolled_nodes_are_heard_from_the_first(scene, office):
    admission = Admission(scene.units, scene.clock, managed=True)
    assert not admission.refuses(OTHER)
    enrolled(office)
    scene.clock.advance(seconds=2)
    assert admission.refuses(OTHER)
    assert not admission.refuses(NODE)


def test_a_revoked_node_is_not_heard_and_may_be_enrolled_anew(scene, office, admission):
    enrolled(office)
    assert office.revoke(ESTATE, "b1-node", actor="operator:x") == 1
    assert admission.refuses(NODE)
    enrolled(office, key="another")
    scene.clock.advance(seconds=2)
    assert not admission.refuses(NODE)
    assert kinds(scene).count("node.enrolled") == 2
    assert "node.revoked" in kinds(scene)


def test_while_the_storage_is_away_what_was_known_counts(scene, office, admission, monkeypatch):
    enrolled(office)
    enrolled(office, "b2-node")
    assert admission.refuses(STRAY)
    scene.clock.advance(minutes=1)

    def away():
        raise Unavailable("away")

    monkeypatch.setattr(scene.units, "reading", away)
    assert admission.refuses(STRAY)
    assert not admission.refuses(NODE)
    assert not Admission(scene.units, scene.clock).refuses(NODE), "who never knew anything silences nobody"


def test_only_nodes_of_the_register_are_given_a_code(office):
    with pytest.raises(NotFound, match="add it under `nodes:`"):
        code(office, "stray")
    with pytest.raises(NotFound):
        office.issue("elsewhere", "b1-node", actor="operator:x")
    with pytest.raises(NotFound):
        office.revoke(ESTATE, "b1-node", actor="operator:x")
    with pytest.raises(NotFound):
        office.revoke("elsewhere", "b1-node", actor="operator:x")
    with pytest.raises(NotFound):
        office.credentials("elsewhere", None)


def test_an_enrolled_node_is_given_a_code_only_to_be_replaced(office):
    enrolled(office)
    with pytest.raises(Conflict, match="tocsin node replace"):
        code(office)
    enrolled(office, key="new", replaces=True)
    states = [one.state for one in office.credentials(ESTATE, None)]
    assert sorted(states) == [CredentialState.ACTIVE, CredentialState.DRAINING]


def test_to_revoke_the_old_board_leaves_the_new_one(office):
    enrolled(office)
    enrolled(office, key="new", replaces=True)
    assert office.revoke(ESTATE, "b1-node", actor="operator:x", drained_only=True) == 1
    assert {one.state for one in office.credentials(ESTATE, None)} == {CredentialState.ACTIVE, CredentialState.REVOKED}


def test_wrong_secrets_void_the_claim(office):
    given = ClaimCode.parse(code(office))
    for guess in range(MOST_FAILURES):
        wrong = ClaimCode(given.claim, bytes([guess]) * 10, given.authority).text
        with pytest.raises(NotAllowed, match="no such claim code"):
            office.enrol(wrong, "key", outbox=None, source=f"place {guess}")
    with pytest.raises(NotAllowed, match="tried too often"):
        office.enrol(given.text, "key", outbox=None, source="owner")


def test_many_failures_from_one_place_are_throttled_for_a_while(scene, office):
    for _ in range(USUAL.claim):
        with pytest.raises(NotAllowed):
            office.enrol("nonsense", "key", outbox=None, source="192.0.2.1")
    with pytest.raises(Throttled):
        office.enrol("nonsense", "key", outbox=None, source="192.0.2.1")
    with pytest.raises(NotAllowed):
        office.enrol("nonsense", "key", outbox=None, source="192.0.2.2")
    scene.clock.advance(minutes=15)
    with pytest.raises(NotAllowed):
        office.enrol("nonsense", "key", outbox=None, source="192.0.2.1")


def test_who_has_addresses_without_end_guesses_no_oftener(office):
    for guess in range(USUAL.claim):
        with pytest.raises(NotAllowed):
            office.enrol("nonsense", "key", outbox=None, source=f"2001:db8::{guess:x}")
    with pytest.raises(Throttled):
        office.enrol("nonsense", "key", outbox=None, source="2001:db8::ffff")


def test_nobody_who_guesses_keeps_nodes_behind_the_same_router_from_enrolling_and_renewing(office):
    one, good = enrolled(office, "b2-node"), code(office)
    for _ in range(USUAL.claim):
        with pytest.raises(NotAllowed):
            office.enrol("nonsense", "key", outbox=None, source="192.0.2.1")
    assert office.enrol(good, "another", outbox=None, source="192.0.2.1").credential.node_id == "b1-node"
    assert office.renew(one.certificate.encode(), "new", b"key", source="192.0.2.1").credential.id == one.id
    with pytest.raises(Throttled):
        office.renew(one.certificate.encode(), "new", b"wrong", source="192.0.2.1")


def test_renewing_needs_the_old_key_and_a_credential_that_counts(office):
    one = enrolled(office)
    with pytest.raises(NotAllowed):
        office.renew(one.certificate.encode(), "new", b"wrong", source="x")
    renewed = office.renew(one.certificate.encode(), "new", b"key", source="x").credential
    assert (renewed.id, renewed.certificate) == (one.id, f"{one.id} new")
    again = office.renew(one.certificate.encode(), "new", b"key", source="x").credential
    assert again == renewed
    enrolled(office, key="board", replaces=True)
    with pytest.raises(NotAllowed, match="board replaced"):
        office.renew(renewed.certificate.encode(), "newer", b"new", source="x")


def test_a_credential_that_is_not_renewed_is_told_of_in_time_once(scene, office):
    one = enrolled(office)
    watch = WatchCredentials(scene.units, scene.clock, scene.ids)
    scene.clock.advance(days=75)
    assert watch() == 0
    scene.clock.advance(days=2)
    assert watch() == 1
    assert watch() == 0
    assert (scene.only_task().hazard, scene.only_task().firing) == ("node.credential-expiring", 1)
    assert scene.only_task().responsible.id == "operator"
    office.renew(one.certificate.encode(), "new", b"key", source="x")
    assert scene.only_task().firing == 0
    scene.clock.advance(days=77)
    assert watch() == 1


def test_the_brokers_own_certificate_is_watched_too(scene):
    ends = [scene.clock.now() + timedelta(days=40)]
    watch = WatchBrokerCertificate(scene.units, scene.clock, scene.ids, lambda: ends[0])
    watch()
    assert scene.board() == []
    scene.clock.advance(days=11)
    watch()
    watch()
    assert (scene.only_task().hazard, scene.only_task().equipment.id) == ("node.credential-expiring", "node/broker")
    assert (scene.only_task().raises, scene.only_task().firing) == (1, 1)
    ends[0] += timedelta(days=730)
    watch()
    assert scene.only_task().firing == 0


def test_what_a_replaced_board_still_holds_is_stored_and_calls_nobody(scene, office):
    enrolled(office)
    scene.rings("access.held-open", "b1/door")
    before = len(scene.told())
    enrolled(office, key="new", replaces=True, outbox=NEW_OUTBOX)
    scene.rings("fire.smoke", "b1/smoke-1")
    assert len(scene.told()) == before
    fire = next(task for task in scene.board() if task.hazard == "fire.smoke")
    assert (fire.late, fire.firing, fire.raises) == (True, 0, 1)
    assert fire.next_step_at is None
    node = next(one for one in scene.queries.nodes(ESTATE, None) if one.id == "b1-node")
    assert node.stored == 2


def replaced_before_it_spoke(scene, office, **before):
    """An old board that never delivered anything, and its outbox."""
    enrolled(office, **before)
    scene.clock.advance(hours=1)
    enrolled(office, key="new", replaces=True, outbox=None)
    scene.clock.advance(minutes=1)
    return NodeOnPaper(scene.clock.now, outbox=NEW_OUTBOX)


def pages(scene):
    return ("fire-room", "asked_to_lead") in scene.told()


def test_a_board_that_was_born_and_never_sent_an_event_is_known_when_it_is_replaced(scene, office):
    enrolled(office)
    born(scene, NEW_OUTBOX, BOOT)
    enrolled(office, key="new", replaces=True, outbox=None)
    scene.record(NodeOnPaper(scene.clock.now, outbox=NEW_OUTBOX).batch(raised("fire.smoke", "b1/smoke-1", 77)))
    assert not pages(scene)


def test_a_board_that_said_at_its_enrolment_where_it_numbers_is_known_too(scene, office):
    old = replaced_before_it_spoke(scene, office, outbox=NEW_OUTBOX)
    scene.record(old.batch(raised("fire.smoke", "b1/smoke-1", 77)))
    assert not pages(scene)


def test_a_board_that_never_spoke_is_known_by_news_older_than_the_board_in_its_place(scene, office):
    old = replaced_before_it_spoke(scene, office)
    scene.record(old.batch(raised("access.held-open", "b1/door", 76), age=120.0))
    before = scene.told()
    scene.record(old.batch(raised("fire.smoke", "b1/smoke-1", 77)))
    assert scene.told() == before, "from then on nothing of it calls anybody, however fresh"
    assert not pages(scene)


@pytest.mark.parametrize("age", [0.0, 59.0])
def test_the_new_boards_first_news_calls_although_nobody_has_heard_of_its_outbox(scene, office, age):
    new = replaced_before_it_spoke(scene, office)
    scene.record(new.batch(raised("fire.smoke", "b1/smoke-1", 77), age=age))
    assert pages(scene)


def test_old_news_of_an_outbox_that_is_in_use_is_no_old_boards(scene, office):
    new = replaced_before_it_spoke(scene, office)
    born(scene, NEW_OUTBOX, BOOT)
    scene.record(new.batch(raised("fire.smoke", "b1/smoke-1", 77), age=120.0))
    assert pages(scene)


def test_the_new_boards_alarm_calls_although_the_old_one_told_of_it_too(scene, office):
    enrolled(office)
    scene.is_born(1)
    scene.rings("access.held-open", "b1/door")
    enrolled(office, key="new", replaces=True, outbox=NEW_OUTBOX)
    scene.rings("fire.smoke", "b1/smoke-1")
    new = NodeOnPaper(scene.clock.now, outbox=NEW_OUTBOX)
    scene.record(new.batch(raised("fire.smoke", "b1/smoke-1", 77)))
    assert ("fire-room", "asked_to_lead") in scene.told()


def test_what_the_old_board_raised_before_is_cleared_by_it_too(scene, office):
    enrolled(office)
    number = scene.rings("access.held-open", "b1/door")
    enrolled(office, key="new", replaces=True, outbox=NEW_OUTBOX)
    scene.falls_quiet("access.held-open", "b1/door", number)
    assert scene.only_task().firing == 0


def test_a_card_that_was_moved_to_the_new_board_is_in_use(scene, office):
    enrolled(office)
    scene.rings("access.held-open", "b1/door")
    enrolled(office, key="new", replaces=True, outbox=OUTBOX)
    scene.rings("fire.smoke", "b1/smoke-1")
    assert ("fire-room", "asked_to_lead") in scene.told()


def test_an_outbox_that_is_born_again_is_in_use_whatever_was_said_of_it(scene, office):
    """The broker lets no replaced board be born. Better a call too many than a building that is not heard."""
    enrolled(office)
    scene.rings("access.held-open", "b1/door")
    enrolled(office, key="new", replaces=True)
    scene.is_born(1)
    scene.rings("fire.smoke", "b1/smoke-1")
    assert ("fire-room", "asked_to_lead") in scene.told()


def test_two_boards_under_one_name_are_noticed_by_their_outboxes(scene):
    scene.is_born(1)
    other = BOOT.replace("b0", "b1")
    born(scene, NEW_OUTBOX, other)
    assert scene.board() == [], "a new card is no conflict"
    scene.is_born(2)
    assert scene.only_task().hazard == "node.identity-conflict"


def born(scene, outbox, boot):
    birth = Born(
        outbox=outbox, boot=boot, connection=1, agent_version="0.1.0", config_version=1, config_hash="abc",
        clock=ClockState.SYNCHRONISED, mono=1.0, equipment=[],
    )  # fmt: skip
    scene.presence(NODE, birth, scene.clock.now())


def test_an_alarm_at_another_nodes_equipment_reaches_the_fallback_party_and_the_operator(scene):
    scene.record(NodeOnPaper(scene.clock.now, "b2-node").batch(raised("fire.smoke", "b1/smoke-1", 5)))
    task = scene.only_task()
    assert (task.hazard, task.responsible.id, task.life_safety) == ("fire.smoke", "property", True)
    (letter,) = scene.queries.dead_letters(None)
    assert "b1/smoke-1 is assigned to node b1-node, and b2-node speaks for it" in letter.reason


def test_a_node_cannot_silence_what_another_raised(scene):
    number = scene.rings("fire.smoke", "b1/smoke-1")
    other = NodeOnPaper(scene.clock.now, "b2-node", outbox=NEW_OUTBOX)
    scene.record(other.batch(cleared("fire.smoke", "b1/smoke-1", number)))
    assert scene.only_task().firing == 1
    assert len(scene.queries.dead_letters(None)) == 1
    scene.falls_quiet("fire.smoke", "b1/smoke-1", number)
    assert scene.only_task().firing == 0


def test_a_node_may_clear_what_it_raised_itself_wherever(scene):
    other = NodeOnPaper(scene.clock.now, "b2-node", outbox=NEW_OUTBOX)
    scene.record(other.batch(raised("fire.smoke", "b1/smoke-1", 5)))
    scene.record(other.batch(cleared("fire.smoke", "b1/smoke-1", 5)))
    assert scene.only_task().firing == 0


def test_a_stranger_that_speaks_is_a_matter_for_the_operator(scene):
    letters = PutDeadLetter(scene.units, scene.clock, scene.ids)
    letters(Refused("t", b"x", "not enrolled", scene.clock.now(), NODE, Channel.TELEMETRY, why=Why.IDENTITY))
    assert scene.only_task().hazard == "node.identity-refused"


def test_the_brokers_list_is_brought_to_what_it_should_be(scene, office):
    one, two = enrolled(office), enrolled(office, "b2-node")
    found = {one.id: [role_of(one)], "tocsin-cloud-1": ["tocsin-cloud"], "node-gone": ["node-gone:active:v1"]}
    commands = plan([one, two], found)
    assert [(c["command"], c.get("username") or c.get("rolename")) for c in commands] == [
        ("createRole", role_of(two)),
        ("createClient", two.id),
        ("deleteClient", "node-gone"),
        ("deleteRole", "node-gone:active:v1"),
    ]
    assert plan([one], {one.id: [role_of(one)]}) == []


def test_a_board_that_is_replaced_changes_its_role_at_the_broker(scene, office):
    one = enrolled(office)
    had = {one.id: [role_of(one)]}
    enrolled(office, key="new", replaces=True)
    with scene.units.reading() as uow:
        old = uow.enrolments.credential(one.id)
    topics = {right["topic"] for right in rights(old)}
    root = f"tocsin/v1/{ESTATE}"
    assert topics == {
        f"{root}/b1-node/events", f"{root}/b1-node/telemetry", f"{root}/b1-node/ack", f"{root}/_cloud/+",
    }  # fmt: skip
    assert [c["command"] for c in plan([old], had)] == ["createRole", "modifyClient", "deleteRole"]
