"""Who reported says more before it is done; the parties of the task read it, and the lead is told where life is at stake (Residents)."""

from __future__ import annotations

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.tasks.report_keys import Own
from cloud.application.tasks.say_more import AT_ONCE, MAX_WORDS, SayMore
from cloud.domain.incidents.report import Concern
from cloud.domain.records.ledger import Kind
from cloud.domain.records.personal import PersonalClass
from cloud.domain.tasks.task import ResolutionReason as Why
from cloud.errors import Conflict, Invalid, NotFound, Throttled
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

CHILD = "a child is inside, near the seventh floor"


@pytest.fixture
def scene(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Scene(SqlUnitsOfWork(engine))
    engine.dispose()


@pytest.fixture
def say(scene):
    return SayMore(scene.units, scene.clock, scene.ids)


def told_of_more(scene):
    return [party for party, reason in scene.told() if reason == "reporter_said"]


def test_where_life_is_at_stake_the_lead_is_told_that_there_is_more_to_read(scene, say):
    made = scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    view = say(made.token, f"  {CHILD} ")
    assert [one.words for one in view.said] == [CHILD]
    assert told_of_more(scene) == ["property"], "the property alone leads until others join"
    line = scene.ledger()[-1]
    assert (line.kind, line.actor) == (Kind.REPORTER_SAID, f"report:{made.report_id}")
    assert CHILD not in str(line.data), "words stand beside the ledger, their digest in it"


def test_elsewhere_it_stands_on_the_timeline_and_calls_nobody(scene, say):
    made = scene.is_reported(Concern.LIFT_FAULT, "b1/lift-1")
    before = len(scene.told())
    say(made.token, "it hums")
    assert len(scene.told()) == before
    assert scene.ledger()[-1].kind == Kind.REPORTER_SAID


def test_it_changes_nothing_that_somebody_is_about_to_act_on(scene, say):
    made = scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    revision = scene.only_task().revision
    say(made.token, CHILD)
    assert scene.only_task().revision == revision


def test_parties_of_the_task_read_it_and_others_do_not(scene, say):
    made = scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    say(made.token, CHILD)

    def read_by(member):
        with scene.units.reading() as uow:
            viewer = uow.registers.member(member)
        found = scene.queries.incident(made.incident_id, scene.identity(viewer.id))
        return [one.words for report in found.reports for one in report.more]

    assert read_by("guard") == [CHILD]
    assert read_by("technician") == []


def test_said_twice_in_a_row_it_is_said_once(scene, say):
    made = scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    for _ in range(2):
        view = say(made.token, CHILD)
    assert len(view.said) == 1
    assert told_of_more(scene) == ["property"]


def test_nobody_is_flooded_and_later_more_is_taken(scene, say):
    made = scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    for number in range(AT_ONCE):
        say(made.token, f"word {number}")
    with pytest.raises(Throttled):
        say(made.token, "one more")
    scene.passes(minutes=11)
    assert len(say(made.token, "one more").said) == AT_ONCE + 1


@pytest.mark.parametrize("words", ["", "  ", "x" * (MAX_WORDS + 1)])
def test_words_have_a_length(scene, say, words):
    made = scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    with pytest.raises(Invalid, match="not taken"):
        say(made.token, words)


def test_once_it_is_said_to_be_done_the_verdict_has_its_own_words(scene, say):
    made = scene.is_reported(Concern.LIFT_FAULT, "b1/lift-1")
    scene.acknowledge("technician")
    scene.act.resolve(scene.only_task().id, "technician", Why.FIXED)
    assert not scene.follow.read(made.token).says_more
    with pytest.raises(Conflict, match="verdict"):
        say(made.token, CHILD)


def test_a_link_opens_its_own_report_and_no_others(scene, say):
    first = scene.is_reported(Concern.TRAPPED, "b1/lift-1", device="one")
    second = scene.is_reported(Concern.TRAPPED, "b1/lift-1", device="two")
    say(first.token, CHILD)
    assert scene.follow.read(second.token).said == []
    with pytest.raises(NotFound):
        say("wrong", CHILD)


def test_ones_own_account_opens_ones_own_report_and_nobody_elses(scene, say):
    made = scene.is_reported(Concern.TRAPPED, "b1/lift-1", member_id="ann")
    assert say(Own(made.report_id, "ann"), CHILD).said[0].words == CHILD
    for key in (Own(made.report_id, "guard"), Own("nothing", "ann")):
        with pytest.raises(NotFound):
            say(key, CHILD)


def test_what_was_said_is_erased_with_the_reporter_and_the_line_stays(scene, say):
    made = scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    say(made.token, CHILD)
    with scene.units.writing() as uow:
        (record,) = [one for one in uow.personal.of_subject(ESTATE, f"reporter:{made.report_id}") if one.text == CHILD]
        assert record.sort is PersonalClass.REPORTER
        uow.personal.erase(record.erased(scene.clock.now()))
        uow.commit()
    (report,) = scene.queries.incident(made.incident_id, None).reports
    assert [(one.words, one.erased_at is not None) for one in report.more] == [("", True)]
    assert scene.follow.read(made.token).said == []
