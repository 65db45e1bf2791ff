"""Somebody consents to be looked after at home, is missed, is well, and takes the consent back."""

from __future__ import annotations

from dataclasses import replace

from cloud.application.estates.load_estate import LoadEstate
from cloud.application.incidents.watch_welfare import WatchWelfare
from cloud.application.rosters.keep_consent import KeepConsent, Wanted
from cloud.application.tasks.act_on_task import ActOnTask
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.domain.duties.consent import NO_ACTIVITY
from tests.fakes.estate import ESTATE
from tests.fakes.home import POINT, door_tells, lived_in
from tests.fakes.timeseries import InMemoryReadings
from tests.faults.governance.walking import Step, Story, step
from tests.faults.governance.world import World, people


def _readings(w: World) -> InMemoryReadings:
    return w.once("the readings", InMemoryReadings)


def _moves_in(w: World) -> None:
    estate = lived_in(people())
    son = Member("her-son", "home", Names("儿子", "Son"), Role.RESIDENT)
    LoadEstate(w.units, w.clock)(replace(estate, members=(*estate.members, son)))
    w.is_born()
    _hears(w)


def _hears(w: World, *, opened: bool = False) -> None:
    door_tells(_readings(w), w.clock.now(), opened)
    w.is_well()


def _keep(w: World) -> KeepConsent:
    return KeepConsent(w.units, w.clock, _readings(w))


def _consents(hours: int):
    wanted = Wanted((POINT,), hours, contacts=(("Daughter", "13800000001"),), family=("her-son",))
    return lambda w: _keep(w).give(ESTATE, wanted, w.identity("grandmother"))


def _half_a_day(w: World) -> None:
    for _ in range(12):
        w.clock.advance(hours=1)
        _hears(w)


def _stirs(w: World) -> None:
    w.clock.advance(minutes=5)
    _hears(w, opened=True)


def _look(name: str) -> Step:
    return step(name, lambda w: WatchWelfare(w.units, w.clock, w.ids, _readings(w))())


def _missed(w: World) -> str:
    with w.units.reading() as uow:
        return next(task.id for task in uow.tasks.open(ESTATE) if task.hazard == NO_ACTIVITY)


AT_HOME: Story = [
    _moves_in,
    step("somebody consents", _consents(24)),
    step("and changes it", _consents(12)),
    lambda w: w.clock.advance(minutes=5),
    step("gives word", lambda w: _keep(w).well(ESTATE, w.identity("grandmother"))),
    _half_a_day,
    _look("nothing stirs"),
    _stirs,
    _look("the door is opened"),
    _half_a_day,
    _look("nothing stirs again"),
    step(
        "her son, whom she named, comes",
        lambda w: ActOnTask(w.units, w.clock, w.ids).acknowledge(_missed(w), "her-son"),
    ),
    step("takes it back", lambda w: _keep(w).withdraw(ESTATE, w.identity("grandmother"))),
    _look("and nobody is watched"),
]
