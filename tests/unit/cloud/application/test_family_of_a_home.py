"""Whoever lives in a home names who of their household may see and answer what is raised there: that, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.estates.family import AdmitFamily
from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.community.access import Matter
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.task import ResolutionReason
from cloud.errors import Invalid, NotAllowed, NotFound
from tests.fakes.estate import ESTATE
from tests.fakes.home import with_a_home
from tests.fakes.state import fresh_state
from tests.unit.cloud.application.test_people_at_home import Home

SON, LODGER = "her-son", "her-lodger"


def with_family():
    plain = with_a_home()
    more = tuple(Member(one, "home", Names(one, one), Role.RESIDENT) for one in (SON, LODGER))
    return replace(plain, members=(*plain.members, *more))


class Family(Home):
    def __init__(self, units):
        super().__init__(units, with_family())
        self.admits = AdmitFamily(self.units)

    def is_missed(self):
        self.quiet(24)
        self.raised()
        return self.board()[0]

    def lets_in(self, member, **target):
        return self.admits(self.identity(member), target)


@pytest.fixture
def home(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Family(SqlUnitsOfWork(engine))
    engine.dispose()


def test_who_is_named_sees_accepts_arrives_claims_and_writes(home):
    home.consents(family=(SON,))
    task = home.is_missed()
    son = home.lets_in(SON, incident_id=task.incident_id)
    assert (son.member.party_id, son.member.role, son.member.also) == ("home", Role.RESPONDER, ())
    assert (son.matters, son.estates) == ((Matter(task.id, task.incident_id),), (ESTATE,))
    shown = home.queries.incident(task.incident_id, son)
    assert Action.ACKNOWLEDGE in shown.task.allowed
    home.act.acknowledge(task.id, SON)
    home.act.start(task.id, SON)
    home.act.note(task.id, SON, "she was at the market")
    home.act.resolve(task.id, SON, ResolutionReason.NOT_ACTIONABLE)
    story = [(line.kind, line.actor) for line in home.incident(task).timeline if "her-son" in str(line.actor)]
    assert len(story) >= 4, story


def test_who_is_not_named_neither_sees_nor_acts_though_they_live_there(home):
    home.consents(family=(SON,))
    task = home.is_missed()
    for member in (LODGER, "grandmother", "widower"):
        assert home.lets_in(member, task_id=task.id) is None
    for member, refused in ((LODGER, NotAllowed), ("widower", NotFound)):
        with pytest.raises(refused):
            home.act.acknowledge(task.id, member)


def test_of_the_estate_nothing_else_is_opened_whether_it_is_there_or_not(home):
    home.consents(family=(SON,))
    own = home.is_missed()
    home.rings("access.forced-open", "b1/gate")
    (other,) = [one for one in home.board() if one.id != own.id]
    for target in (
        {"task_id": other.id}, {"incident_id": other.incident_id}, {"task_id": "nothing"}, {"photo_id": "nothing"},
        {"task_id": own.id, "incident_id": other.incident_id},
    ):  # fmt: skip
        with pytest.raises(NotFound):
            home.lets_in(SON, **target)
    assert home.lets_in(SON) is None, "an address that names no matter is not opened"
    son = home.lets_in(SON, task_id=own.id)
    assert [one.id for one in home.queries.board(ESTATE, son).tasks] == [own.id]
    with pytest.raises((NotFound, NotAllowed)):
        home.act.acknowledge(other.id, SON)


def test_it_ends_with_the_consent_and_what_was_before_it_stays_closed(home):
    home.consents(family=(SON,))
    task = home.is_missed()
    shown = home.keep.show(ESTATE, home.identity(SON))
    assert [one.task_id for one in shown.named_in] == [task.id]
    home.keep.withdraw(ESTATE, home.identity("grandmother"))
    assert home.lets_in(SON, task_id=task.id) is None
    with pytest.raises(NotAllowed):
        home.act.acknowledge(task.id, SON)
    home.clock.advance(minutes=1)
    home.consents(family=(SON,))
    with pytest.raises(NotFound):
        home.lets_in(SON, task_id=task.id)
    assert home.keep.show(ESTATE, home.identity(SON)).named_in == []


def test_who_leaves_the_household_is_let_in_no_longer(home):
    home.consents(family=(SON,))
    task = home.is_missed()
    plain = with_family()
    moved = tuple(replace(one, party_id="beside") if one.id == SON else one for one in plain.members)
    LoadEstate(home.units, home.clock)(replace(plain, members=moved))
    assert home.lets_in(SON, task_id=task.id) is None
    with pytest.raises(NotFound):
        home.act.acknowledge(task.id, SON)


@pytest.mark.parametrize("stranger", ["widower", "manager", "grandmother", "nobody"])
def test_only_others_of_ones_own_household_may_be_named(home, stranger):
    with pytest.raises(Invalid) as refused:
        home.consents(family=(SON, stranger))
    assert stranger in str(refused.value.problems)
    mates = home.keep.show(ESTATE, home.identity("grandmother")).housemates
    assert {one.member_id for one in mates} == {"her-daughter", SON, LODGER}
