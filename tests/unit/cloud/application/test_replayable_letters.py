"""Which dead letters can be taken after all."""

from __future__ import annotations

from dataclasses import replace

from cloud.application import replayable
from cloud.application.records import DeadLetter
from tests.fakes.clocks import START

LETTER = DeadLetter("1", START, "tocsin/v1/e/n/telemetry", "the whole batch is refused", b"{}", "e", "n", "schema")


def test_a_numbered_batch_that_was_refused_whole_can_be_tried():
    assert replayable.hindrance(LETTER) is None
    assert replayable.hindrance(replace(LETTER, topic="tocsin/v1/e/n/events", reason="event 1: x")) is None


def test_each_hindrance_has_its_reason():
    assert replayable.hindrance(replace(LETTER, node_id=None)) is replayable.NOBODYS
    assert replayable.hindrance(replace(LETTER, payload=b"")) is replayable.FORGOTTEN
    assert replayable.hindrance(replace(LETTER, topic="tocsin/v1/e/n/receipt")) is replayable.FLEETING
    assert replayable.hindrance(replace(LETTER, reason="record 1: no value")) is replayable.PARTLY
    whole = replace(LETTER, reason="record 1: no value; the whole batch is refused")
    assert replayable.hindrance(whole) is None


def test_a_stranger_is_known_from_letters_that_an_earlier_release_kept_as_well():
    said = "Node e/n is not enrolled, or was revoked: it is not heard"
    assert replayable.hindrance(replace(LETTER, why="identity")) is replayable.STRANGERS
    assert replayable.hindrance(replace(LETTER, why=None, reason=said)) is replayable.STRANGERS
    assert replayable.hindrance(replace(LETTER, why="schema", reason=said)) is None
