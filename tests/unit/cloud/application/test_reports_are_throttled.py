"""Reports are throttled by where they come from, for all workers and after a restart, and danger to life is never refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.adapters.sql import SqlUnitsOfWork, open_engine, upgrade
from cloud.application.intake.throttle import MOST_OF_ADDRESS, MOST_OF_DEVICE, Throttle
from cloud.domain.incidents.report import Concern
from cloud.domain.records.ledger import Kind
from cloud.errors import Throttled
from tests.fakes.clocks import FakeClock
from tests.fakes.scene import Scene
from tests.fakes.units import FakeUnitsOfWork

PHONE, BROWSER = "192.0.2.7", "a telephone"


@pytest.fixture(params=["memory", "sqlite"])
def units(request, tmp_path):
    if request.param == "memory":
        yield FakeUnitsOfWork()
        return
    engine = open_engine(f"sqlite:///{tmp_path / 'state.db'}")
    upgrade(engine)
    yield SqlUnitsOfWork(engine)
    engine.dispose()


@pytest.fixture
def clock():
    return FakeClock()


def asks(throttle, address=PHONE, browser=BROWSER, cookie=None):
    return throttle.allows(address, throttle.device(address, browser, cookie))


def test_a_device_may_report_so_often_whichever_worker_takes_it_and_whenever_it_was_started(units, clock):
    workers = [Throttle(units, clock) for _ in range(2)]
    assert [asks(workers[n % 2]) for n in range(MOST_OF_DEVICE)] == [True] * MOST_OF_DEVICE
    assert not asks(Throttle(units, clock)), "a restart forgives nothing"
    clock.advance(minutes=9, seconds=59)
    assert not asks(workers[0])
    clock.advance(seconds=1)
    assert asks(workers[1])


def test_a_building_behind_one_router_may_report_more(units, clock):
    throttle = Throttle(units, clock)
    taken = [asks(throttle, browser=f"telephone {n}") for n in range(MOST_OF_ADDRESS + 1)]
    assert taken == [True] * MOST_OF_ADDRESS + [False]
    assert asks(throttle, address="192.0.2.8")


def test_a_network_of_addresses_is_one_building(units, clock):
    throttle = Throttle(units, clock)
    taken = [
        asks(throttle, address=f"2001:db8:0:1::{n:x}", browser=f"telephone {n}") for n in range(MOST_OF_ADDRESS + 1)
    ]
    assert taken == [True] * MOST_OF_ADDRESS + [False]
    assert asks(throttle, address="2001:db8:0:2::1")


def test_a_browser_is_known_again_from_another_network_and_a_forged_one_is_not(units, clock):
    throttle = Throttle(units, clock)
    device = throttle.device(PHONE, BROWSER)
    cookie = throttle.cookie(device)
    assert Throttle(units, clock).device("198.51.100.1", "the same, updated", cookie) == device
    for forged in (
        "",
        "x",
        device,
        f"{device}.",
        f"{device}.{'0' * 64}",
        f"{'0' * 64}.{cookie.partition('.')[2]}",
        "é." * 40,
    ):
        assert throttle.device("198.51.100.1", BROWSER, forged) == throttle.device("198.51.100.1", BROWSER)
        assert throttle.device("198.51.100.1", BROWSER, forged) != device
    clock.advance(days=2)
    assert throttle.device("198.51.100.1", BROWSER, cookie) == device, "its key outlives the key of the day"


def test_nothing_leads_back_to_an_address_the_day_after(units, clock):
    throttle = Throttle(units, clock)
    first = throttle.device(PHONE, BROWSER)
    asks(throttle)
    clock.advance(days=1, seconds=1)
    throttle.tidy()
    with units.reading() as uow:
        assert uow.sources.count() == 0
        assert uow.sources.key("print/2026-11-23") is None
    assert throttle.device(PHONE, BROWSER) != first


@given(st.text(max_size=200))
def test_whatever_a_browser_carries_is_no_trouble(cookie):
    throttle = Throttle(FakeUnitsOfWork(), FakeClock())
    assert throttle.device(PHONE, BROWSER, cookie) == throttle.device(PHONE, BROWSER)


def test_somebody_is_trapped_reaches_the_property_however_much_came_from_there():
    scene = Scene()
    scene.is_reported(Concern.DOOR_OPEN, "b1/door")
    told = scene.is_reported(Concern.TRAPPED, "b1/lift-1", too_many=True)
    assert not told.folded
    assert told.told == ("property",)
    assert ("property", "asked_to_lead") in scene.told()


def test_what_is_known_is_folded_and_pages_nobody_again():
    scene = Scene()
    first = scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    paged, written = scene.told(), len(scene.ledger())
    for extra in ({}, {"same_as": first.incident_id}):
        again = scene.is_reported(None if extra else Concern.TRAPPED, "b1/lift-1", too_many=True, **extra)
        assert (again.folded, again.token, again.incident_id) == (True, "", first.incident_id)
    assert (scene.told(), len(scene.ledger())) == (paged, written)
    other = scene.is_reported(Concern.TRAPPED, "b1/lift-2", too_many=True)
    assert not other.folded
    assert len([one for one in scene.ledger() if one.kind == Kind.HAZARD_REPORTED]) == 2


def test_what_is_folded_bears_the_first_out_where_another_voice_says_it():
    """A building behind one router: the second neighbour's word calls the others, though nothing of it is kept."""
    scene = Scene()
    first = scene.is_reported(Concern.TRAPPED, "b1/lift-1", device="one")
    assert ("lift-firm", "asked_to_lead") not in scene.told()
    again = scene.is_reported(Concern.TRAPPED, "b1/lift-1", device="one", words="she is still in there", too_many=True)
    assert again.folded
    assert Kind.OTHERS_JOINED not in scene.kinds(scene.only_task()), "the same voice bears itself out never"
    other = scene.is_reported(Concern.TRAPPED, "b1/lift-1", device="two", too_many=True)
    assert (other.folded, other.report_id, other.token) == (True, first.report_id, "")
    assert scene.kinds(scene.only_task()).count(Kind.OTHERS_JOINED) == 1
    assert {"lift-firm", "property"} <= {party for party, _ in scene.told()}
    paged = scene.told()
    scene.is_reported(Concern.TRAPPED, "b1/lift-1", device="three", too_many=True)
    assert scene.told() == paged, "once is enough"


def test_anything_else_is_refused_with_the_numbers_of_the_country():
    scene = Scene()
    known = scene.is_reported(Concern.DOOR_OPEN, "b1/door")
    for concern, extra in ((Concern.DOOR_FORCED, {}), (None, {"same_as": known.incident_id})):
        with pytest.raises(Throttled, match="call 119 or 120 or 110 or 96333"):
            scene.is_reported(concern, "b1/door", too_many=True, **extra)
    estate = scene.units.memory.registers
    register, digest = next(iter(estate.values()))
    british = replace(register, estate=replace(register.estate, days=replace(register.estate.days, region="GB")))
    scene.units.memory.registers = {register.estate.id: (british, digest)}
    with pytest.raises(Throttled, match="call 999;"):
        scene.is_reported(Concern.DOOR_FORCED, "b1/door", too_many=True)
