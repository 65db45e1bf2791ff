"""lift.entrapment: 60 min outside towns (governance.md, Duties)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.adapters.estate_file import default_duties
from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, PartyKind
from cloud.domain.duties.amending import DutyEdit
from cloud.domain.duties.duty import PartLimits
from cloud.domain.duties.escalation import Condition
from cloud.domain.duties.register_warnings import register_warnings
from cloud.domain.duties.routing import route
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, description
from tests.fakes.scene import Scene

LIFT = f"{HOME}/b1"
HOUR, HALF = timedelta(hours=1), timedelta(minutes=30)


def country(*, beside: bool = False):
    """The small estate outside town: a township where the street office was, or beside it."""
    plain = description()
    township = Party("township", PartyKind.TOWNSHIP, Names("示例乡", "Example township"), (HOME,), "12345")
    if beside:
        return replace(plain, parties=(*plain.parties, township))
    parties = tuple(replace(one, kind=PartyKind.TOWNSHIP) if one.id == "street" else one for one in plain.parties)
    return replace(plain, parties=parties)


def waits(duty):
    return [step.delay for step in duty.ladder.steps if step.condition is Condition.IF_LEAD_NOT_ARRIVED]


def test_lift_entrapment_60_min_outside_towns():
    routing = route(country().register(1), "lift.entrapment", LIFT, START)
    assert (routing.duty.arrive, waits(routing.duty)) == (HOUR, [HOUR, HOUR])
    others = [step.delay for step in routing.duty.ladder.steps if step.condition is not Condition.IF_LEAD_NOT_ARRIVED]
    assert others == [timedelta(minutes=3), timedelta(minutes=5), timedelta(hours=2)], "not accepted at 3, as in town"
    (said,) = [line.text for line in routing.trace if "township" in line.text.en]
    assert "60 minutes" in said.en
    assert "60 分钟" in said.zh


@pytest.mark.parametrize(
    "estate",
    [
        description(),
        country(beside=True),
        replace(description(), parties=tuple(one for one in description().parties if one.id != "street")),
    ],
    ids=["a street office", "both", "neither"],
)
def test_in_a_town_and_where_nobody_says_it_is_30_min(estate):
    known = replace(estate, members=tuple(one for one in estate.members if one.party_id != "street")).register(1)
    routing = route(known, "lift.entrapment", LIFT, START)
    assert (routing.duty.arrive, waits(routing.duty)) == (HALF, [HALF, HALF])
    assert not [line for line in routing.trace if "township" in line.text.en]


def test_the_property_is_as_near_outside_towns_as_in_them():
    routing = route(country().register(1), "lift.entrapment", LIFT, START)
    own = routing.duty.limits_of("property")
    assert (own.accept, own.arrive) == (timedelta(minutes=1), HALF)


def test_a_duty_that_says_nothing_of_it_holds_outside_towns_as_it_is():
    town, outside = (route(one.register(1), "fire.smoke", LIFT, START).duty for one in (description(), country()))
    assert outside == town


def test_whom_they_wait_for_outside_towns_is_missed_at_60_minutes():
    scene = Scene(estate=country())
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    for minutes in range(10, 60, 10):
        scene.passes(minutes=10)
        scene.act.note(task, "technician", f"{minutes} minutes on the road")
    sheets = scene.told().count(("property", "call_sheet"))
    scene.passes(minutes=10)
    assert (sheets, scene.told().count(("property", "call_sheet"))) == (0, 2), "96333 and 119, once the hour is over"


def test_a_support_with_a_limit_of_its_own_keeps_it_outside_towns_as_well():
    (row,) = (one for one in default_duties() if one.id == "lift-entrapment")
    (helper, *_) = row.supports
    own = replace(row, limits=(PartLimits(helper, arrive=timedelta(minutes=7)),))
    limits = {one.ref: one.arrive for one in own.outside_towns().limits}
    assert limits[helper] == timedelta(minutes=7)
    assert {arrive for ref, arrive in limits.items() if ref != helper} <= {HALF}
    assert {one.ref: one.arrive for one in row.outside_towns().limits} == dict.fromkeys(row.supports, HALF)


def test_a_running_task_keeps_the_limit_it_began_with():
    scene = Scene(estate=country())
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.act.acknowledge(scene.only_task().id, "technician")
    rows = [
        replace(row, arrive_outside_towns=2 * HOUR) if row.arrive_outside_towns else row for row in default_duties()
    ]
    LoadEstate(scene.units, scene.clock)(replace(country(), duties=tuple(rows), matrix_given=True))
    with scene.units.reading() as uow:
        assert uow.registers.find(ESTATE).matrix.version == 2
    with scene.units.reading() as uow:
        duty = uow.tasks.get(scene.only_task().id).duty
    assert (duty.version, duty.arrive) == (1, HOUR)


def test_who_names_another_time_to_be_on_site_means_it_wherever_the_estate_lies():
    known = {row.id: row for row in default_duties()}
    row = DutyEdit("lift-entrapment", given={"arrive": timedelta(minutes=20)}).applied(known)
    assert (row.arrive, row.arrive_outside_towns) == (timedelta(minutes=20), None)
    same = DutyEdit("lift-entrapment", given={"arrive": HALF}).applied(known)
    assert same.arrive_outside_towns == HOUR


def told_of_the_way(estate, *, now=None):
    """What the operator is told of a matrix from before there was that distinction; `now`: what it says meanwhile."""
    rows = [replace(row, arrive_outside_towns=now if row.arrive_outside_towns else None) for row in default_duties()]
    known = replace(estate, duties=tuple(rows), matrix_given=True).register(1)
    return [one for one in register_warnings(known) if "outside towns" in one]


def test_a_matrix_that_still_says_30_min_outside_towns_is_warned_of_with_its_remedy():
    (told,) = told_of_the_way(country())
    assert told.startswith("duty 'lift-entrapment'")
    assert "30 min to be on site" in told
    assert "arrive_outside_towns: 60 min" in told
    assert "乡镇" in told.zh
    assert told_of_the_way(description()) == [], "in town there is nothing to say"


@pytest.mark.parametrize("said", [HOUR, HALF])
def test_who_says_what_is_meant_outside_towns_is_warned_no_more(said):
    assert told_of_the_way(country(), now=said) == []


def test_great_britain_has_one_limit_for_all():
    assert all(row.arrive_outside_towns is None for row in default_duties("GB"))
