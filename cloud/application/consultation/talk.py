"""People talk a topic over: words, proposals, and in an emergency an application for the fund; the convenor moves it on."""

from __future__ import annotations

from cloud.application.consultation.seat import Seat, topic_for
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, Ids, UnitsOfWork
from cloud.domain.consultation.proposal import Cost, MatterKind, Payer, Proposal, checked
from cloud.domain.consultation.terms import APPLIES, acting_for
from cloud.domain.consultation.topic import Contribution, FundApplication, TopicState
from cloud.domain.records.ledger import Kind
from cloud.errors import Conflict, Invalid, NotAllowed

CONVENED = (TopicState.DELIBERATING, TopicState.WITHDRAWN, TopicState.CLOSED)
"""Where a convenor moves a topic; everywhere else a ballot, a task or a review does."""


class TalkOver:
    """Raises NotFound, NotAllowed, Conflict, Invalid; then nothing has changed."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def contribute(self, topic_id: str, text: str, viewer: Identity, *, cause: str | None = None) -> str:
        """Say something. The words' id."""
        with self._units.writing() as uow:
            topic = topic_for(uow, topic_id, viewer)
            seat = Seat(uow, topic.estate, viewer, now=self._clock.now(), ids=self._ids, cause=cause)
            topic.check_talks()
            last = topic.contributions[-1] if topic.contributions else None
            if last is not None and last.member_id == seat.member.id and seat.said(last.id, text):
                return last.id
            record = seat.keep(text, "text")
            said = Contribution(record.id, seat.member.id, seat.member.party_id, seat.now)
            topic.contributions = (*topic.contributions, said)
            uow.consultation.topics.save(topic)
            seat.say(Kind.CONTRIBUTED, topic.id, party=said.party_id, digest=record.digest)
            uow.commit()
            return record.id

    def propose(
        self, topic_id: str, text: str, viewer: Identity, *, matter: MatterKind, cost: Cost, payer: Payer,
        party_id: str, duty: str | None = None, cause: str | None = None,
    ) -> Proposal:  # fmt: skip
        """Propose something that a party would do."""
        checked(cost, payer, matter)
        with self._units.writing() as uow:
            topic = topic_for(uow, topic_id, viewer)
            seat = Seat(uow, topic.estate, viewer, now=self._clock.now(), ids=self._ids, cause=cause)
            topic.check_talks()
            party = seat.register.parties.get(party_id)
            if party is None or not party.may_lead:
                raise Invalid("The proposal was not made.", ["party: name a party of this estate that can lead a task"])
            if duty is not None and duty not in {one.id for one in seat.register.matrix.duties}:
                raise Invalid("The proposal was not made.", ["duty: name one of the estate's duties, or leave it out"])
            facts = (seat.member.id, matter, cost, payer, party_id, duty)
            for known in topic.proposals:
                same = (known.by, known.matter, known.cost, known.payer, known.party_id, known.duty) == facts
                if same and seat.said(known.id, text):
                    return known
            record = seat.keep(text, "text")
            made = Proposal(record.id, seat.member.id, seat.now, matter, cost, payer, party_id, duty)
            topic.proposals = (*topic.proposals, made)
            uow.consultation.topics.save(topic)
            seat.say(
                Kind.PROPOSED, topic.id, proposal=made.id, party=party_id, matter=matter.value, payer=payer.value,
                cost=cost.minor, currency=cost.currency, digest=record.digest,
            )  # fmt: skip
            uow.commit()
            return made

    def move(self, topic_id: str, to: TopicState, viewer: Identity, *, cause: str | None = None) -> None:
        """The convenor opens the talk (again), withdraws the topic or closes it."""
        if to not in CONVENED:
            raise Invalid("The topic was not moved.", [f"to: one of {', '.join(CONVENED)}; the rest follows by itself"])
        with self._units.writing() as uow:
            topic = topic_for(uow, topic_id, viewer)
            seat = Seat(uow, topic.estate, viewer, now=self._clock.now(), ids=self._ids, cause=cause)
            party, before = seat.convenor(), topic.state
            topic.enter(to, seat.now)
            uow.consultation.topics.save(topic)
            seat.say(Kind.TOPIC_MOVED, topic.id, party=party, **{"from": before.value, "to": to.value})
            uow.commit()

    def apply_for_fund(
        self, topic_id: str, ground: str, cost: Cost, viewer: Identity, *, cause: str | None = None
    ) -> FundApplication:
        """In an emergency the owners' committee applies for the maintenance fund. No vote is taken, and none is claimed."""
        with self._units.writing() as uow:
            topic = topic_for(uow, topic_id, viewer)
            seat = Seat(uow, topic.estate, viewer, now=self._clock.now(), ids=self._ids, cause=cause)
            party = acting_for(seat.register, seat.member, APPLIES)
            if party is None:
                raise NotAllowed(
                    "In an emergency the owners' assembly or committee applies for the fund.",
                    "紧急情况下由业主大会或业主委员会申请使用维修资金",
                )
            if topic.over:
                raise Conflict("The topic is over; open another one.", "议题已结束")
            checked(cost, Payer.MAINTENANCE_FUND, MatterKind.USE_FUND)
            for known in topic.applications:
                if (known.by, known.cost) == (seat.member.id, cost) and seat.said(known.id, ground):
                    return known
            record = seat.keep(ground, "ground")
            made = FundApplication(record.id, seat.member.id, party, seat.now, cost)
            topic.applications = (*topic.applications, made)
            uow.consultation.topics.save(topic)
            facts = {"cost": cost.minor, "currency": cost.currency, "digest": record.digest}
            seat.say(Kind.FUND_APPLIED, topic.id, party=party, **facts)
            uow.commit()
            return made
