"""Claims, credentials and drained outboxes: the fake and every database give the same answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cloud.domain.fleet.credential import Claim, Credential, CredentialState
from tests.fakes.estate import ESTATE, OUTBOX

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def claim(id_="c1", **extra):
    return replace(Claim(id_, ESTATE, "b1-node", "hash", NOW, NOW + DAY, "operator:x"), **extra)


def credential(id_="node-1", node="b1-node", **extra):
    made = Credential(id_, ESTATE, node, "c1", "digest", "pem", NOW, NOW + 90 * DAY, NOW, NOW)
    for name, value in extra.items():
        setattr(made, name, value)
    return made


def test_a_claim_is_kept_as_it_is_and_open_until_it_is_used_revoked_locked_or_over(units):
    with units.writing() as uow:
        for one in (
            claim(), claim("c2", used_at=NOW), claim("c3", revoked_at=NOW), claim("c4", failures=5),
            claim("c5", expires_at=NOW), claim("c6", node_id="b2-node"), claim("c7", replaces=True, failures=1),
        ):  # fmt: skip
            uow.enrolments.save_claim(one)
        uow.commit()
    with units.reading() as uow:
        assert uow.enrolments.claim("c2") == claim("c2", used_at=NOW)
        assert uow.enrolments.claim("none") is None
        assert {one.id for one in uow.enrolments.open_claims(ESTATE, "b1-node", NOW)} == {"c1", "c7"}


def test_credentials_are_found_by_node_by_estate_and_by_what_they_may(units):
    revoked = credential("node-0", state=CredentialState.REVOKED, ended_at=NOW, enrolled_at=NOW - DAY)
    draining = credential("node-2", "b2-node", state=CredentialState.DRAINING, changed_at=NOW + DAY)
    with units.writing() as uow:
        assert uow.enrolments.revision() == (0, None)
        for one in (credential(), revoked, draining, credential("node-3", "b3-node", state=CredentialState.REVOKED)):
            uow.enrolments.save(one)
        uow.commit()
    with units.reading() as uow:
        assert uow.enrolments.credential("node-0") == revoked
        assert uow.enrolments.credential("node-9") is None
        assert [one.id for one in uow.enrolments.of_node(ESTATE, "b1-node")] == ["node-0", "node-1"]
        assert [one.id for one in uow.enrolments.of_estates()] == ["node-0", "node-1", "node-2", "node-3"]
        assert uow.enrolments.of_estates(["elsewhere"]) == []
        assert [one.id for one in uow.enrolments.speaking()] == ["node-1", "node-2"]
        assert uow.enrolments.enrolled() == {
            (ESTATE, "b1-node"): True, (ESTATE, "b2-node"): True, (ESTATE, "b3-node"): False,
        }  # fmt: skip
        assert uow.enrolments.revision() == (4, NOW + DAY)


def test_only_active_ones_of_which_nobody_was_told_are_expiring(units):
    with units.writing() as uow:
        for one in (
            credential("soon", expires_at=NOW + 5 * DAY),
            credential("sooner", expires_at=NOW + DAY),
            credential("told", expires_at=NOW + DAY, warned="x"),
            credential("over", expires_at=NOW + DAY, state=CredentialState.REVOKED),
            credential("later"),
        ):
            uow.enrolments.save(one)
        uow.commit()
    with units.reading() as uow:
        assert [one.id for one in uow.enrolments.expiring(NOW + 14 * DAY)] == ["sooner", "soon"]
        assert [one.id for one in uow.enrolments.expiring(NOW + 14 * DAY, 1)] == ["sooner"]


def test_an_outbox_drains_until_it_is_in_use_again(units):
    with units.writing() as uow:
        uow.enrolments.drain(ESTATE, "b1-node", [OUTBOX])
        uow.enrolments.drain(ESTATE, "b1-node", [OUTBOX])
        uow.commit()
    with units.writing() as uow:
        assert uow.enrolments.is_drained(OUTBOX)
        uow.enrolments.undrain(OUTBOX)
        uow.commit()
    with units.reading() as uow:
        assert not uow.enrolments.is_drained(OUTBOX)
