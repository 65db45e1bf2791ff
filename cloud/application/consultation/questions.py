"""What members, and everybody, may ask about consultation."""

from __future__ import annotations

from cloud.application.asking.personal_looks import PersonalLooks
from cloud.application.consultation import views
from cloud.application.consultation.chain import chain_of
from cloud.application.consultation.depict import (
    ballot_view,
    cost_view,
    effect_view,
    proposal_view,
    public_ballot,
    topic_view,
    words,
)
from cloud.application.consultation.seat import Seat, ballot_for, topic_for
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.positions import Position, TopicPosition
from cloud.domain.consultation.petition import Petition, may_petition
from cloud.domain.consultation.terms import CONVENES, acting_for
from cloud.domain.consultation.topic import Topic
from cloud.domain.records.personal import PersonalClass
from cloud.errors import NotFound


class AskConsultation:
    """Each answer is one consistent view. Raises NotFound for what is not the viewer's to see."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids
        self._looks = PersonalLooks(units, clock)

    def topics(
        self, estate: str, viewer: Identity, *, limit: int = 100, before: TopicPosition | None = None
    ) -> list[views.TopicView]:
        """Those that are not over first."""
        with self._units.reading() as uow:
            seat = self._seat(uow, estate, viewer)
            return [topic_view(one, seat.register) for one in uow.consultation.topics.of(estate, limit, before)]

    def topic(self, topic_id: str, viewer: Identity) -> views.TopicPageView:
        """The topic with everything said about it; that a member read what others wrote is an entry of the ledger."""
        with self._units.reading() as uow:
            topic = topic_for(uow, topic_id, viewer)
            page = self._page(uow, topic, viewer)
        authors = {one.member_id for one in topic.contributions} | {one.by for one in topic.proposals}
        authors |= {one.by for one in topic.applications}
        if authors - {viewer.member.id}:
            self._looks.note(viewer, topic.estate, topic.id, PersonalClass.NOTE)
        return page

    def seen(self, topic_id: str, viewer: Identity) -> str:
        """The estate of a topic that the member may see."""
        with self._units.reading() as uow:
            return topic_for(uow, topic_id, viewer).estate

    def chain(self, topic_id: str, viewer: Identity) -> views.ChainView:
        with self._units.reading() as uow:
            topic = topic_for(uow, topic_id, viewer)
            seat = self._seat(uow, topic.estate, viewer)
            return chain_of(uow, topic, uow.consultation.ballots.of_topic(topic.id), seat.register)

    def ballot(self, ballot_id: str, viewer: Identity) -> views.BallotView:
        with self._units.reading() as uow:
            ballot = ballot_for(uow, ballot_id, viewer)
            return ballot_view(ballot, list(uow.consultation.ballots.votes(ballot.id)), viewer.member.id)

    def pending(self, ballot_id: str, viewer: Identity) -> list[views.PendingVoteView]:
        """Votes that wait for a second person; that one looked at them is an entry of the ledger. Raises NotAllowed for who
        does not convene.
        """
        with self._units.reading() as uow:
            ballot = ballot_for(uow, ballot_id, viewer)
            self._seat(uow, ballot.estate, viewer).convenor()
            waiting = [
                views.PendingVoteView(one.id, one.owner, one.choice, one.channel, one.at, one.entered_by)
                for one in uow.consultation.ballots.votes(ballot.id)
                if not one.counts
            ]
        if waiting:
            self._looks.note(viewer, ballot.estate, f"{ballot_id}:entries", PersonalClass.VOTE)
        return waiting

    def may_petition(self, estate: str, viewer: Identity) -> bool:
        """Whether the viewer may start and sign petitions there."""
        with self._units.reading() as uow:
            register = uow.registers.find(estate)
            roll = uow.consultation.roll.of(estate)
            return register is not None and may_petition(register, viewer.member, roll)

    def petitions(
        self, estate: str, viewer: Identity, *, limit: int = 50, before: Position | None = None
    ) -> list[views.PetitionView]:
        with self._units.reading() as uow:
            self._seat(uow, estate, viewer)
            found = uow.consultation.petitions.of(estate, limit, before)
            shown = [petition_view(uow, one, viewer) for one in found]
        if {one.signers[0] for one in found if one.signers} - {viewer.member.id}:
            self._looks.note(viewer, estate, "petitions", PersonalClass.NOTE)
        return shown

    def petition(self, petition_id: str, viewer: Identity) -> views.PetitionView:
        with self._units.reading() as uow:
            petition = uow.consultation.petitions.get(petition_id)
            if petition is None or petition.estate not in viewer.estates:
                raise NotFound(f"There is no petition {petition_id!r} here.", "没有这项倡议")
            shown = petition_view(uow, petition, viewer)
        if petition.signers and petition.signers[0] != viewer.member.id:
            self._looks.note(viewer, petition.estate, petition_id, PersonalClass.NOTE)
        return shown

    def public(self, estate: str, *, limit: int = 50, before: Position | None = None) -> list[views.PublicBallotView]:
        """Open ballots and results, for everybody, without personal data. Raises NotFound."""
        with self._units.reading() as uow:
            register = uow.registers.find(estate)
            if register is None:
                raise NotFound(f"There is no estate {estate!r} here.", "没有这个小区")
            found = []
            for ballot in uow.consultation.ballots.of_estate(estate, limit, before):
                topic = uow.consultation.topics.get(ballot.topic_id)
                if topic is not None:
                    found.append(public_ballot(ballot, topic, register))
            return found

    def held(self, estate: str) -> int:
        """How many ballots there were and are, for everybody."""
        with self._units.reading() as uow:
            return uow.consultation.ballots.count(estate)

    def _seat(self, uow: UnitOfWork, estate: str, viewer: Identity) -> Seat:
        return Seat(uow, estate, viewer, now=self._clock.now(), ids=self._ids)

    def _page(self, uow: UnitOfWork, topic: Topic, viewer: Identity) -> views.TopicPageView:
        register = self._seat(uow, topic.estate, viewer).register
        ballots = uow.consultation.ballots
        return views.TopicPageView(
            topic=topic_view(topic, register),
            contributions=[
                views.WordsView(one.id, register.party(one.party_id).names, one.at, words(uow, one.id))
                for one in topic.contributions
            ],
            proposals=[proposal_view(uow, one, register) for one in topic.proposals],
            applications=[
                views.ApplicationView(
                    one.id, register.party(one.party_id).names, one.at, words(uow, one.id), cost_view(one.cost)
                )
                for one in topic.applications
            ],
            ballots=[
                ballot_view(one, list(ballots.votes(one.id)), viewer.member.id) for one in ballots.of_topic(topic.id)
            ],
            effect=effect_view(topic.effect),
            convenes=acting_for(register, viewer.member, CONVENES) is not None,
        )


def petition_view(uow: UnitOfWork, petition: Petition, viewer: Identity) -> views.PetitionView:
    return views.PetitionView(
        petition.id, petition.estate, petition.started_at, words(uow, petition.id), petition.equipment,
        petition.signatures, petition.needed, viewer.member.id in petition.signers, petition.topic_id,
    )  # fmt: skip
