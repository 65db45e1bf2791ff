"""The messages about a threat to life, as CAP 1.2 (section 3.2.1) and people.md want them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.records.ledger import Draft, Entry, Head, Kind, chain
from cloud.domain.records.warnings import Certainty, MessageType, warnings_of

NOON = datetime(2026, 5, 12, 4, tzinfo=UTC)
SMOKE = {"hazard": "fire.smoke", "severity": "critical", "place": "s/example/b1/f7"}
ALERT, UPDATE, CANCEL = MessageType.ALERT, MessageType.UPDATE, MessageType.CANCEL


def told(*steps: tuple[Kind, dict[str, Any]], cause: str = "event:1") -> list[Entry]:
    """One incident's entries, a minute apart."""
    drafts = [
        Draft(kind, NOON + timedelta(minutes=n), "system", "incident-1", "task-1", cause, data)
        for n, (kind, data) in enumerate(steps)
    ]
    return list(chain("example", Head(), drafts))


def test_an_alarm_that_threatens_life_is_an_alert_and_its_end_a_cancel_that_refers_to_it():
    alert, cancel = warnings_of(told((Kind.INCIDENT_OPENED, SMOKE), (Kind.NOTE_ADDED, {}), (Kind.TASK_CLOSED, {})))
    assert (alert.type, alert.references, alert.exercise, alert.over) == (ALERT, (), False, False)
    assert (cancel.type, cancel.over) == (CANCEL, True)
    assert [one.identifier for one in cancel.references] == [alert.identifier]


def test_what_worsens_is_an_update_that_refers_to_all_before_it():
    found = warnings_of(
        told(
            (Kind.INCIDENT_OPENED, SMOKE),
            (Kind.SEVERITY_RISEN, SMOKE),
            (Kind.FIRE_PRESUMED, {"hazard": "fire.presumed"}),
        )
    )
    assert [one.type for one in found] == [ALERT, UPDATE, UPDATE]
    assert [one.identifier for one in found[2].references] == [found[0].identifier, found[1].identifier]
    assert found[2].hazard == "fire.presumed"


def test_what_threatens_nobody_warns_nobody_until_it_does():
    door = {**SMOKE, "hazard": "lift.door-fault"}
    trapped = {**SMOKE, "hazard": "lift.entrapment"}
    found = warnings_of(told((Kind.INCIDENT_OPENED, door), (Kind.INCIDENT_WORSENED, trapped)))
    assert [(one.type, one.hazard) for one in found] == [(ALERT, "lift.entrapment")]
    assert warnings_of(told((Kind.INCIDENT_OPENED, door), (Kind.TASK_CLOSED, {}))) == []


def test_what_is_inside_a_home_is_never_told():
    home = {**SMOKE, "hazard": "welfare.no-activity"}
    assert warnings_of(told((Kind.INCIDENT_OPENED, home), (Kind.SEVERITY_RISEN, home), (Kind.TASK_CLOSED, {}))) == []


def test_old_news_of_what_is_over_warns_nobody_until_it_calls_people():
    late = {**SMOKE, "late": True}
    assert warnings_of(told((Kind.INCIDENT_OPENED, late), (Kind.LATE_NEWS, SMOKE))) == []
    found = warnings_of(told((Kind.INCIDENT_OPENED, late), (Kind.TASK_REOPENED, SMOKE)))
    assert [one.type for one in found] == [ALERT]


def test_an_exercise_that_turns_real_is_taken_back_and_told_anew():
    drill = {**SMOKE, "mode": "exercise"}
    first, cancel, real = warnings_of(told((Kind.INCIDENT_OPENED, drill), (Kind.EXERCISE_REAL, {})))
    assert (first.exercise, cancel.exercise, real.exercise) == (True, True, False)
    assert (cancel.type, real.type, real.references) == (CANCEL, ALERT, ())
    assert not cancel.over, "the danger begins; only the exercise is taken back"
    assert len({first.identifier, cancel.identifier, real.identifier}) == 3


def test_a_test_that_is_called_off_is_taken_back_as_all_clear():
    drill = {**SMOKE, "mode": "exercise"}
    alert, cancel = warnings_of(told((Kind.INCIDENT_OPENED, drill), (Kind.TASK_CANCELLED, {})))
    assert (cancel.type, cancel.exercise, cancel.over) == (CANCEL, True, True)
    assert [one.identifier for one in cancel.references] == [alert.identifier]


def test_what_comes_back_after_its_end_is_a_new_alert():
    found = warnings_of(told((Kind.INCIDENT_OPENED, SMOKE), (Kind.TASK_CLOSED, {}), (Kind.TASK_REOPENED, SMOKE)))
    assert [one.type for one in found] == [ALERT, CANCEL, ALERT]
    assert found[2].references == ()


def test_what_is_merged_goes_on_elsewhere_and_is_not_said_to_be_over():
    found = warnings_of(told((Kind.INCIDENT_OPENED, SMOKE), (Kind.MERGED, {})))
    assert (found[1].type, found[1].over) == (CANCEL, False)


def test_what_only_people_say_is_possible_until_something_bears_it_out():
    entries = told((Kind.INCIDENT_OPENED, SMOKE), (Kind.OTHERS_JOINED, SMOKE), cause="report:7")
    assert [one.certainty for one in warnings_of(entries)] == [Certainty.POSSIBLE, Certainty.LIKELY]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(list(Kind)),
        st.fixed_dictionaries(
            {}, optional={
                "hazard": st.sampled_from(["fire.smoke", "lift.door-fault", "welfare.no-activity", "of-elsewhere.x"]),
                "severity": st.sampled_from(["minor", "critical"]),
                "late": st.booleans(),
                "mode": st.just("exercise"),
            }
        ),
    ),
    max_size=12,
)  # fmt: skip


@given(STEPS)
def test_whatever_the_ledger_says_messages_stay_and_refer_only_to_what_stands(steps):
    entries = told(*steps)
    found = warnings_of(entries)
    for end in range(len(entries)):
        assert warnings_of(entries[:end]) == found[: len(warnings_of(entries[:end]))], "what was sent is never changed"
    assert len({one.identifier for one in found}) == len(found)
    standing: list[str] = []
    for one in found:
        assert [ref.identifier for ref in one.references] == standing
        assert (one.type is ALERT) == (not standing)
        assert not one.hazard.startswith("welfare.") or one.type is CANCEL
        standing = [] if one.type is CANCEL else [*standing, one.identifier]
