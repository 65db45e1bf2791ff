"""Machine truth, whatever the order in which it arrives."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.domain.incidents.alert import Alert, AlertState, Ended, Fingerprint
from cloud.domain.incidents.incident import Change, Incident, matter
from cloud.domain.records.ledger_chain import verify
from schemas.hazards import Severity
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, cleared, raised, register
from tests.fakes.scene import Scene


def alert(hazard="fire.smoke", equipment="b1/smoke-1", mode="real"):
    return Alert("a", Fingerprint(ESTATE, hazard, equipment, mode), "b1-node", f"{HOME}/b1")


_EVENTS = st.lists(st.tuples(st.sampled_from(["raise", "clear"]), st.integers(1, 4)), max_size=16)


@given(_EVENTS)
def test_an_alert_fires_exactly_while_a_raised_occurrence_has_not_ended(events):
    subject = alert()
    for what, number in events:
        if what == "raise":
            subject.raise_(str(number), Severity.MAJOR, START)
        else:
            subject.end(str(number), START)
    raised_ones = {n for what, n in events if what == "raise"}
    ended_ones = {n for what, n in events if what == "clear"}
    assert subject.firing == bool(raised_ones - ended_ones)
    assert subject.raises == len(raised_ones)
    assert (subject.resolved_at is None) == (subject.firing or not raised_ones or subject.resolved_at is None)


@given(st.permutations([(what, n) for n in range(1, 4) for what in ("raise", "clear")]), st.integers(0, 6))
@settings(max_examples=40, deadline=None)
def test_any_order_of_raises_and_clears_gives_the_same_truth(order, kept):
    scene = Scene()
    for what, number in order[:kept]:
        make = raised if what == "raise" else cleared
        scene.send(make("access.forced-open", "b1/door", number))
    raised_ones = {n for what, n in order[:kept] if what == "raise"}
    ended_ones = {n for what, n in order[:kept] if what == "clear"}
    tasks = scene.board()
    assert len(tasks) == bool(raised_ones)
    if tasks:
        assert bool(tasks[0].firing) == bool(raised_ones - ended_ones)
        assert (tasks[0].quiet_since is None) == bool(raised_ones - ended_ones)
    assert verify(scene.ledger()) is None


def test_a_repeat_changes_nothing():
    subject = alert()
    assert subject.raise_("1", Severity.MINOR, START)
    assert not subject.raise_("1", Severity.CRITICAL, START)
    assert subject.end("1", START + timedelta(seconds=1))
    assert not subject.end("1", START + timedelta(seconds=9))
    assert subject.resolved_at == START + timedelta(seconds=1)
    assert subject.state is AlertState.RESOLVED


def test_a_tombstone_alone_was_never_born():
    subject = alert()
    subject.end("1", START)
    assert not subject.born
    subject.raise_("1", Severity.MINOR, START)
    assert subject.born
    assert not subject.firing
    assert subject.resolved_at == START


def test_a_resolved_alert_keeps_its_worst_severity():
    subject = alert()
    subject.raise_("1", Severity.MINOR, START)
    subject.raise_("2", Severity.MAJOR, START)
    subject.end("2", START)
    assert subject.severity is Severity.MINOR
    subject.end("1", START)
    assert subject.severity is Severity.MAJOR


def test_what_was_lost_track_of_once_is_not_lost_again():
    subject = alert()
    subject.raise_("1", Severity.CRITICAL, START)
    assert subject.lost_among(frozenset(), START) == ["1"]
    assert subject.lost_among(frozenset({"1"}), START) == []
    assert subject.lost_among(frozenset(), START - timedelta(seconds=1)) == []
    subject.lose_track("1")
    assert subject.track_lost
    assert subject.firing
    assert subject.lost_among(frozenset(), START) == []
    assert subject.end("1", START, Ended.LOST_TRACK)


def keys(*alarms):
    return {matter(alert(*alarm).fingerprint, f"{HOME}/b1/f2", register()) for alarm in alarms}


def test_what_belongs_together():
    assert len(keys(("lift.entrapment", "l1"), ("lift.door-fault", "l1"), ("lift.overspeed", "l1"))) == 1
    assert len(keys(("fire.smoke", "s1"), ("fire.manual-call-point", "s2"), ("fire.smoke-prealarm", "s3"))) == 1


def test_what_stands_alone():
    assert len(keys(("lift.door-fault", "l1"), ("lift.door-fault", "l2"), ("lift.maintenance-overdue", "l1"))) == 3
    assert len(keys(("fire.smoke", "s1"), ("fire.detector-fault", "s1"), ("fire.co", "s1"))) == 3
    assert len(keys(("node.silent", "node/n"), ("node.storage-low", "node/n"))) == 2
    assert len(keys(("fire.smoke", "s1"), ("fire.smoke", "s1", "exercise"))) == 2


def test_life_safety_governs_before_severity_and_the_first_stays_between_equals():
    first = alert("lift.overspeed", "l1")
    first.raise_("1", Severity.CRITICAL, START)
    incident = Incident.about(first, "i", "m", START)
    second = alert("lift.door-fault", "l1")
    second.raise_("2", Severity.CRITICAL, START)
    assert incident.take(second) is Change.NOTHING
    third = alert("lift.entrapment", "l1")
    third.raise_("3", Severity.MAJOR, START)
    assert incident.take(third) is Change.HAZARD
    assert incident.hazard == "lift.entrapment"
