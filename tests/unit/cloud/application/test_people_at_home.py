"""`welfare.no-activity` (equipment.md): opt-in, consent recorded, away mode, contact order; nothing of it is ever public."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.incidents.watch_welfare import WatchWelfare
from cloud.application.ledger.erase_personal import ErasePersonal, ListPersonal
from cloud.application.rosters.at_home import AskWhomToPhone
from cloud.application.rosters.keep_consent import KeepConsent, Wanted
from cloud.application.sight import WITHHELD
from cloud.domain.duties.consent import NO_ACTIVITY, UNWATCHED, Called
from cloud.domain.records.ledger import Kind
from cloud.domain.records.ledger_chain import verify
from cloud.domain.records.personal import PersonalClass
from cloud.errors import Invalid, NotFound
from tests.fakes.estate import ESTATE, HOME
from tests.fakes.home import DOOR, LIGHT, OTHER_POINT, POINT, door_tells, with_a_home
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state
from tests.fakes.timeseries import InMemoryReadings

CONTACTS = (("Daughter", "13800000001"), ("Neighbour", "13800000002"))


class Home(Scene):
    """The door's contact, the node behind it, and the person who lives there."""

    def __init__(self, units, estate=None):
        super().__init__(units, estate or with_a_home())
        self.readings, self.doubts = InMemoryReadings(), None
        self.keep = KeepConsent(self.units, self.clock, self.readings)
        self.look = WatchWelfare(self.units, self.clock, self.ids, self.readings, lambda: self.doubts)
        self.open = False
        self.is_born()
        self.hears()

    def hears(self, **extra):
        """The node is well, and the door is as it was: readings repeat."""
        door_tells(self.readings, self.clock.now(), self.open)
        door_tells(self.readings, self.clock.now(), self.open, OTHER_POINT)
        door_tells(self.readings, self.clock.now(), 12.5, LIGHT)
        self.is_well(**extra)

    def stirs(self):
        self.open = not self.open
        self.hears()

    def quiet(self, hours):
        """Nothing stirs, and everything is heard."""
        for _ in range(hours):
            self.clock.advance(hours=1)
            self.hears()

    def consents(self, member="grandmother", **wanted):
        return self.keep.give(ESTATE, Wanted(**{"points": (POINT,), **wanted}), self.identity(member))

    def raised(self):
        self.look()
        found = [(task.hazard, alert) for task in self.board() for alert in self.incident(task).alerts]
        return sorted((hazard, alert.equipment.id) for hazard, alert in found if alert.state == "firing")

    def kinds_of_consent(self):
        return [one.kind for one in self.ledger() if one.kind.startswith("welfare.")]


@pytest.fixture
def home(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Home(SqlUnitsOfWork(engine))
    engine.dispose()


SILENT = [(NO_ACTIVITY, DOOR)]


def test_nobody_is_watched_who_did_not_consent(home):
    home.quiet(30)
    assert home.raised() == []


def test_so_many_hours_of_silence_raise_it_once_and_the_next_activity_clears_it(home):
    home.consents()
    home.quiet(23)
    assert home.raised() == []
    home.quiet(1)
    assert home.raised() == SILENT
    assert home.look() == 0
    (task,) = home.board()
    assert (task.responsible.id, task.life_safety) == ("home", False)
    home.quiet(2)
    assert home.raised() == SILENT
    home.stirs()
    assert home.raised() == []


def test_activity_is_a_change_and_no_reading_that_repeats_what_was(home):
    home.consents()
    home.quiet(20)
    home.stirs()
    home.quiet(23)
    assert home.raised() == []
    home.quiet(2)
    assert home.raised() == SILENT


def test_hours_count_by_day_where_the_person_wants_it_so(home):
    with home.units.reading() as uow:
        estate = uow.registers.find(ESTATE).estate
    while estate.local(home.clock.now()).time() != time(18):
        home.clock.advance(minutes=1)
    home.stirs()
    home.consents(hours=8, day_from=time(8), day_until=time(20))
    home.quiet(15)
    assert home.raised() == [], "of a night's 15 hours 2 in the evening and 1 in the morning count"
    home.quiet(4)
    assert home.raised() == []
    home.quiet(1)
    assert home.raised() == SILENT


def test_who_is_away_is_not_missed_and_back_again_is_counted_from_then(home):
    until = home.clock.now() + timedelta(hours=40)
    home.consents(away_until=until)
    home.quiet(39)
    assert home.raised() == []
    home.quiet(24)
    assert home.raised() == []
    home.quiet(1)
    assert home.raised() == SILENT


def test_going_away_or_giving_word_ends_what_was_raised(home):
    home.consents()
    home.quiet(24)
    assert home.raised() == SILENT
    home.keep.well(ESTATE, home.identity("grandmother"))
    assert home.raised() == []
    home.quiet(24)
    assert home.raised() == SILENT
    home.consents(away_until=home.clock.now() + timedelta(days=3))
    assert home.raised() == []


def test_while_the_node_is_unheard_nothing_is_raised_and_the_family_is_told(home):
    home.consents()
    home.quiet(2)
    home.dies()
    home.clock.advance(hours=5)
    assert home.raised() == []
    home.clock.advance(hours=1)
    assert home.raised() == [(UNWATCHED, DOOR)]
    (task,) = [one for one in home.board() if one.hazard == UNWATCHED]
    assert task.responsible.id == "home"
    home.clock.advance(hours=30)
    assert home.raised() == [(UNWATCHED, DOOR)]
    home.is_born(2)
    home.hears()
    assert UNWATCHED not in {hazard for hazard, _ in home.raised()}


def test_what_the_node_has_yet_to_tell_is_no_silence(home):
    """After an outage readings arrive with their own times: until they have, nobody knows of a silence."""
    home.consents()
    home.quiet(20)
    home.clock.advance(hours=5)
    home.is_well()
    assert home.raised() == [], "nothing of the last five hours is known"
    door_tells(home.readings, home.clock.now(), True, ago=timedelta(hours=2))
    door_tells(home.readings, home.clock.now(), False, ago=timedelta(hours=1))
    home.open = False
    home.hears()
    assert home.raised() == []


def test_a_point_that_its_own_node_does_not_observe_says_nothing(home):
    home.consents()
    for _ in range(30):
        home.clock.advance(hours=1)
        home.hears(stale_points={POINT: 7200.0})
    assert NO_ACTIVITY not in {hazard for hazard, _ in home.raised()}


def test_nothing_is_raised_by_times_that_nobody_can_trust(home):
    home.consents()
    home.quiet(24)
    door_tells(home.readings, home.clock.now() + timedelta(seconds=1), home.open, quality=1)
    assert home.raised() == []


def test_while_the_clock_is_doubted_nothing_is_raised(home):
    home.consents()
    home.quiet(24)
    home.doubts = home.clock.now() + timedelta(hours=1)
    assert home.raised() == []
    home.quiet(2)
    assert home.raised() == SILENT


def test_taken_back_it_is_over_and_everything_of_it_is_gone(home):
    given = home.consents(contacts=CONTACTS)
    home.quiet(24)
    assert home.raised() == SILENT
    home.keep.withdraw(ESTATE, home.identity("grandmother"))
    assert home.raised() == []
    assert home.keep.show(ESTATE, home.identity("grandmother")).consent is None
    with pytest.raises(NotFound):
        home.keep.withdraw(ESTATE, home.identity("grandmother"))
    home.quiet(30)
    assert home.raised() == []
    assert home.kinds_of_consent() == [Kind.CONSENT_GIVEN, Kind.CONSENT_WITHDRAWN]
    told = repr([one for one in home.ledger() if one.kind.startswith("welfare.")])
    assert "grandmother" not in told
    assert given.key in told


def test_an_authority_or_the_person_may_have_it_erased_and_then_nobody_is_watched(home):
    home.consents(contacts=CONTACTS)
    listed = ListPersonal(home.units, home.clock)(ESTATE, None, subject="member:grandmother")
    assert [(one.sort, one.subject) for one in listed] == [(PersonalClass.CONSENT, "member:grandmother")]
    ErasePersonal(home.units, home.clock)(ESTATE, subject="member:grandmother", actor="member:manager")
    assert home.keep.show(ESTATE, home.identity("grandmother")).consent is None
    home.quiet(30)
    assert home.raised() == []
    assert verify(home.ledger()) is None


@pytest.mark.parametrize("member", ["her-daughter", "widower", "manager", "street-officer"])
def test_nobody_consents_for_another_and_there_is_no_way_to_name_one(home, member):
    home.consents()
    with pytest.raises((NotFound, Invalid)):
        home.keep.withdraw(ESTATE, home.identity(member))
    assert home.keep.show(ESTATE, home.identity(member)).consent is None
    if member != "her-daughter":
        with pytest.raises(Invalid, match="not taken"):
            home.consents(member)


def test_only_doors_and_sensors_of_ones_own_home_that_tell_yes_or_no_may_be_chosen(home):
    shown = home.keep.show(ESTATE, home.identity("grandmother"))
    assert [one.point for one in shown.choices] == [POINT]
    for wrong in (
        {"points": (OTHER_POINT,)}, {"points": (LIGHT,)}, {"points": ()}, {"hours": 3}, {"hours": 73},
        {"day_from": time(8), "day_until": time(10)}, {"away_until": home.clock.now() - timedelta(hours=1)},
        {"contacts": (("", "13800000001"),)}, {"contacts": (("Daughter", "call me"),)},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            home.consents(**wrong)
    assert home.kinds_of_consent() == []


def test_where_households_share_a_place_nobody_can_tell_whose_door_it_is(tmp_path):
    plain = with_a_home()
    family = next(one for one in plain.parties if one.id == "home")
    engine = fresh_state(tmp_path / "state.db")
    home = Home(SqlUnitsOfWork(engine), replace(plain, parties=(*plain.parties, replace(family, id="opposite"))))
    shown = home.keep.show(ESTATE, home.identity("grandmother"))
    assert (shown.choices, shown.shared) == ([], True)
    with pytest.raises(Invalid):
        home.consents()
    engine.dispose()


def test_who_moves_out_is_watched_no_longer(home):
    home.consents()
    home.quiet(24)
    assert home.raised() == SILENT
    plain = with_a_home()
    moved = tuple(replace(one, party_id="beside") if one.id == "grandmother" else one for one in plain.members)
    LoadEstate(home.units, home.clock)(replace(plain, members=moved))
    assert home.raised() == []
    assert not home.keep.show(ESTATE, home.identity("grandmother")).holds


def test_a_household_that_is_the_whole_estate_is_nobodys_home(tmp_path):
    plain = with_a_home()
    all_over = tuple(replace(one, serves=(HOME,)) if one.id == "home" else one for one in plain.parties)
    engine = fresh_state(tmp_path / "state.db")
    home = Home(SqlUnitsOfWork(engine), replace(plain, parties=all_over))
    assert home.keep.show(ESTATE, home.identity("grandmother")).choices == []
    engine.dispose()


def test_who_answers_reads_whom_to_phone_in_order_and_that_is_on_the_record(home):
    home.consents(contacts=CONTACTS)
    home.quiet(24)
    home.raised()
    (task,) = home.board()
    home.passes(minutes=30)  # nobody of the family answers, so who visits is called
    ask = AskWhomToPhone(home.units, home.clock)
    for member in ("her-daughter", "grid-officer"):
        assert list(ask(task.id, home.identity(member))) == [Called(*one) for one in CONTACTS]
    looks = [one for one in home.ledger() if one.kind == Kind.PERSONAL_READ]
    assert {one.actor for one in looks} == {"member:her-daughter", "member:grid-officer"}
    assert list(ask(task.id, home.identity("manager"))) == [], "who runs the estate has no part in it"
    for member in ("technician", "widower", "engineer"):
        with pytest.raises(NotFound):
            ask(task.id, home.identity(member))


def test_that_somebody_consented_is_withheld_from_whoever_sees_nothing_of_homes(home):
    home.consents(contacts=CONTACTS)
    home.quiet(24)
    home.raised()
    AskWhomToPhone(home.units, home.clock)(home.board()[0].id, home.identity("her-daughter"))
    ErasePersonal(home.units, home.clock)(ESTATE, subject="member:grandmother", actor="member:manager")
    home.consents()
    home.keep.withdraw(ESTATE, home.identity("grandmother"))
    homely = {one.seq for one in home.ledger() if one.kind.startswith(("welfare.", "personal."))}
    assert len(homely) == 5
    technician = home.identity("technician")
    shown = home.queries.ledger_entries(ESTATE, 0, technician, limit=1000)
    assert homely <= {one.seq for one in shown if one.kind == WITHHELD}
    lines = home.queries.ledger_since(ESTATE, 0, technician).lines
    assert not homely & {line.seq for line in lines}
    assert not [line for line in lines if line.private]
