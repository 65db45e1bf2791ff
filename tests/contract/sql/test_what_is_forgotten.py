"""Personal data go when their time is over, class by class; what may stay is counted, and nothing else changes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.application.records import DeadLetter, StoredEvent
from cloud.application.retention import A_TIME, ForgetPersonal
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.ledger_chain import verify
from cloud.domain.records.privacy import AccessCount, Periods
from cloud.errors import Invalid
from tests.fakes.clocks import START, FakeClock
from tests.fakes.mortal import Died, Fate, MortalUnits
from tests.fakes.state import fresh_state

ESTATE, DOOR = "demo", "b1/door"
CARD = "9f2c" * 16


def passed(seq, *, kind="access.granted", reason="listed", credential=CARD, at=START, equipment=DOOR):
    body = {"kind": kind, "equipment": equipment, "reason": reason, "mono": 1.0}
    body |= {"credential": credential} if credential else {}
    return StoredEvent(ESTATE, "b1-node", "box", seq, "aa", 0, kind, at, at, uncertain=False, body=body)


@pytest.fixture
def house(units):
    clock = FakeClock()
    forget = ForgetPersonal(units, clock, Periods())

    def keep(*events):
        with units.writing() as uow:
            uow.batches.keep(events)
            uow.commit()

    def events():
        with units.reading() as uow:
            return {event.seq: event.body for event in uow.batches.events(ESTATE, limit=10_000)}

    def counts():
        with units.reading() as uow:
            return list(uow.access.counts(ESTATE))

    return clock, forget, keep, events, counts


def test_the_mark_of_a_known_card_goes_after_thirty_days_and_the_passage_stays(house):
    clock, forget, keep, events, counts = house
    keep(passed(1), passed(2, kind="access.denied", reason="unknown-card"), passed(3, reason="rex", credential=None))
    clock.advance(days=30)
    assert forget().unnamed == 0
    clock.advance(seconds=1)
    assert forget().unnamed == 1
    bodies = events()
    assert bodies[1] == {"kind": "access.granted", "equipment": DOOR, "reason": "listed", "mono": 1.0}
    assert bodies[2]["credential"] == CARD, "nobody's list says whose card that was"
    assert forget().unnamed == 0
    assert counts() == []


def test_what_a_clock_years_back_said_is_not_forgotten_on_arrival(house):
    """A node may be wrong about the year and right about what it saw; the time that counts is also ours."""
    clock, forget, keep, events, _ = house
    keep(replace(passed(1, at=START - timedelta(days=7 * 365)), received_at=START))
    assert (forget().unnamed, forget().folded) == (0, 0)
    clock.advance(days=30, seconds=1)
    assert forget().unnamed == 1
    clock.advance(days=150)
    assert forget().folded == 1
    assert events() == {}


def test_of_access_events_counts_stay_after_half_a_year(house):
    clock, forget, keep, events, counts = house
    later = START + timedelta(days=1)
    keep(
        passed(1),
        passed(2),
        passed(3, kind="access.denied", reason="unknown-card"),
        passed(4, reason="rex", credential=None, at=later),
        passed(5, equipment="b1/gate", at=later),
    )
    clock.advance(days=180, seconds=1)
    done = forget()
    assert (done.unnamed, done.folded) == (3, 3)
    clock.advance(days=1)
    assert forget().folded == 2
    assert events() == {}
    assert counts() == [
        AccessCount(DOOR, "2026-11-23", "access.denied", 1),
        AccessCount(DOOR, "2026-11-23", "access.granted", 2),
        AccessCount(DOOR, "2026-11-24", "access.granted", 1),
        AccessCount("b1/gate", "2026-11-24", "access.granted", 1),
    ]
    keep(passed(6))
    forget()
    assert counts()[1].count == 3, "what comes late is counted with the others"


def test_alarms_are_no_personal_data(house):
    clock, forget, keep, events, counts = house
    alarm = {"kind": "alarm.raised", "equipment": DOOR, "hazard": "access.forced-open", "mono": 1.0}
    keep(StoredEvent(ESTATE, "n", "box", 1, "aa", 0, "alarm.raised", START, START, uncertain=False, body=alarm))
    clock.advance(days=4000)
    done = forget()
    assert (done.unnamed, done.folded, done.letters) == (0, 0, 0)
    assert events() == {1: alarm}
    assert counts() == []


def test_a_round_is_short_however_much_there_is(house):
    clock, forget, keep, events, _ = house
    keep(*(passed(seq) for seq in range(1, 2 * A_TIME + 6)))
    clock.advance(days=31)
    assert [(done.unnamed, done.more) for done in (forget(), forget(), forget())] == [
        (A_TIME, True),
        (A_TIME, True),
        (5, False),
    ]
    assert not any("credential" in body for body in events().values())


def test_the_bytes_of_dead_letters_go_and_that_there_were_any_stays(house, units):
    clock, forget, *_ = house
    with units.writing() as uow:
        uow.dead_letters.put(DeadLetter("1", START, "t", "no JSON", b"card 12345", ESTATE, "n"))
        uow.dead_letters.put(DeadLetter("2", START + timedelta(days=1), "t", "no JSON", b"other", ESTATE, "n"))
        uow.commit()
    clock.advance(days=30, seconds=1)
    assert (forget().letters, forget().letters) == (1, 0)
    with units.reading() as uow:
        assert [letter.payload for letter in uow.dead_letters.latest()] == [b"other", b""]
        assert uow.dead_letters.count(ESTATE) == {"n": 2}


def test_the_ledger_still_verifies(house, units):
    clock, forget, keep, *_ = house
    keep(passed(1), passed(2, kind="access.denied", reason="unknown-card"))
    with units.writing() as uow:
        uow.ledger.append(ESTATE, [Draft(Kind.ALERT_FIRED, START, "node:b1-node", causation_id="box:1:0")])
        uow.commit()
    clock.advance(days=31)
    forget()
    clock.advance(days=180)
    forget()
    with units.reading() as uow:
        entries = list(uow.ledger.since(ESTATE, 0))
    assert len(entries) == 1
    assert verify(entries) is None


def test_who_is_named_is_not_kept_longer_than_who_is_not():
    with pytest.raises(Invalid, match="no longer than"):
        Periods(identified=timedelta(days=200))


def test_a_crash_between_any_two_statements_counts_nobody_twice_and_forgets_everybody(tmp_path):
    moment, survived = 0, False
    while not survived:
        engine = fresh_state(tmp_path / f"{moment}.db")
        fate = Fate()
        units, clock = MortalUnits(engine, fate), FakeClock()
        with units.writing() as uow:
            uow.batches.keep([passed(1), passed(2), passed(3, kind="access.denied", reason="unknown-card")])
            uow.commit()
        clock.advance(days=181)
        forget = ForgetPersonal(units, clock, Periods())
        fate.strike(moment)
        with suppress(Died):
            forget()
            survived = True
        fate.spare()
        forget()
        with units.reading() as uow:
            assert list(uow.batches.events(ESTATE)) == []
            assert [(count.kind, count.count) for count in uow.access.counts(ESTATE)] == [
                ("access.denied", 1),
                ("access.granted", 2),
            ], f"died at moment {moment}"
        engine.dispose()
        moment += 1
    assert moment > 5
