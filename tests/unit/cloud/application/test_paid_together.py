"""The lead calls for first aid and for a translator, two teams bring it: the table says that both together are worth more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.credit.act import Act, CreditedStep
from cloud.domain.credit.table import ON_SITE, ActKind
from cloud.domain.records import narrative
from cloud.domain.records.ledger import Kind
from cloud.domain.records.ledger_chain import verify
from cloud.domain.tasks.task import ResolutionReason
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME
from tests.fakes.neighbours import neighbourhood
from tests.fakes.state import fresh_state
from tests.unit.cloud.application.test_credit_follows import Neighbourhood

BROUGHT = {"medic": "first-aid", "linguist": "translation"}


class Joint(Neighbourhood):
    def __init__(self, engine) -> None:
        super().__init__(engine)
        known = neighbourhood()
        teams = tuple(
            Party(f"{who}s", PartyKind.VOLUNTEER_TEAM, Names(who, who), (HOME,), capabilities=frozenset({what}))
            for who, what in BROUGHT.items()
        )
        members = tuple(Member(who, f"{who}s", Names(who, who), Role.RESPONDER) for who in BROUGHT)
        self.estate = replace(known, parties=(*known.parties, *teams), members=(*known.members, *members))
        LoadEstate(self.units, self.clock)(self.estate)

    def worked_on(self) -> str:
        task = self.door_is_forced()
        self.act.acknowledge(task, "manager")
        self.joint.ask_for_help(task, "manager", [], ["first-aid"])
        for who in BROUGHT:
            self.act.acknowledge(task, who)
            self.act.start(task, who)
            self.joint.finish(task, who)
        self.act.resolve(task, "guard", ResolutionReason.FIXED)
        self.quiet()
        return task

    def points(self) -> dict[str, int]:
        """By member, what all entries come to."""
        entries = [one for one in self.ledger() if one.kind in {Kind.CREDIT_GRANTED, Kind.CREDIT_REVERSED}]
        return {who: sum(one.data["points"] for one in entries if one.data["member"] == who) for who in BROUGHT}

    def told(self) -> list[Names]:
        register = self.estate.register(1)
        return [narrative.sentence(one, register) for one in self.ledger() if one.kind.startswith("credit.together")]


@pytest.fixture
def here(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Joint(engine)
    engine.dispose()


def test_paid_after_verification_and_told_on_the_timeline(here):
    task = here.worked_on()
    assert (here.points(), here.told()) == ({"medic": 0, "linguist": 0}, [])
    here.act.close(task, "manager")
    assert here.points() == {"medic": 6, "linguist": 6}, "half of the steps' 10, and of the 2 for both"
    (line,) = here.told()
    assert "first-aid" in line.en
    assert "2 points more" in line.en
    assert "另计 2 分" in line.zh
    (fact,) = [one for one in here.ledger() if one.kind == Kind.CREDIT_TOGETHER]
    assert fact.data["brought"] == {"first-aid": ["medic"], "translation": ["linguist"]}
    assert fact.incident_id is not None
    assert verify(here.ledger()) is None


def test_taken_back_as_everything_else(here):
    task = here.worked_on()
    here.act.close(task, "manager")
    here.act.reopen(task, "manager")
    assert here.points() == {"medic": 0, "linguist": 0}


def test_more_than_ten_are_refused_with_what_to_do_and_the_steps_are_paid(here):
    crowd = frozenset({f"m{n}" for n in range(10)} | {"medic"})
    skills = {"first-aid": crowd, "translation": frozenset({"linguist"})}
    steps = (CreditedStep(ON_SITE, crowd | {"linguist"}),)
    here.credit.grant(ESTATE, Act("joint-1", ActKind.RESPONSE, START, steps, frozenset({"manager"}), skills=skills))
    (line,) = here.told()
    assert "12 people" in line.en
    assert "call fewer parties" in line.en
    assert "最多只能精确计算 10 人" in line.zh
    granted = [one for one in here.ledger() if one.kind == Kind.CREDIT_GRANTED]
    assert sum(one.data["earned"] for one in granted) == 4
