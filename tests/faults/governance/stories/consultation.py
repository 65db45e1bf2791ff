"""Alarms become a topic, the topic a ballot, the ballot a task, and the effect is measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from cloud.application.consultation.ballots import Entry
from cloud.application.consultation.consulting import Consulting
from cloud.application.consultation.run_consultation import RunConsultation
from cloud.application.consultation.watch_patterns import WatchPatterns
from cloud.application.ledger.expire_civic import ExpireCivic
from cloud.domain.consultation.ballot import Choice
from cloud.domain.consultation.majorities import ONE_MEMBER_ONE_VOTE
from cloud.domain.consultation.proposal import Cost, MatterKind, Payer
from cloud.domain.consultation.roll import Unit
from cloud.domain.consultation.terms import Terms
from cloud.domain.consultation.topic import TopicState
from cloud.domain.records.personal import PersonalClass
from cloud.domain.tasks.task import ResolutionReason
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, cleared
from tests.faults.governance.walking import Story, step
from tests.faults.governance.world import World

_CHEAP = Cost(100, "CNY")
_UNITS = [Unit(f"u{n}", f"o{n}", Decimal(100)) for n in (1, 2, 3)]
_EARLY = Terms(petition_signatures=2, rule=replace(ONE_MEMBER_ONE_VOTE, early_close=True), review_after_days=30)


def _here(w: World) -> Consulting:
    return Consulting(w.units, w.clock, w.ids)


def _topic(w: World, number: int = 0):
    with w.units.reading() as uow:
        return sorted(uow.consultation.topics.of(ESTATE), key=lambda one: one.id)[number]


def _ballot(w: World, number: int = 0) -> str:
    with w.units.reading() as uow:
        return max(one.id for one in uow.consultation.ballots.of_topic(_topic(w, number).id))


def _proposes(w: World, text: str, number: int = 0) -> None:
    _here(w).talk.propose(
        _topic(w, number).id, text, w.identity("neighbour"), matter=MatterKind.ORDINARY, cost=_CHEAP,
        payer=Payer.CONTRACTOR, party_id="lift-firm",
    )  # fmt: skip


def _opens(w: World, number: int = 0) -> None:
    topic = _topic(w, number)
    until = w.once(f"until {number}", lambda: w.clock.now() + timedelta(days=7))
    _here(w).ballots.open(topic.id, topic.proposals[0].id, until, w.identity("chair"))


def _moves(to: TopicState, number: int = 0):
    return lambda w: _here(w).talk.move(_topic(w, number).id, to, w.identity("clerk"))


def _votes(number: int = 0):
    return lambda w: _here(w).ballots.vote(_ballot(w, number), Choice.FOR, w.identity("neighbour"))


def _enters(owner: str, number: int = 0):
    return lambda w: _here(w).ballots.enter(_ballot(w, number), Entry(owner, Choice.FOR), w.identity("chair"))


def _confirms(owner: str, number: int = 0):
    def act(w: World) -> None:
        ballot = _ballot(w, number)
        with w.units.reading() as uow:
            (vote,) = (one for one in uow.consultation.ballots.votes(ballot) if one.owner == owner)
        _here(w).ballots.confirm(ballot, vote.id, w.identity("secretary"))

    return act


def _petitions(w: World) -> None:
    _here(w).petitions.start(ESTATE, "mend the lift", w.identity("ann"), equipment="b1/lift-1")


def _applies(w: World) -> None:
    _here(w).talk.apply_for_fund(_topic(w).id, "the drive is broken", _CHEAP, w.identity("chair"))


def _signs(w: World) -> None:
    with w.units.reading() as uow:
        (petition,) = uow.consultation.petitions.of(ESTATE)
    _here(w).petitions.sign(petition.id, w.identity("eve"))


def _happens(w: World) -> None:
    """An incident of a lift from its alarm to its closing, and the reopen window after it."""
    mono = 100.0 + (w.clock.now() - START).total_seconds()
    number = w.rings("lift.door-fault", "b1/lift-1", mono=mono)
    task = w.task("lift.door-fault").id
    w.act.acknowledge(task, "technician")
    w.send(cleared("lift.door-fault", "b1/lift-1", number, mono=mono + 10))
    w.act.resolve(task, "technician", ResolutionReason.FIXED)
    w.passes(minutes=10)
    w.act.close(task, "foreman")
    w.clock.advance(hours=1)


def _resolution(w: World) -> None:
    task = w.task("civic.resolution-due").id
    w.act.acknowledge(task, "technician")
    w.act.resolve(task, "technician", ResolutionReason.FIXED)
    w.clock.advance(days=1)
    w.act.close(task, "foreman")
    w.clock.advance(days=60)


_KEEP = dict.fromkeys((PersonalClass.VOTE, PersonalClass.SIGNATURE, PersonalClass.POSTING), timedelta(days=30))

CONSULTATION: Story = [
    step("the roll is kept", lambda w: _here(w).roll.replace(ESTATE, _UNITS, {"o1": "neighbour"}, w.identity("chair"))),
    step("the terms are set", lambda w: _here(w).roll.set_terms(ESTATE, _EARLY, w.identity("chair"))),
    step("a petition is started", _petitions),
    step("it is signed, and a topic", _signs),
    step("it is talked over", _moves(TopicState.DELIBERATING)),
    step("somebody says something", lambda w: _here(w).talk.contribute(_topic(w).id, "at last", w.identity("ben"))),
    step("somebody proposes something", lambda w: _proposes(w, "a new door drive")),
    step("the committee applies for the fund", _applies),
    step("it is put to the vote", _opens),
    step("an owner votes", _votes()),
    step("a paper is entered", _enters("o2")),
    step("another confirms it", _confirms("o2")),
    step("a second paper is entered", _enters("o3")),
    step("another confirms that, too", _confirms("o3")),
    step("it is closed, and a task", lambda w: _here(w).ballots.close_early(_ballot(w), w.identity("chair"))),
    _resolution,
    step("the effect is measured", lambda w: RunConsultation(w.units, w.clock, w.ids)()),
    *(_happens,) * 3,
    step("a pattern opens a topic", lambda w: WatchPatterns(w.units, w.clock, w.ids)()),
    _happens,
    step("which learns of one more", lambda w: WatchPatterns(w.units, w.clock, w.ids)()),
    _moves(TopicState.DELIBERATING, 1),
    lambda w: _proposes(w, "another door drive", 1),
    lambda w: _opens(w, 1),
    timedelta(days=8),
    step("a ballot ends by its time", lambda w: RunConsultation(w.units, w.clock, w.ids)()),
    timedelta(days=3000),
    step("what people said is forgotten in its time", lambda w: ExpireCivic(w.units, w.clock, _KEEP)()),
]
