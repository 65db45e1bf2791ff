"""Logs tell the story of one incident by one id, from the pin to the person."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from cloud.adapters.logging import set_up
from cloud.adapters.sql import SqlUnitsOfWork
from tests.fakes.channels import sender, sends_all, silent
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state


@pytest.fixture
def logged(tmp_path):
    root = logging.getLogger()
    before, configured = (root.handlers[:], root.level), structlog.get_config()
    engine = fresh_state(tmp_path / "state.db")
    out = io.StringIO()

    def in_form(form):
        structlog.reset_defaults()
        set_up(form, "info", to=out)
        return Scene(SqlUnitsOfWork(engine)), lambda: [json.loads(line) for line in out.getvalue().splitlines()]

    yield in_form
    engine.dispose()
    structlog.configure(**configured)
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    logging.getLogger("cloud.story").setLevel(logging.NOTSET)


def test_one_id_finds_the_alarm_the_message_and_the_person(logged):
    scene, lines = logged("json")
    scene.rings("lift.entrapment", "b1/lift-1")
    sends_all(sender(scene, silent()))
    scene.act.acknowledge(scene.only_task().id, "technician", cause="request-7")
    incident = scene.only_task().incident_id
    story = [line for line in lines() if line.get("correlation_id") == incident]
    kinds = [line["event"] for line in story]
    assert kinds[0] == "alert.fired"
    assert kinds[-1] == "task.acknowledged"
    assert {"task.routed", "notification.sent"} <= set(kinds)
    fired, answered = story[0], story[-1]
    assert fired["actor"] == "node:b1-node"
    assert fired["causation_id"]
    assert fired["occurrence"], "the id under which the node's own logs tell of it"
    assert (answered["actor"], answered["causation_id"]) == ("member:technician", "request-7")
    assert [line["seq"] for line in story] == sorted(line["seq"] for line in story)


def test_what_was_not_committed_is_not_told(logged):
    scene, lines = logged("json")
    before = len(lines())
    with scene.units.writing() as uow:
        from cloud.domain.records.ledger import Draft, Kind

        uow.ledger.append("example", [Draft(Kind.NODE_BORN, scene.clock.now(), "system")])
    assert len(lines()) == before


def test_a_terminal_is_not_flooded(logged):
    scene, _ = logged("console")
    scene.rings("lift.entrapment", "b1/lift-1")
    assert not logging.getLogger("cloud.story").isEnabledFor(logging.INFO)
