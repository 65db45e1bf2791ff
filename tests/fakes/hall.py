"""A scene with an owners' committee, an owner who signs in, and what they consult with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.consultation.ballots import Entry
from cloud.application.consultation.consulting import Consulting
from cloud.application.consultation.run_consultation import RunConsultation
from cloud.application.consultation.watch_patterns import WatchPatterns
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.estates.sign_in import Identity
from cloud.domain.community.access import Purpose
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.consultation.ballot import Choice
from cloud.domain.consultation.proposal import Cost, MatterKind, Payer
from cloud.domain.consultation.roll import Unit
from cloud.domain.consultation.topic import TopicState
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.task import ResolutionReason
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, cleared, description
from tests.fakes.scene import Scene

LIFT, DOOR = "b1/lift-1", "b2/door"


class Hall:
    """A scene with an owners' committee of two, an owner who signs in, and what they consult with."""

    def __init__(self, units: SqlUnitsOfWork) -> None:
        self.scene = Scene(units)
        base = description()
        committee = Party("owners", PartyKind.OWNERS_COMMITTEE, Names("业主委员会", "Owners' committee"), (HOME,))
        people = tuple(Member(name, "owners", Names(name, name), Role.MANAGER) for name in ("chair", "secretary"))
        LoadEstate(units, self.scene.clock)(
            replace(base, parties=(*base.parties, committee), members=(*base.members, *people))
        )
        self.units, self.clock, self.ids = units, self.scene.clock, self.scene.ids
        self.watch = WatchPatterns(units, self.clock, self.ids)
        self.run = RunConsultation(units, self.clock, self.ids)
        self.consulting = Consulting(units, self.clock, self.ids)

    def as_(self, member_id: str, *estates: str) -> Identity:
        with self.units.reading() as uow:
            member = uow.registers.member(member_id)
        return Identity(member, Purpose.SESSION, frozenset(), estates or (ESTATE,))

    def topics(self):
        with self.units.reading() as uow:
            return list(uow.consultation.topics.of(ESTATE))

    def topic(self):
        (topic,) = self.topics()
        return topic

    def kinds(self, *wanted: Kind) -> list[str]:
        return [entry.kind for entry in self.scene.ledger() if entry.kind in wanted]

    def happens(
        self,
        equipment: str = LIFT,
        hazard: str = "lift.door-fault",
        *,
        false: bool = False,
        mode: str = "real",
        why: ResolutionReason = ResolutionReason.FIXED,
    ):
        """An incident from its alarm to its closing, and the reopen window after it."""
        # The node's clock runs with ours: an alarm is dated by it.
        mono = 100.0 + (self.clock.now() - START).total_seconds()
        number = self.scene.rings(hazard, equipment, mode=mode, mono=mono)
        task = next(task for task in self.scene.board())
        lead = {"lift-firm": "technician", "property": "guard"}[task.responsible.id]
        self.scene.act.acknowledge(task.id, lead)
        self.scene.send(cleared(hazard, equipment, number, mode=mode, mono=mono + 10))
        reason = ResolutionReason.FALSE_ALARM if false else why
        self.scene.act.resolve(task.id, lead, reason)
        self.scene.passes(minutes=10)
        second = {"technician": "foreman", "guard": "manager"}[lead]
        self.scene.act.close(task.id, second)
        self.clock.advance(hours=1)

    def ballot(self, matter: MatterKind = MatterKind.ORDINARY):
        """Three times the same lift, talked over and put to the vote."""
        for _ in range(3):
            self.happens()
        self.watch()
        units = [Unit(f"u{n}", f"o{n}", Decimal(100)) for n in (1, 2, 3)]
        self.consulting.roll.replace(ESTATE, units, {"o1": "neighbour"}, self.as_("chair"))
        topic = self.topic()
        self.consulting.talk.move(topic.id, TopicState.DELIBERATING, self.as_("clerk"))
        made = self.consulting.talk.propose(
            topic.id, "new door drive", self.as_("neighbour"), matter=matter, cost=Cost(100, "CNY"),
            payer=Payer.CONTRACTOR, party_id="lift-firm",
        )  # fmt: skip
        return self.consulting.ballots.open(topic.id, made.id, self.clock.now() + timedelta(days=7), self.as_("chair"))

    def paper(self, ballot_id: str, owner: str, choice: Choice) -> None:
        vote = self.consulting.ballots.enter(ballot_id, Entry(owner, choice), self.as_("chair"))
        self.consulting.ballots.confirm(ballot_id, vote.id, self.as_("secretary"))
