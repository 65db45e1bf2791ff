"""`lift.maintenance-overdue` and `lift.inspection-due` (equipment.md): raised from dates, cleared by later ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.incidents.watch_upkeep import WatchUpkeep
from cloud.application.tasks.keep_upkeep import KeepUpkeep
from cloud.application.tasks.keep_windows import Asked, KeepWindows
from cloud.domain.duties.upkeep import BEFORE_EXPIRY, Upkeep
from cloud.domain.records.inspection import Book, belongs
from cloud.domain.records.ledger import Kind
from cloud.errors import Conflict, Invalid, NotAllowed
from tests.fakes.estate import ESTATE, description
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

LIFT, OTHER = "b1/lift-1", "b1/lift-2"
OVERDUE, INSPECTION = "lift.maintenance-overdue", "lift.inspection-due"


class Estate(Scene):
    def __init__(self, units):
        super().__init__(units)
        self.keep, self.windows = KeepUpkeep(self.units, self.clock), KeepWindows(self.units, self.clock, self.ids)
        self.watch_upkeep = WatchUpkeep(self.units, self.clock, self.ids)

    @property
    def today(self):
        return self.clock.now().astimezone(ZoneInfo("Asia/Shanghai")).date()

    def notes(self, lift=LIFT, member="manager", **dates):
        return self.keep.note(ESTATE, lift, self.identity(member), **dates)

    def raised(self):
        self.watch_upkeep()
        found = [(task.hazard, alert) for task in self.board() for alert in self.incident(task).alerts]
        return sorted((hazard, alert.equipment.id) for hazard, alert in found if alert.state == "firing")

    def works(self, *lifts, hours=2, reason="routine", member="technician"):
        """The maintainer opens a window, works, and ends it."""
        now = self.clock.now()
        asked = Asked(now, now + timedelta(hours=hours), reason, lifts or (LIFT,))
        window = self.windows.open(ESTATE, asked, self.identity(member))
        self.clock.advance(hours=1)
        return self.windows.end(ESTATE, window.id, self.identity(member))


@pytest.fixture
def estate(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Estate(SqlUnitsOfWork(engine))
    engine.dispose()


def test_more_than_fifteen_days_since_the_last_confirmed_visit_is_overdue_and_is_said_once(estate):
    estate.notes(maintained_on=estate.today)
    estate.clock.advance(days=15)
    assert estate.raised() == []
    estate.clock.advance(days=1)
    assert estate.raised() == [(OVERDUE, LIFT)]
    assert estate.watch_upkeep() == 0
    (task,) = estate.board()
    assert (task.responsible.id, task.severity.value, task.life_safety) == ("lift-firm", "major", False)


def test_sixty_days_before_the_inspection_expires_it_is_due_and_a_later_inspection_clears_it(estate):
    estate.notes(inspected_until=estate.today + BEFORE_EXPIRY + timedelta(days=1))
    assert estate.raised() == []
    estate.clock.advance(days=1)
    assert estate.raised() == [(INSPECTION, LIFT)]
    estate.notes(inspected_until=estate.today + timedelta(days=365))
    assert estate.raised() == []


def test_nothing_is_raised_of_a_lift_of_which_no_date_is_known(estate):
    estate.clock.advance(days=400)
    assert estate.raised() == []
    assert [(one.equipment, one.maintained_on) for one in estate.keep.listed(ESTATE, estate.identity("guard"))] == [
        (LIFT, None),
        (OTHER, None),
    ]


def test_a_window_ended_by_the_maintainer_and_accepted_by_who_runs_the_estate_is_a_visit(estate):
    for lift in (LIFT, OTHER):
        estate.notes(lift, maintained_on=estate.today)
    estate.clock.advance(days=16)
    assert estate.raised() == [(OVERDUE, LIFT), (OVERDUE, OTHER)]
    window = estate.works(LIFT)
    assert estate.raised() == [(OVERDUE, LIFT), (OVERDUE, OTHER)], "nobody has confirmed it yet"
    visit = estate.windows.accept(ESTATE, window.id, estate.identity("manager"))
    assert (visit.ended_by, visit.accepted_by) == ("technician", "manager")
    assert estate.raised() == [(OVERDUE, OTHER)]
    (told,) = [one for one in estate.ledger() if one.kind == Kind.VISIT_CONFIRMED]
    assert (told.data["lifts"], told.data["party"]) == ([LIFT], "lift-firm")
    assert belongs(Book.MAINTENANCE, told, None)
    with pytest.raises(Conflict, match="already"):
        estate.windows.accept(ESTATE, window.id, estate.identity("manager"))


def test_nobody_confirms_their_own_visit_and_none_that_was_not_made(estate):
    window = estate.works()
    for member in ("technician", "foreman", "guard", "clerk"):
        with pytest.raises(NotAllowed):
            estate.windows.accept(ESTATE, window.id, estate.identity(member))
    manager = estate.identity("manager")
    for made in (estate.works(reason="repair"), estate.works(member="manager")):
        with pytest.raises(Conflict, match="no maintenance visit"):
            estate.windows.accept(ESTATE, made.id, manager)
    now = estate.clock.now()
    asked = Asked(now, now + timedelta(hours=1), "routine", (LIFT,))
    ran_out = estate.windows.open(ESTATE, asked, estate.identity("technician"))
    estate.passes(hours=2)
    with pytest.raises(Conflict, match="no maintenance visit"):
        estate.windows.accept(ESTATE, ran_out.id, manager)
    ended_by_another = estate.windows.open(
        ESTATE, Asked(estate.clock.now(), estate.clock.now() + timedelta(hours=1), "routine", (LIFT,)),
        estate.identity("technician"),
    )  # fmt: skip
    estate.clock.advance(minutes=5)
    estate.windows.end(ESTATE, ended_by_another.id, manager)
    with pytest.raises(Conflict, match="no maintenance visit"):
        estate.windows.accept(ESTATE, ended_by_another.id, manager)


def test_the_estates_file_says_when_and_does_not_undo_what_was_confirmed_since(estate):
    said = Upkeep(ESTATE, LIFT, estate.today - timedelta(days=10), estate.today + timedelta(days=300))
    LoadEstate(estate.units, estate.clock)(replace(description(), upkeep=(said,)))
    window = estate.works()
    estate.windows.accept(ESTATE, window.id, estate.identity("manager"))
    later = replace(said, inspected_until=estate.today + timedelta(days=400))
    LoadEstate(estate.units, estate.clock)(replace(description(), upkeep=(later,)))
    (one, _) = estate.keep.listed(ESTATE, estate.identity("manager"))
    assert (one.maintained_on, one.inspected_until) == (estate.today, later.inspected_until)


def test_an_estate_that_says_nothing_of_it_is_what_it_was():
    said = Upkeep(ESTATE, LIFT, date(2026, 11, 1))
    assert replace(description(), upkeep=(said,)).digest() != description().digest()
    with pytest.raises(Invalid, match="for lifts"):
        replace(description(), upkeep=(replace(said, equipment="b1/door"),)).register(1)


def test_who_notes_dates_and_which(estate):
    with pytest.raises(NotAllowed):
        estate.notes(member="technician", maintained_on=estate.today)
    with pytest.raises(Invalid, match="future"):
        estate.notes(maintained_on=estate.today + timedelta(days=2))
    with pytest.raises(Invalid, match="no lift"):
        estate.notes("b1/door", maintained_on=estate.today)
    with pytest.raises(Invalid, match="give one"):
        estate.notes()
    estate.notes(maintained_on=estate.today)
    estate.notes(maintained_on=estate.today - timedelta(days=3))
    assert [one.kind for one in estate.ledger()].count(Kind.UPKEEP_NOTED) == 2


def test_who_runs_the_estate_never_clears_what_is_overdue_by_a_date_of_its_own(estate):
    """The maintainer was there, and the estate accepts it: two say so."""
    estate.notes(maintained_on=estate.today - timedelta(days=20))
    assert estate.raised() == [(OVERDUE, LIFT)]
    with pytest.raises(Conflict, match="not noted but confirmed"):
        estate.notes(maintained_on=estate.today)
    assert estate.raised() == [(OVERDUE, LIFT)]
    estate.notes(maintained_on=estate.today - timedelta(days=30), inspected_until=estate.today + timedelta(days=300))
    window = estate.works()
    estate.windows.accept(ESTATE, window.id, estate.identity("manager"))
    assert estate.raised() == []


def test_where_nobody_of_the_maintainer_is_here_papers_are_noted(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    estate = Estate(SqlUnitsOfWork(engine))
    known = description()
    alone = replace(known, members=tuple(one for one in known.members if one.party_id != "lift-firm"))
    LoadEstate(estate.units, estate.clock)(alone)
    estate.notes(maintained_on=estate.today - timedelta(days=20))
    assert estate.notes(maintained_on=estate.today).maintained_on == estate.today
    engine.dispose()
