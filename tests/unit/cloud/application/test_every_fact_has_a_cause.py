"""Every entry says who, when, in which incident and what brought it about; and who is let in is a fact too."""

from __future__ import annotations

import pytest

from cloud.application.estates.sign_in import SignIn
from cloud.domain.records.ledger import Kind
from cloud.errors import Unavailable
from tests.fakes.channels import FakeChannel, sender, sends_all
from tests.fakes.estate import ESTATE


def test_an_incident_is_told_from_its_alarm_to_its_end_with_causes(scene):
    number = scene.rings("lift.entrapment", "b1/lift-1")
    scene.is_born(1, (number, "lift.entrapment", "b1/lift-1"))
    post = FakeChannel()
    post.breaks(Unavailable("nobody answers there"), at="Property")
    sends_all(sender(scene, {"console": post}))
    scene.passes(minutes=4)
    task = scene.board()[0]
    scene.act.acknowledge(task.id, "technician", cause="request-1", note="on my way")
    scene.act.start(task.id, "technician", cause="request-2")
    scene.falls_quiet("lift.entrapment", "b1/lift-1", number)
    scene.is_born(2)
    scene.dies(2)
    entries = scene.ledger()
    kinds = {entry.kind for entry in entries}
    assert {
        Kind.ALERT_FIRED, Kind.TASK_ROUTED, Kind.NOTIFIED, Kind.NOT_NOTIFIED, Kind.CLOCK_BREACHED, Kind.ESCALATED,
        Kind.TASK_ACKNOWLEDGED, Kind.NOTE_ADDED, Kind.TASK_STARTED, Kind.ALERT_RESOLVED, Kind.NODE_BORN, Kind.NODE_DIED,
    } <= kinds  # fmt: skip
    assert [entry.kind for entry in entries if not entry.causation_id or not entry.actor] == []
    story = [entry for entry in entries if not entry.kind.startswith(("node.", "estate."))]
    assert None not in {entry.correlation_id for entry in story}
    assert {e.correlation_id for e in story if e.data.get("hazard") == "lift.entrapment"} == {task.incident_id}


@pytest.fixture
def sign_in(scene):
    return SignIn(scene.units, scene.clock)


def test_who_is_let_in_by_whom_and_who_comes_and_goes_is_told_without_any_token(scene, sign_in):
    link = sign_in.issue_link("guard", actor="operator:root")
    session = sign_in.enter(link.token)
    sign_in.leave(session.token)
    sign_in.leave(session.token)
    told = scene.ledger()[-3:]
    assert [(entry.kind, entry.actor) for entry in told] == [
        (Kind.ACCESS_GRANTED, "operator:root"),
        (Kind.SIGNED_IN, "member:guard"),
        (Kind.SIGNED_OUT, "member:guard"),
    ]
    assert told[0].data == {"member": "guard", "purpose": "link", "scopes": []}
    for secret in (link.token, session.token, link.key.hash, session.key.hash):
        assert secret not in str(scene.ledger())
    assert {entry.estate for entry in told} == {ESTATE}
