"""What repeats opens a topic, once; exercises never count and false alarms are counted apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from cloud.domain.consultation.effect import Counted, Effect, figure, stretch_before
from cloud.domain.consultation.majorities import Outcome
from cloud.domain.consultation.patterns import DeclinedTask, PastIncident, Thresholds, disputed, find
from cloud.domain.consultation.petition import Petition
from cloud.domain.consultation.topic import NEXT, OVER, Origin, Topic, TopicState
from cloud.errors import Conflict

NOW = datetime(2026, 11, 26, tzinfo=UTC)
LIMITS = Thresholds()


def past(*days_ago: float, equipment: str = "b1/lift-1", hazard: str = "lift.door-fault", false: bool = False):
    return [PastIncident(f"{equipment}-{ago}", equipment, hazard, NOW - timedelta(days=ago), false) for ago in days_ago]


def found(incidents, limits=LIMITS, settled=None):
    return [
        (pattern.origin, pattern.equipment or pattern.hazard, len(pattern.evidence))
        for pattern in find(incidents, NOW, limits, settled or {})
    ]


def test_three_incidents_on_one_piece_of_equipment_in_thirty_days():
    assert found(past(1, 2)) == []
    assert found(past(1, 2, 31)) == []
    assert found(past(1, 2, 29)) == [(Origin.REPEATED_EQUIPMENT, "b1/lift-1", 3)]
    assert found(past(1, 2), Thresholds(equipment_count=2)) == [(Origin.REPEATED_EQUIPMENT, "b1/lift-1", 2)]


def test_its_evidence_is_the_incidents_oldest_first_and_false_alarms_are_counted_apart():
    (pattern,) = find([*past(1, 2, 3), *past(4, 5, false=True)], NOW, LIMITS, {})
    assert pattern.evidence == ("b1/lift-1-3", "b1/lift-1-2", "b1/lift-1-1")
    assert (pattern.false_alarms, pattern.hazard) == (2, "lift.door-fault")
    assert found(past(1, 2, 3, false=True)) == []


def test_the_same_hazard_across_an_estate():
    spread = [one for number in range(10) for one in past(number, equipment=f"b{number}/lift")]
    assert (Origin.REPEATED_HAZARD, "lift.door-fault", 10) in found(spread)
    assert found(spread[:9]) == []


def test_a_rising_rate_needs_minimum_counts():
    def rate(now: int, before: int):
        spread = [*range(1, now + 1), *range(31, before + 31)]
        each = [past(ago, equipment=f"b{ago}/lift")[0] for ago in spread]
        return [one for one in found(each, Thresholds(hazard_count=1000)) if one[0] is Origin.RISING_RATE]

    assert rate(2, 1) == []
    assert rate(5, 2) == []
    assert rate(6, 1) == []
    assert rate(6, 4) == []
    assert rate(6, 3) == [(Origin.RISING_RATE, "lift.door-fault", 6)]


def test_what_was_a_false_alarm_before_makes_no_rise_smaller():
    limits = Thresholds(hazard_count=1000, equipment_count=1000)
    real = [one for ago in (*range(1, 7), 31, 32) for one in past(ago, equipment=f"b{ago}/lift")]
    false = [one for ago in range(33, 43) for one in past(ago, equipment=f"b{ago}/lift", false=True)]
    assert found([*real, *false], limits) == [(Origin.RISING_RATE, "lift.door-fault", 6)]


def test_what_a_topic_settled_counts_no_more():
    key = f"{Origin.REPEATED_EQUIPMENT}|b1/lift-1"
    assert found(past(1, 2, 3), settled={key: NOW - timedelta(days=2, hours=1)}) == []
    assert found(past(1, 2, 3), settled={key: NOW - timedelta(days=4)}) == [(Origin.REPEATED_EQUIPMENT, "b1/lift-1", 3)]


def test_what_happens_in_a_home_and_what_was_resolved_open_no_topic():
    assert found(past(1, 2, 3, hazard="welfare.no-activity")) == []
    assert found(past(1, 2, 3, hazard="civic.resolution-due")) == []


def test_a_task_that_was_declined_twice_is_a_disputed_duty():
    once, twice = (DeclinedTask(f"t{n}", f"i{n}", "b1/lift-1", "lift.door-fault", n) for n in (1, 2))
    (pattern,) = disputed([once, twice], LIMITS)
    assert (pattern.origin, pattern.evidence, pattern.task_id) == (Origin.DISPUTED_DUTY, ("i2",), "t2")


def test_a_topic_goes_its_way_and_no_other():
    topic = Topic("t", "example", "k", Origin.PETITION, NOW)
    with pytest.raises(Conflict):
        topic.enter(TopicState.VOTING, NOW)
    topic.enter(TopicState.DELIBERATING, NOW)
    topic.enter(TopicState.VOTING, NOW)
    with pytest.raises(Conflict, match="over"):
        topic.check_talks()
    assert topic.see(("new",), 0) == ()
    topic.decide(Outcome.REJECTED, "p", NOW)
    assert (topic.outcome, topic.carried) == (Outcome.REJECTED, None)
    topic.enter(TopicState.CLOSED, NOW)
    assert (topic.over, topic.over_at) == (True, NOW)
    assert all(not NEXT[state] for state in OVER)


def test_a_petition_is_signed_once_by_each():
    petition = Petition("p", "example", NOW, ("a",), 2)
    with pytest.raises(Conflict, match="already"):
        petition.sign("a")
    petition.sign("b")
    assert petition.enough


def counted(days: float, alarms: int) -> Counted:
    return Counted(NOW - timedelta(days=days), NOW, alarms)


def test_the_effect_is_put_beside_and_claims_no_more_than_the_counts():
    effect = Effect(NOW, counted(90, 9), counted(45, 1))
    assert (effect.before.per_30_days, effect.after.per_30_days) == (3, Fraction(2, 3))
    assert "per 30 days 3.0 and 0.7" in effect.told().en
    assert effect.told().en.endswith("The counts do not say why.")
    assert "每 30 天 3.0 次与 0.7 次" in effect.told().zh


def test_a_stretch_too_short_is_not_compared():
    told = Effect(NOW, counted(90, 9), counted(3, 0)).told()
    assert told.en.endswith("too short a time to compare.")
    assert "per 30 days" not in told.en


def test_what_nobody_watched_is_not_counted():
    assert stretch_before(NOW, NOW - timedelta(days=10)) == (NOW - timedelta(days=10), NOW)
    assert stretch_before(NOW, NOW - timedelta(days=500)) == (NOW - timedelta(days=90), NOW)


@pytest.mark.parametrize(
    ("rate", "shown"), [(Fraction(1, 20), "0.1"), (Fraction(1, 21), "0.0"), (Fraction(199, 20), "10.0")]
)
def test_a_rate_is_shown_to_one_decimal(rate, shown):
    assert figure(rate) == shown
