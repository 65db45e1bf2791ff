"""Residents and volunteers earn points for verified, useful acts, by a published table with daily caps."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.adapters.estate_file import default_credit_table
from cloud.domain.credit.account import DayUsed, EntryKind, ReversalReason, Withheld, balance, grant, reverse
from cloud.domain.credit.act import Act, CreditedStep, deed, hazard_report, response
from cloud.domain.credit.shapley import Synergy
from cloud.domain.credit.table import DONE, ActKind, CreditTable
from cloud.domain.duties.duty import Need
from cloud.domain.duties.escalation import EscalationPolicy, Ladder
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.clock import Clock, ClockKind
from cloud.domain.tasks.task import Check, Resolution, ResolutionReason, Task, TaskState
from cloud.errors import Conflict, Invalid
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.fakes.neighbours import DOORS, register

TABLE = default_credit_table()
PEOPLE = ["ann", "ben", "cao", "dan", "eve"]


def paid(act: Act, used: DayUsed | None = None, table: CreditTable = TABLE):
    ids = count(1)
    return grant(act, table, register(), used or DayUsed({}), now=START, new_id=lambda: f"e{next(ids)}")


def patrol(*doers: str, by: str = "manager", number: int = 1) -> Act:
    return deed(f"patrol-{number}", ActKind.PATROL, doers, START, [by])


def test_prevention_counts_as_much_as_response():
    response = TABLE.row(ActKind.RESPONSE)
    for kind in (ActKind.HAZARD_REPORT, ActKind.PATROL, ActKind.SMALL_TASK):
        assert TABLE.row(kind).points >= response.points


def test_paid_after_verification_and_never_before():
    with pytest.raises(Invalid, match="only after verification"):
        deed("patrol-1", ActKind.PATROL, ["ann"], START, [])


def test_who_confirms_never_earns_and_what_is_withheld_is_paid_to_nobody_else():
    entries = {entry.member_id: entry for entry in paid(patrol("ann", "ben", by="ben"))}
    assert (entries["ann"].points, entries["ann"].withheld) == (5, None)
    assert (entries["ben"].points, entries["ben"].earned, entries["ben"].withheld) == (0, 5, Withheld.CONFIRMED_IT)


def test_organisations_earn_no_points():
    entries = {entry.member_id: entry for entry in paid(patrol("ann", "guard", "gone-since"))}
    assert {e.withheld for e in entries.values() if e.member_id != "ann"} == {Withheld.ORGANISATION}
    assert sum(entry.points for entry in entries.values()) == entries["ann"].points
    assert sum(entry.earned for entry in entries.values()) == 10
    assert paid(patrol("neighbour"))[0].points == 10, "a resident is one, whatever party they belong to"


def test_exercises_never_count():
    assert paid(replace(patrol("ann"), mode="exercise")) == []


def test_a_kind_that_the_estate_does_not_publish_earns_nothing():
    assert paid(patrol("ann"), table=replace(TABLE, rows=TABLE.rows[:1], together=())) == []


def test_a_hazard_is_reported_early_or_not_at_all():
    early = hazard_report("r1", "cao", START, ["manager"], known_since=START + timedelta(seconds=1))
    assert [(entry.act_id, entry.points) for entry in paid(early)] == [("report:r1", 10)]
    assert hazard_report("r1", "cao", START, ["manager"], known_since=START) is None


def closed_task(workers: set[str], finished: set[str], reason=ResolutionReason.FIXED, **extra) -> Task:
    parts = [Assignment("lead", "property", AssignmentRole.LEAD, START)]
    for party in ("volunteers", "flat-1", "flat-2", "lift-firm"):
        state = AssignmentState.DONE if party in finished else AssignmentState.ARRIVED
        parts.append(Assignment(party, party, AssignmentRole.SUPPORT, START, state))
    return replace(
        Task(
            "t", ESTATE, "i", "access.forced-open", life_safety=False, mode="real", duty=DOORS, named_lead_id="property",
            assignments=parts, opened_at=START, tto=Clock.start(ClockKind.TTO, START, DOORS.tto),
            ttr=Clock.start(ClockKind.TTR, START, DOORS.ttr), ladder=Ladder.start(EscalationPolicy(), START),
            state=TaskState.CLOSED, resolved_at=START, closed_at=START, workers=frozenset(workers),
            resolution=Resolution(reason, START), checks=(Check(Need.INDEPENDENT, START, "eve"),),
        ),
        **extra,
    )  # fmt: skip


def helped(task: Task) -> dict[str, int]:
    act = response(task, register(), "manager")
    return {} if act is None else {entry.member_id: entry.points for entry in paid(act)}


def test_a_response_is_worth_the_same_however_many_come():
    assert helped(closed_task({"ann", "guard"}, {"volunteers"})) == {"ann": 10}
    assert helped(closed_task({"ann", "cao"}, {"volunteers", "flat-1"})) == {"ann": 5, "cao": 5}
    assert sum(helped(closed_task({"ann", "ben", "cao", "technician"}, {"volunteers"})).values()) == 10


def test_each_step_is_for_those_without_whom_it_would_not_have_been_done():
    assert helped(closed_task({"ann", "cao"}, {"volunteers"})) == {"ann": 8, "cao": 2}
    assert helped(closed_task({"ann"}, set())) == {"ann": 4}
    assert helped(closed_task({"ann"}, {"volunteers"}, ResolutionReason.FALSE_ALARM)) == {"ann": 4}


def test_who_made_a_check_confirms_it_too():
    assert helped(closed_task({"ann", "eve"}, {"volunteers", "flat-2"})) == {"ann": 5, "eve": 0}


def test_where_no_neighbour_helped_or_nothing_was_verified_there_is_nothing_to_pay():
    assert helped(closed_task({"guard", "technician", "gone-since"}, {"lift-firm"})) == {}
    assert helped(closed_task({"ann"}, {"volunteers"}, mode="exercise")) == {}
    assert helped(closed_task({"ann"}, {"volunteers"}, state=TaskState.RESOLVED)) == {}


def test_declared_synergies_are_part_of_the_division():
    joint = replace(patrol("ann"), synergy=Synergy({frozenset({"ann", "ben"}): 8}))
    assert {entry.member_id: entry.points for entry in paid(joint)} == {"ann": 14, "ben": 4}


def test_a_day_has_a_cap_for_each_kind_and_one_for_everything():
    used, got = DayUsed({}), []
    for number in range(4):
        got += paid(patrol("ann", number=number), used)
    assert [entry.points for entry in got] == [10, 10, 0, 0]
    assert got[2].withheld is Withheld.DAILY_CAP
    for kind in (ActKind.SMALL_TASK, ActKind.SMALL_TASK, ActKind.HAZARD_REPORT):
        got += paid(deed(f"x{len(got)}", kind, ["ann"], START, ["manager"]), used)
    assert balance(got) == TABLE.daily_cap
    assert paid(patrol("ben", number=9), used)[0].points == 10, "a cap is each member's own"


def test_the_day_is_the_estates_day_of_the_act_not_that_of_the_confirmation():
    """23:30 in Shanghai is 15:30 UTC; it is confirmed, and granted, days later."""
    late = START.replace(hour=15, minute=30)
    entry = paid(deed("p", ActKind.PATROL, ["ann"], late, ["manager"]))[0]
    assert entry.day == late.date()
    assert paid(deed("p", ActKind.PATROL, ["ann"], late + timedelta(hours=1), ["manager"]))[0].day > entry.day


def test_the_credited_act_keeps_its_version_of_the_table():
    assert paid(patrol("ann"), table=replace(TABLE, version=7))[0].table_version == 7


def test_reversals_are_new_entries_that_take_back_what_was_paid_and_no_more():
    used = DayUsed({("ann", ActKind.PATROL): 13})
    entry = paid(patrol("ann"), used)[0]
    assert (entry.points, entry.earned) == (7, 10)
    back = reverse(entry, ReversalReason.NOT_DONE, "member:manager", now=START, new_id=lambda: "r1")
    assert (back.kind, back.points, back.reverses, back.day) == (EntryKind.REVERSED, -7, entry.id, entry.day)
    assert balance([entry, back]) == 0
    with pytest.raises(Conflict, match="is a reversal itself"):
        reverse(back, ReversalReason.MISTAKEN, "system", now=START, new_id=lambda: "r2")


def test_what_was_taken_back_gives_the_day_its_room_again():
    entry = paid(patrol("ann"))[0]
    back = reverse(entry, ReversalReason.NOT_DONE, "system", now=START, new_id=lambda: "r1")
    assert DayUsed.of([entry, back]).room("ann", ActKind.PATROL, TABLE) == 20


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(ActKind)[:3]),
            st.frozensets(st.sampled_from([*PEOPLE, "guard"]), min_size=1, max_size=4),
            st.sampled_from([*PEOPLE, "manager"]),
            st.integers(0, 30),
            st.booleans(),
        ),
        max_size=25,
    )
)
def test_the_sum_of_all_accounts_is_what_was_granted_less_what_was_reversed(acts):
    """Whatever is granted and taken back in whatever order: no account below zero, no cap exceeded, nobody paid for
    what they confirmed, no point from nowhere.
    """
    entries, ids = [], count(1)
    for number, (kind, doers, by, hours, then_reversed) in enumerate(acts):
        act = deed(f"act-{number}", kind, doers, START + timedelta(hours=hours), [by])
        day = register().estate.local(act.at).date()
        used = DayUsed.of([entry for entry in entries if entry.day == day])
        made = grant(act, TABLE, register(), used, now=START, new_id=lambda: f"e{next(ids)}")
        assert sum(entry.earned for entry in made) == 10
        assert all(0 <= entry.points <= entry.earned for entry in made)
        assert all(entry.points == 0 for entry in made if entry.member_id in {by, "guard"})
        entries += made
        if then_reversed:
            entries += [
                reverse(e, ReversalReason.NOT_DONE, "system", now=START, new_id=lambda: f"e{next(ids)}") for e in made
            ]
    accounts = {id_: balance(e for e in entries if e.member_id == id_) for id_ in [*PEOPLE, "guard"]}
    granted = sum(entry.points for entry in entries if entry.kind is EntryKind.GRANTED)
    taken = -sum(entry.points for entry in entries if entry.kind is EntryKind.REVERSED)
    assert sum(accounts.values()) == granted - taken
    assert min(accounts.values()) >= 0
    for id_ in PEOPLE:
        for day in {entry.day for entry in entries}:
            assert balance(e for e in entries if (e.member_id, e.day) == (id_, day)) <= TABLE.daily_cap


def test_a_table_that_does_not_hold_together_is_refused_row_by_row():
    row = TABLE.row(ActKind.PATROL)
    broken = [
        (replace(row, daily_cap=9), "less than one act's 10 points"),
        (replace(row, steps=()), "its steps are done, not none"),
        (replace(row, steps=(replace(row.steps[0], points=0),)), "at least 1"),
    ]
    for bad, said in broken:
        with pytest.raises(Invalid, match=said):
            CreditTable((bad,), 40)
    with pytest.raises(Invalid, match="stands 2 times"):
        CreditTable((row, row), 40)
    with pytest.raises(Invalid, match="at least 1 point a day"):
        CreditTable((row,), 0)


def test_a_step_nobody_is_needed_for_is_no_step():
    with pytest.raises(Invalid, match="at least one person"):
        paid(Act("a", ActKind.PATROL, START, (CreditedStep(DONE, frozenset()),), frozenset({"manager"})))
