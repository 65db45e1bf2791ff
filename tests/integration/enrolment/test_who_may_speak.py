"""Nobody in who does not belong: on a real mosquitto, with the access list that the cloud keeps."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloud.adapters.broker_access import SWEEPS_S
from cloud.domain.accounts.throttle import USUAL
from edge.adapters.enrolment import HttpsEnrolment
from edge.errors import EnrolmentError
from schemas.enrolment import ClaimCode
from tests.fakes.estate import ESTATE
from tests.integration.enrolment.site import until

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow]

ROOT = f"tocsin/v1/{ESTATE}"


def enrolled_and_known(site, comes, node="b1-node", **extra):
    """A node whose rights have reached the broker."""
    folder = site.enrol(node, **extra)
    until(lambda: allowed(comes(folder), node), "the broker knows the node")
    return folder


def allowed(intruder, node):
    until(lambda: intruder.connected, "connected")
    (may,) = intruder.asks(f"{ROOT}/{node}/ack")
    intruder.close()
    return may


def test_who_has_no_certificate_is_not_let_in(comes):
    stranger = comes(None)
    until(lambda: stranger.refused or stranger.ended, "turned away")
    assert not stranger.connected


def test_a_node_hears_what_is_meant_for_it_and_nothing_else(site, comes):
    folder = enrolled_and_known(site, comes)
    node = comes(folder)
    until(lambda: node.connected, "connected")
    assert (
        node.asks(f"{ROOT}/b1-node/ack", f"{ROOT}/b1-node/config", f"{ROOT}/b1-node/command", f"{ROOT}/_cloud/+")
        == [
            True,
        ]
        * 4
    )
    foreign = [
        f"{ROOT}/b2-node/ack",
        f"{ROOT}/b2-node/config",
        "tocsin/v1/#",
        "#",
        f"{ROOT}/+/config",
        "tocsin/v1/other/_cloud/+",
    ]
    assert node.asks(*foreign, "$CONTROL/dynamic-security/v1/response", f"{ROOT}/b2-node/events") == [False] * 8


def test_a_node_cannot_speak_under_anothers_name(site, comes):
    folder = enrolled_and_known(site, comes)
    node = comes(folder)
    until(lambda: node.connected, "connected")
    node.says(f"{ROOT}/b2-node/events", b"forged")
    node.says(f"{ROOT}/b1-node/ack", b"forged")
    node.says("$CONTROL/dynamic-security/v1", b'{"commands":[{"command":"createClient","username":"node-x"}]}')
    node.says(f"{ROOT}/b1-node/events", b"its own nonsense")
    until(site.letters, "the nonsense under its own name")
    assert [letter.node_id for letter in site.letters()] == ["b1-node"]


def test_a_node_cannot_end_anothers_connection_by_taking_its_client_id(site, comes):
    first = comes(enrolled_and_known(site, comes, "b1-node"), "tocsin-example-b1-node")
    until(lambda: first.connected, "connected")
    second = comes(enrolled_and_known(site, comes, "b2-node"), "tocsin-example-b1-node")
    until(lambda: second.connected, "connected too")
    assert first.asks(f"{ROOT}/b1-node/ack") == [True]
    assert first.ended == []


def test_a_revoked_node_is_disconnected_at_once_and_its_certificate_opens_no_connection_any_more(site, comes):
    folder, neighbour = enrolled_and_known(site, comes), enrolled_and_known(site, comes, "b2-node")
    node = comes(folder)
    until(lambda: node.connected, "connected")
    site.revoke()
    until(lambda: node.ended, "disconnected", within_s=3.0)
    site.broker.reload()
    until(lambda: turned_away(comes(folder)), "refused at the handshake")
    assert allowed(comes(neighbour), "b2-node"), "others are let in as before"


def test_who_comes_back_before_the_broker_has_read_the_list_is_ended_all_the_same(site, comes):
    folder = enrolled_and_known(site, comes)
    site.revoke()
    again = comes(folder)
    until(lambda: again.connected, "the broker does not know yet")
    site.broker.reload()
    until(lambda: again.ended, "ended by a sweep", within_s=SWEEPS_S[1] + 3.0)
    # A busy broker takes the signal to read the list later than the sweep's message.
    until(lambda: turned_away(comes(folder)), "refused at the handshake", within_s=SWEEPS_S[1])


def test_a_certificate_from_before_a_renewal_is_revoked_with_the_node(site, comes, tmp_path):
    folder = enrolled_and_known(site, comes)
    old = Path(shutil.copytree(folder, tmp_path / "old"))
    HttpsEnrolment(folder).renew()
    assert allowed(comes(old), "b1-node"), "it counts until it ends"
    site.revoke()
    site.broker.reload()
    until(lambda: turned_away(comes(old)), "refused")
    assert turned_away(comes(folder))


def turned_away(intruder):
    until(lambda: intruder.refused or intruder.ended or intruder.connected, "an answer of the broker")
    return not intruder.connected


def test_where_the_broker_reads_no_list_a_revoked_node_is_let_near_nothing(site, comes):
    folder = enrolled_and_known(site, comes)
    site.revoke()
    known = site.broker.folder / "dynamic-security.json"
    until(lambda: '"example/b1-node"' not in known.read_text(encoding="utf-8"), "the access list knows it no more")
    again = comes(folder)
    until(lambda: again.connected, "its certificate still opens the connection")
    assert again.asks(f"{ROOT}/b1-node/ack", f"{ROOT}/_cloud/+") == [False, False]
    again.says(f"{ROOT}/b1-node/events", b"still here")
    marker = comes(enrolled_and_known(site, comes, "b2-node"))
    until(lambda: marker.connected, "connected")
    marker.says(f"{ROOT}/b2-node/events", b"later nonsense")
    until(site.letters, "what came later")
    assert {letter.node_id for letter in site.letters()} == {"b2-node"}


def test_a_broker_that_lost_its_access_list_gets_it_back(site, comes):
    folder = enrolled_and_known(site, comes)
    site.broker.kill()
    (site.broker.folder / "dynamic-security.json").unlink()
    site.broker.setup.write(site.authority, datetime.now(UTC))
    site.broker.start()
    until(lambda: allowed(comes(folder), "b1-node"), "known again", within_s=30.0)


def test_a_replaced_board_delivers_and_does_nothing_else(site, comes):
    old = enrolled_and_known(site, comes)
    new = enrolled_and_known(site, comes, name="new-board", replaces=True)
    until(lambda: drains(comes(old)), "the old board only drains")
    board = comes(new)
    until(lambda: board.connected, "connected")
    assert board.asks(f"{ROOT}/b1-node/ack", f"{ROOT}/b1-node/command") == [True, True]


def drains(board):
    until(lambda: board.connected, "connected")
    answers = board.asks(f"{ROOT}/b1-node/ack", f"{ROOT}/b1-node/command", f"{ROOT}/b1-node/config")
    board.close()
    return answers == [True, False, False]


def test_a_code_is_good_once(site, tmp_path):
    code = site.code()
    HttpsEnrolment(tmp_path / "first").enrol(site.cloud.url, code, None)
    with pytest.raises(EnrolmentError, match="has been used"):
        HttpsEnrolment(tmp_path / "second").enrol(site.cloud.url, code, None)


def test_a_code_of_another_cloud_is_not_redeemed_here(site, tmp_path):
    code = ClaimCode.parse(site.code())
    foreign = ClaimCode(code.claim, code.secret, bytes(10)).text
    with pytest.raises(EnrolmentError, match="is not the cloud this claim code comes from"):
        HttpsEnrolment(tmp_path / "node").enrol(site.cloud.url, foreign, None)


def test_guessing_is_slowed_down_and_locks_the_claim_which_its_owner_is_told(site, tmp_path):
    code = ClaimCode.parse(site.code())
    said = []
    for guess in range(USUAL.claim + 2):
        wrong = ClaimCode(code.claim, guess.to_bytes(10, "big"), code.authority).text
        with pytest.raises(EnrolmentError) as refused:
            HttpsEnrolment(tmp_path / "guesser").enrol(site.cloud.url, wrong, None)
        said.append(str(refused.value))
    assert "no such claim code" in said[0]
    assert "Too many wrong claim codes" in said[-1]
    with pytest.raises(EnrolmentError, match="too often with a wrong secret"):
        HttpsEnrolment(tmp_path / "owner").enrol(site.cloud.url, code.text, None)
    assert HttpsEnrolment(tmp_path / "owner").enrol(site.cloud.url, site.code(), None), "a new code lets them in"


def test_a_node_renews_with_its_old_key_and_is_the_same_at_the_broker(site, comes):
    folder = enrolled_and_known(site, comes)
    before = HttpsEnrolment(folder).identity
    renewed = HttpsEnrolment(folder).renew()
    assert renewed.credential == before.credential
    assert renewed.certificate_file != before.certificate_file
    assert len(list(folder.glob("node-*.key"))) == 1
    assert allowed(comes(folder), "b1-node")


def test_a_revoked_node_renews_nothing(site, comes):
    folder = site.enrol()
    site.cloud.enrolling.revoke(ESTATE, "b1-node", actor="operator:test")
    with pytest.raises(EnrolmentError, match="was revoked"):
        HttpsEnrolment(folder).renew()
