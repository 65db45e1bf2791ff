"""No ladder ends in silence, nor does anything above it; and what its cause hides waits (governance.md, Vertical)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.domain.community.party import PartyRef
from cloud.domain.duties.escalation import EscalationPolicy
from cloud.domain.records.ledger import Kind
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene


@pytest.fixture
def scene():
    return Scene(estate=neighbourhood("street"))


def waits(scene, *, hours: int):
    for _ in range(6 * hours):
        scene.passes(minutes=10)


def ends(scene, since: int = 0):
    return [party for party, reason in scene.told()[since:] if reason == "ladder_ended"]


def test_where_one_level_does_not_answer_the_next_is_asked_and_the_highest_is_told_daily_without_end(scene):
    scene.rings("access.forced-open", "b1/door")
    waits(scene, hours=4)
    first = len(scene.told())
    assert ends(scene)[0] == "street"
    for day in range(1, 6):
        scene.passes(hours=24)
        assert set(ends(scene)[-2:]) == {"street", "property"}
        assert len(ends(scene, first)) == 2 * day, "once a day, to the highest and to who answers for the estate"
    task = scene.only_task()
    assert (task.state, task.responsible.id) == ("new", "property")
    assert scene.act.acknowledge(task.id, "officer").state == "acknowledged"
    said = len(scene.told())
    scene.act.start(task.id, "officer")
    scene.passes(hours=30)
    assert ends(scene, said) == []


def test_late_news_that_nobody_was_called_for_goes_up_to_nobody(scene):
    from tests.fakes.estate import raised

    scene.send(raised("access.forced-open", "b1/door", 1), age=3600.0)
    for _ in range(3):
        scene.passes(hours=10)
    assert scene.told() == []


def hidden(scene):
    """A door held open, and then a fire in the same building, which explains it."""
    scene.rings("access.held-open", "b1/door")
    number = scene.rings("fire.smoke", "b1/smoke-1")
    door, fire = (next(t for t in scene.board() if t.hazard.startswith(one)) for one in ("access", "fire"))
    assert door.hidden_by is not None
    return door, fire, number


WAITED = {Kind.LADDER_ENDED, Kind.ARBITER_ASKED, Kind.REQUEST_EXPIRED, Kind.ESCALATED}


def test_of_what_its_cause_hides_no_request_lapses_and_no_ladder_ends(scene):
    door, fire, _ = hidden(scene)
    scene.act.acknowledge(fire.id, "watch")
    waits(scene, hours=5)
    assert not WAITED & set(scene.kinds(door))
    part = next(one for t in scene.board() if t.id == door.id for one in t.assignments if one.role == "lead")
    assert part.state == "requested"


def test_once_it_is_seen_again_what_was_left_is_left_and_the_ladder_calls(scene):
    door, fire, number = hidden(scene)
    scene.act.acknowledge(fire.id, "watch")
    waits(scene, hours=5)
    scene.falls_quiet("fire.smoke", "b1/smoke-1", number)
    shown = next(one for one in scene.board() if one.id == door.id)
    assert shown.hidden_by is None
    scene.passes(minutes=9)
    assert not WAITED & set(scene.kinds(shown)), "it had ten minutes when it was hidden"
    scene.passes(minutes=1)
    assert {Kind.REQUEST_EXPIRED, Kind.ESCALATED} <= set(scene.kinds(shown))
    waits(scene, hours=3)
    assert Kind.LADDER_ENDED in scene.kinds(shown)


def test_the_highest_level_is_asked_to_take_over_although_the_ladder_had_only_told_it():
    def loud(row):
        step = row.ladder.steps[0]
        both = (PartyRef("kind", "residents_committee"), PartyRef("kind", "street_office"))
        return replace(row, ladder=EscalationPolicy((replace(step, targets=both, repeat=None),)))

    plain = neighbourhood("street")
    duties = tuple(loud(row) if row.hazards == ("access.*",) else row for row in plain.duties)
    scene = Scene(estate=replace(plain, duties=duties))
    scene.rings("access.forced-open", "b1/door")
    waits(scene, hours=2)
    part = next(one for one in scene.only_task().assignments if one.party.id == "street")
    assert part.role == "lead", "it was asked, and not merely free to accept"
    assert scene.act.acknowledge(scene.only_task().id, "officer").state == "acknowledged"
    assert scene.only_task().responsible.id == "street"
