"""The messages about a threat to life, as CAP 1.2 (section 3.2.1) and people.md want them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.records.ledger import Draft, Entry, Head, Kind
from cloud.domain.records.ledger_chain import chain
from cloud.domain.records.warnings import LASTS, Certainty, MessageType, PublicWarning, warnings_of

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


def said(entries: list[Entry], now: datetime | None = None) -> list[PublicWarning]:
    """All messages until `now`, which is when the last entry was written."""
    return warnings_of(entries, now or (entries[-1].at if entries else NOON))


def test_an_alarm_that_threatens_life_is_an_alert_and_its_end_a_cancel_that_refers_to_it():
    alert, cancel = said(told((Kind.INCIDENT_OPENED, SMOKE), (Kind.NOTE_ADDED, {}), (Kind.TASK_CLOSED, {})))
    assert (alert.type, alert.references, alert.exercise, alert.over) == (ALERT, (), False, False)
    assert (cancel.type, cancel.over) == (CANCEL, True)
    assert [one.identifier for one in cancel.references] == [alert.identifier]


def test_what_worsens_is_an_update_that_refers_to_all_before_it():
    found = said(
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
    found = said(told((Kind.INCIDENT_OPENED, door), (Kind.INCIDENT_WORSENED, trapped)))
    assert [(one.type, one.hazard) for one in found] == [(ALERT, "lift.entrapment")]
    assert said(told((Kind.INCIDENT_OPENED, door), (Kind.TASK_CLOSED, {}))) == []


def test_what_is_inside_a_home_is_never_told():
    home = {**SMOKE, "hazard": "welfare.no-activity"}
    assert said(told((Kind.INCIDENT_OPENED, home), (Kind.SEVERITY_RISEN, home), (Kind.TASK_CLOSED, {}))) == []


def test_old_news_of_what_is_over_warns_nobody_until_it_calls_people():
    late = {**SMOKE, "late": True}
    assert said(told((Kind.INCIDENT_OPENED, late), (Kind.LATE_NEWS, SMOKE))) == []
    found = said(told((Kind.INCIDENT_OPENED, late), (Kind.TASK_REOPENED, SMOKE)))
    assert [one.type for one in found] == [ALERT]


def test_an_exercise_that_turns_real_is_taken_back_and_told_anew():
    drill = {**SMOKE, "mode": "exercise"}
    first, cancel, real = said(told((Kind.INCIDENT_OPENED, drill), (Kind.EXERCISE_REAL, {})))
    assert (first.exercise, cancel.exercise, real.exercise) == (True, True, False)
    assert (cancel.type, real.type, real.references) == (CANCEL, ALERT, ())
    assert not cancel.over, "the danger begins; only the exercise is taken back"
    assert len({first.identifier, cancel.identifier, real.identifier}) == 3


def test_a_test_that_is_called_off_is_taken_back_as_all_clear():
    drill = {**SMOKE, "mode": "exercise"}
    alert, cancel = said(told((Kind.INCIDENT_OPENED, drill), (Kind.TASK_CANCELLED, {})))
    assert (cancel.type, cancel.exercise, cancel.over) == (CANCEL, True, True)
    assert [one.identifier for one in cancel.references] == [alert.identifier]


def test_what_comes_back_after_its_end_is_a_new_alert():
    found = said(told((Kind.INCIDENT_OPENED, SMOKE), (Kind.TASK_CLOSED, {}), (Kind.TASK_REOPENED, SMOKE)))
    assert [one.type for one in found] == [ALERT, CANCEL, ALERT]
    assert found[2].references == ()


def test_what_is_merged_goes_on_elsewhere_and_is_not_said_to_be_over():
    found = said(told((Kind.INCIDENT_OPENED, SMOKE), (Kind.MERGED, {})))
    assert (found[1].type, found[1].over) == (CANCEL, False)


def test_what_only_people_say_is_possible_until_something_bears_it_out():
    entries = told((Kind.INCIDENT_OPENED, SMOKE), (Kind.OTHERS_JOINED, SMOKE), cause="report:7")
    assert [one.certainty for one in said(entries)] == [Certainty.POSSIBLE, Certainty.LIKELY]


def test_what_stands_is_said_again_before_it_lapses_until_it_is_over():
    entries = told((Kind.INCIDENT_OPENED, SMOKE))
    at = [NOON + timedelta(hours=hours) for hours in (7, 8, 20, 32)]
    assert [len(said(entries, now)) for now in at] == [1, 2, 3, 4]
    alert, *again = said(entries, at[3])
    assert [(one.type, one.renewed, one.sent) for one in again] == [(UPDATE, True, now) for now in at[1:]]
    assert [len(one.references) for one in again] == [1, 2, 3]
    assert all(after.sent < before.expires for before, after in pairwise([alert, *again]))
    end = replace(told((Kind.INCIDENT_OPENED, SMOKE), (Kind.TASK_CLOSED, {}))[1], at=at[2] + timedelta(minutes=1))
    found = said([*entries, end], NOON + timedelta(days=30))
    assert [one.type for one in found] == [ALERT, UPDATE, UPDATE, CANCEL]
    assert len(found[3].references) == 3
    assert found[3].expires is None


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


@given(STEPS, st.lists(st.integers(1, 3000), min_size=13, max_size=13))
def test_whatever_the_ledger_says_messages_stay_and_refer_only_to_what_stands(steps, gaps):
    moments = [NOON + timedelta(minutes=sum(gaps[:n])) for n in range(13)]
    entries = [replace(entry, at=at) for entry, at in zip(told(*steps), moments, strict=False)]
    found = said(entries, moments[len(entries)])
    for end in range(len(entries) + 1):
        for now in (moments[max(end - 1, 0)], moments[end]):
            before = said(entries[:end], now)
            assert before == found[: len(before)], "what was sent is never changed"
    assert len({one.identifier for one in found}) == len(found)
    standing: list[PublicWarning] = []
    for one in found:
        assert [ref.identifier for ref in one.references] == [ref.identifier for ref in standing]
        assert (one.type is ALERT) == (not standing)
        assert not one.hazard.startswith("welfare.") or one.type is CANCEL
        assert not standing or one.sent - standing[-1].sent < LASTS, "nobody saw it lapse"
        standing = [] if one.type is CANCEL else [*standing, one]
