"""Rules run over stored readings: what would have rung, before and after a change."""

from __future__ import annotations

from cloud.application.fleet.backtest import backtest
from cloud.application.timeseries import DAY, HOUR, SECOND, Origin, StoredBatch
from schemas.alarm_rules import AlarmRule
from schemas.conditions import Limit
from tests.fakes.timeseries import InMemoryReadings

T0 = 20_000 * DAY
BOX = Origin("example", "b1-node", "box")


def rule(above=6.0, on_delay_s=0.0, name="hot"):
    limit = Limit(point="obscuration", above=above)
    return AlarmRule(
        id=f"b1/smoke-1/{name}", equipment="b1/smoke-1", hazard="fire.smoke", when=limit, on_delay_s=on_delay_s
    )


def readings(*pairs):
    """(seconds after T0, value)."""
    kept = InMemoryReadings()
    samples = [("b1/smoke-1/obscuration", T0 + at * SECOND, value, 0) for at, value in pairs]
    kept.record([StoredBatch(BOX, 1, b"1", samples)], T0)
    return kept


def run(kept, in_force, proposed, start=T0, end=T0 + 2 * DAY):
    told = []
    found = list(
        backtest(
            kept, "example", in_force, proposed, start=start, end=end, told=lambda done, of: told.append((done, of))
        )
    )
    assert told[-1] == (len(found), len(found))
    return found


def test_each_alarm_is_found_with_when_it_was_raised_and_cleared():
    kept = readings((0, 0.0), (100, 7.0), (160, 0.0), (DAY // SECOND + 5, 8.0), (DAY // SECOND + 25, 0.0))
    (tried,) = run(kept, [rule()], [])
    assert tried.proposed is None
    assert [(one.raised_at - T0) // SECOND for one in tried.in_force.alarms] == [100, DAY // SECOND + 5]
    assert [one.value for one in tried.in_force.alarms] == [7.0, 8.0]
    assert tried.in_force.stood_s == 80
    assert tried.in_force.readings == 5
    assert not tried.in_force.standing


def test_a_change_stands_beside_what_is_in_force():
    kept = readings((0, 0.0), (100, 7.0), (160, 0.0), (300, 9.0), (400, 0.0))
    (tried,) = run(kept, [rule()], [rule(above=8.0)])
    assert (tried.in_force.raised, tried.proposed.raised) == (2, 1)
    (tried,) = run(kept, [rule()], [rule(on_delay_s=61.0)])
    assert (tried.in_force.raised, tried.proposed.raised) == (2, 1)


def test_what_says_the_same_is_run_once_and_what_is_only_in_one_of_them_is_told():
    kept = readings((0, 0.0), (100, 7.0))
    same, gone, new = run(kept, [rule(), rule(name="old")], [rule(), rule(name="new")])
    assert same.proposed is same.in_force
    assert same.in_force.standing
    assert gone.proposed is None
    assert gone.in_force.raised == 1
    assert new.in_force is None
    assert new.proposed.raised == 1


def test_what_held_when_the_time_began_counts_as_standing_and_not_as_raised():
    kept = readings((0, 7.0), (7200, 0.0))
    (tried,) = run(kept, [rule()], [], start=T0 + HOUR)
    assert tried.in_force.raised == 0
    assert tried.in_force.stood_s == 3600


def test_without_readings_nothing_rings_and_it_is_told_that_there_were_none():
    (tried,) = run(InMemoryReadings(), [rule()], [])
    assert (tried.in_force.readings, tried.in_force.alarms) == (0, ())
