"""The guide writes an estate step by step; the test at its end is an exercise, and ends when whoever sounded it says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.adapters.estate_file.country import Countries
from cloud.adapters.estate_file.first_estate import first_estate
from cloud.adapters.sql.units import SqlUnitsOfWork
from cloud.application.accounts.make_administrator import FirstPlace
from cloud.application.asking.first_hour import AskFirstHour
from cloud.application.estates.amend_estate import AmendEstate, Head
from cloud.application.estates.sign_in import Identity
from cloud.application.identifiers import RandomIds
from cloud.application.incidents.watch_coverage import WatchCoverage
from cloud.application.notices.send_notifications import SendNotifications
from cloud.application.rosters.reached_lately import ReachedLately
from cloud.application.tasks.try_alarm import EndTest, TryAlarm
from cloud.domain.accounts.first_run import FirstRun
from cloud.domain.community.access import Purpose
from cloud.domain.community.means import ANY, Means
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, PartyKind, Role
from cloud.domain.community.place import Place, PlaceKind, PlaceTree
from cloud.domain.community.quick_building import read_buildings
from cloud.domain.duties.duty import DutyMatrix
from cloud.domain.duties.first_hour import Step
from cloud.domain.duties.neighbours import beside
from cloud.domain.records.ledger import Kind
from cloud.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from tests.fakes.channels import FakeChannel, reach, sends_all
from tests.fakes.clocks import FakeClock
from tests.fakes.state import fresh_state

ESTATE, HOME = "estate-1", "street/community/estate-1"
CHIEF = Member("chief", "operator", Names("主管", "Chief"), Role.ADMINISTRATOR)


def who(member: Member = CHIEF, *estates: str) -> Identity:
    return Identity(member, Purpose.SESSION, frozenset(), estates or (ESTATE,))


@pytest.fixture
def units(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    units = SqlUnitsOfWork(engine)
    with units.writing() as uow:
        uow.registers.store(first_estate(FirstPlace(Names("花园", "Garden"), Names("运维", "Operator"))), "set-up")
        uow.accounts.add_member(CHIEF, [ESTATE])
        uow.commit()
    yield units
    engine.dispose()


@pytest.fixture
def amend(units):
    return AmendEstate(units, FakeClock(), Countries())


@pytest.fixture
def building(amend):
    amend.buildings(ESTATE, read_buildings("building 3, floors -1 to 2, lifts 1, doors 1"), who())


def register(units):
    with units.reading() as uow:
        return uow.registers.find(ESTATE)


def ledger(units):
    with units.reading() as uow:
        return uow.ledger.since(ESTATE, 0)


def head(region: str = "CN", zone: str = "Asia/Shanghai") -> Head:
    places = {"street": Names("滨海街道", ""), "street/community": Names("", "Seaside")}
    return Head(Names("滨海花园", "Seaside Garden"), region, zone, places)


def test_the_estate_and_what_lies_around_it_are_named_once(units, amend):
    assert amend.head(ESTATE, head(), who())
    known = register(units)
    assert known.places.address(HOME, known.places.get("street").kind).zh == "滨海街道Seaside滨海花园"
    entries = len(ledger(units))
    assert not amend.head(ESTATE, head(), who()), "saying the same again is no change"
    assert len(ledger(units)) == entries


def test_another_country_brings_its_numbers_and_its_duties_while_nobody_has_touched_them(units, amend):
    amend.head(ESTATE, head("GB", "Europe/London"), who())
    known = register(units)
    assert known.matrix.duties == Countries().matrix("GB")
    assert {party.phone for party in known.parties.values() if party.external} == {"999", "0800111999"}


def test_duties_that_somebody_has_changed_are_kept_when_the_country_changes(units, amend):
    amend.external(ESTATE, Names("燃气", "Gas"), "95777", who())
    with units.writing() as uow:
        known = uow.registers.find(ESTATE)
        fewer = DutyMatrix(known.version + 1, known.matrix.duties[1:])
        uow.registers.store(replace(known, version=known.version + 1, matrix=fewer, _by_closeness={}), "x")
        uow.commit()
    before = register(units).matrix.duties
    amend.head(ESTATE, head("GB", "Europe/London"), who())
    assert register(units).matrix.duties == before
    assert amend.take_default_matrix(ESTATE, who())
    assert register(units).matrix.duties == Countries().matrix("GB")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (head("GB", "Europe/Nowhere"), Refused),
        (head("XX"), Invalid),
        (head("GB", "Asia/Shanghai"), Refused),
        (Head(Names("", ""), "CN", "Asia/Shanghai", {}), Refused),
        (Head(Names("x" * 65, ""), "CN", "Asia/Shanghai", {}), Refused),
    ],
)
def test_what_cannot_be_changes_nothing(units, amend, said, error):
    before = register(units).version
    with pytest.raises(error):
        amend.head(ESTATE, said, who())
    assert register(units).version == before


def test_whatever_nobody_is_named_for_falls_to_the_property_once_there_is_one(units, amend):
    assert register(units).fallback.id == "operator"
    amend.roles(ESTATE, {PartyKind.PROPERTY_MANAGER: (Names("物业", "Property"), "022-1234")}, who())
    assert register(units).fallback.id == "property-manager"
    amend.roles(ESTATE, {PartyKind.PROPERTY_MANAGER: (Names("新物业", "New property"), "")}, who())
    known = register(units).parties["property-manager"]
    assert (known.names.zh, known.phone, len(register(units).parties)) == ("新物业", None, 6), (
        "called anew, not doubled"
    )


def test_a_building_is_taken_out_unless_something_rests_on_it(units, amend, building):
    assert amend.take_out_building(ESTATE, f"{HOME}/b3", who())
    assert not register(units).equipment
    assert f"{HOME}/b3/f1" not in register(units).places
    amend.buildings(ESTATE, read_buildings("3, floors 2, lifts 1"), who())
    TryAlarm(units, FakeClock(), RandomIds())(ESTATE, "b3/lift-1", "lift.entrapment", who())
    with pytest.raises(Conflict, match="Something is open there"):
        amend.take_out_building(ESTATE, f"{HOME}/b3", who())
    EndTest(units, FakeClock(), RandomIds())(ESTATE, who())
    amend.node(ESTATE, "b3-node", f"{HOME}/b3", who())
    with pytest.raises(Conflict, match="b3-node"):
        amend.take_out_building(ESTATE, f"{HOME}/b3", who())
    with pytest.raises(NotFound):
        amend.take_out_building(ESTATE, HOME, who())


def test_a_node_takes_what_is_wired_to_none(units, amend, building):
    amend.node(ESTATE, "b3-node", f"{HOME}/b3", who())
    assert {item.node_id for item in register(units).equipment.values()} == {"b3-node"}
    assert not amend.node(ESTATE, "b3-node", f"{HOME}/b3", who()), "a second code for it registers nothing anew"
    with pytest.raises(Refused):
        amend.node(ESTATE, "other", "street/elsewhere", who())


def test_only_administrators_of_the_estate_set_it_up(units, amend):
    manager = Member("m", "operator", Names("m", "m"), Role.MANAGER)
    for stranger, error in ((who(manager), NotAllowed), (who(CHIEF, "another"), NotFound)):
        with pytest.raises(error):
            amend.head(ESTATE, head(), stranger)
        with pytest.raises(error):
            TryAlarm(units, FakeClock(), RandomIds())(ESTATE, "b3/lift-1", "lift.entrapment", stranger)
        with pytest.raises(error):
            EndTest(units, FakeClock(), RandomIds())(ESTATE, stranger)


def test_a_test_is_an_exercise_that_clears_itself_and_ends_on_ones_word(units, amend, building):
    sound, end = TryAlarm(units, FakeClock(), RandomIds()), EndTest(units, FakeClock(), RandomIds())
    incident = sound(ESTATE, "b3/lift-1", "lift.entrapment", who())
    with units.reading() as uow:
        task = uow.tasks.of_incident(incident)
        (alert,) = uow.alerts.of_incidents([incident])[incident]
    assert (task.mode, task.life_safety, alert.firing) == ("exercise", True, False)
    with pytest.raises(Conflict, match="A test is under way"):
        sound(ESTATE, "b3/door-1", "access.held-open", who())
    assert end(ESTATE, who())
    assert not end(ESTATE, who()), "there is none any more"
    with units.reading() as uow:
        assert not uow.tasks.open(ESTATE)
        assert uow.incidents.get(incident).closed_at is not None
    for what in (("b3/lift-1", "fire.smoke"), ("b3/lift-9", "lift.entrapment")):
        with pytest.raises(Refused):
            sound(ESTATE, *what, who())


def test_a_real_exercise_is_no_test_and_is_not_called_off(units, amend, building):
    assert not EndTest(units, FakeClock(), RandomIds())(ESTATE, who())


def test_the_guide_says_whom_a_test_reached_and_is_not_done_before_it_reached_somebody(units, amend, building):
    ask = AskFirstHour(units, FakeClock())
    assert ask(ESTATE, who()).test is None
    TryAlarm(units, FakeClock(), RandomIds())(ESTATE, "b3/lift-1", "lift.entrapment", who())
    view = ask(ESTATE, who())
    assert [one.names.en for one in view.test.told] == ["Operator"], "whom it falls to, as nobody else is named"
    assert (view.test.reached, view.hour.done(Step.TEST)) == (0, False)
    assert ask.unfinished(ESTATE, who())
    with pytest.raises(NotFound):
        ask(ESTATE, who(CHIEF, "another"))


def holes(units, clock, means=ANY):
    watch = WatchCoverage(units, clock, RandomIds(), means)
    watch()
    with units.reading() as uow:
        return len([one for one in uow.tasks.open(ESTATE) if one.hazard == "duty.uncovered"])


def set_up(units, at):
    with units.writing() as uow:
        uow.accounts.save_first_run(FirstRun("hash", at, at))
        uow.commit()


def test_holes_of_an_estate_that_is_being_set_up_are_tasks_from_the_next_day(units, amend, building):
    clock = FakeClock()
    set_up(units, clock.now())
    assert holes(units, clock) == 0
    clock.advance(hours=24)
    assert holes(units, clock) > 0


def test_holes_of_an_estate_that_a_file_brought_are_tasks_at_once(units, amend, building):
    assert holes(units, FakeClock()) > 0


def test_a_hole_that_stands_is_not_forgotten_because_somebody_begins_anew(units, amend, building):
    clock = FakeClock()
    before = holes(units, clock)
    set_up(units, clock.now())
    clock.advance(hours=2)
    assert holes(units, clock) == before


def told(units, means, channels):
    clock = FakeClock()
    clock.advance(seconds=1)
    sends_all(SendNotifications(units, clock, RandomIds(), channels, means=means))


def test_what_is_printed_on_a_console_reaches_nobody_and_ends_no_step(units, amend, building):
    """No channel is set up, as in a server that was just installed: `Means` as the settings give them."""
    ask = AskFirstHour(units, FakeClock(), Means(frozenset()))
    incident = TryAlarm(units, FakeClock(), RandomIds())(ESTATE, "b3/lift-1", "lift.entrapment", who())
    told(units, Means(frozenset()), {"console": FakeChannel(carries_links=False)})
    view = ask(ESTATE, who())
    ((person,),) = [party.people for party in view.test.told]
    assert (person.state, person.channel, person.reached) == ("sent", "console", False)
    assert (view.test.reached, view.hour.done(Step.TEST)) == (0, False)
    lines = (Kind.NOTIFIED, Kind.NOT_NOTIFIED)
    said = [entry for entry in ledger(units) if entry.incident_id == incident and entry.kind in lines]
    assert {entry.kind for entry in said} == {Kind.NOT_NOTIFIED}
    assert [entry.data["reason"] for entry in said] == ["printed", "not_proven"], "the member's line, then the party's"
    (lately,) = ReachedLately(units, FakeClock())(who())
    assert (lately.state, lately.reached) == ("sent", False)


@pytest.mark.parametrize("proven", [True, False])
def test_a_test_counts_who_would_be_relied_upon_where_life_is_at_stake(units, amend, building, proven):
    reach(units, "chief", "sms:13800000000", verified_at=FakeClock().now() if proven else None)
    means = Means(frozenset({"sms"}))
    TryAlarm(units, FakeClock(), RandomIds())(ESTATE, "b3/lift-1", "lift.entrapment", who())
    told(units, means, {"sms": FakeChannel()})
    view = AskFirstHour(units, FakeClock(), means)(ESTATE, who())
    ((person,),) = [party.people for party in view.test.told]
    assert (person.state, person.reached, view.test.reached) == ("sent", proven, int(proven))


def test_a_party_of_two_estates_keeps_what_it_serves_in_the_other(units, amend):
    """What the estates beside this one say of it is neither checked here nor undone from here."""
    other = first_estate(FirstPlace(Names("乙", "B"), Names("运维", "Operator")))
    elsewhere = (
        Place("town", PlaceKind.STREET, Names("镇", "Town")),
        Place("town/b", PlaceKind.ESTATE, Names("乙", "B")),
    )
    operator = replace(other.parties["operator"], serves=("town/b",))
    second = replace(
        other, estate=replace(other.estate, id="b", place_id="town/b"), places=PlaceTree(elsewhere),
        parties={**other.parties, "operator": operator}, _by_closeness={},
    )  # fmt: skip
    with units.writing() as uow:
        uow.registers.store(beside(second, [uow.registers.find(ESTATE)]), "b")
        uow.commit()
    assert amend.head(ESTATE, head(), who())
    assert set(register(units).parties["operator"].serves) == {HOME, "town/b"}
    assert amend.external(ESTATE, Names("燃气", "Gas"), "95777", who()), "and again, now that this estate knows of it"
    with units.reading() as uow:
        assert set(uow.registers.find("b").parties["operator"].serves) == {HOME, "town/b"}
