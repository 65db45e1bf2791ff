"""Residents and owners ask for a topic: one starts a petition, others sign it."""

from __future__ import annotations

from cloud.application.consultation.seat import Seat
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.consultation.petition import Petition, may_petition
from cloud.domain.consultation.topic import Contribution, Origin, Topic
from cloud.domain.records.ledger import Kind
from cloud.errors import Invalid, NotAllowed, NotFound


class Petitions:
    """Raises NotFound, NotAllowed, Conflict, Invalid; then nothing has changed."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def start(
        self, estate: str, text: str, viewer: Identity, *, equipment: str | None = None, cause: str | None = None
    ) -> Petition:
        with self._units.writing() as uow:
            seat = Seat(uow, estate, viewer, now=self._clock.now(), ids=self._ids, cause=cause)
            _check_theirs(uow, seat)
            if equipment is not None and not seat.register.knows(equipment):
                raise Invalid(
                    "The petition was not started.", ["equipment: name a piece of this estate, or leave it out"]
                )
            for known in uow.consultation.petitions.of(estate):
                # One that is too old names nobody any more.
                mine = (known.signers[:1], known.equipment) == ((seat.member.id,), equipment)
                if mine and known.topic_id is None and seat.said(known.id, text):
                    return known
            record = seat.keep(text, "text")
            needed = uow.consultation.terms.of(estate).petition_signatures
            petition = Petition(record.id, estate, seat.now, (seat.member.id,), needed, equipment)
            seat.say(Kind.PETITION_STARTED, petition.id, needed=needed, digest=record.digest)
            self._perhaps_topic(uow, seat, petition)
            uow.consultation.petitions.save(petition)
            uow.commit()
            return petition

    def sign(self, petition_id: str, viewer: Identity, *, cause: str | None = None) -> Petition:
        """The signature that makes it enough opens the topic, in the same breath."""
        with self._units.writing() as uow:
            petition = uow.consultation.petitions.get(petition_id)
            if petition is None or petition.estate not in viewer.estates:
                raise NotFound(f"There is no petition {petition_id!r} here.", "没有这项倡议")
            seat = Seat(uow, petition.estate, viewer, now=self._clock.now(), ids=self._ids, cause=cause)
            _check_theirs(uow, seat)
            petition.sign(seat.member.id)
            seat.say(Kind.PETITION_SIGNED, petition.id, count=petition.signatures, needed=petition.needed)
            self._perhaps_topic(uow, seat, petition)
            uow.consultation.petitions.save(petition)
            uow.commit()
            return petition

    def _perhaps_topic(self, uow: UnitOfWork, seat: Seat, petition: Petition) -> None:
        if not petition.enough:
            return
        # The petition's own words open the talk: whose they are stands with them, also where they took their name back.
        words = uow.personal.get(petition.id)
        assert words is not None, f"petition {petition.id} has lost its words"
        first = words.subject.removeprefix("member:")
        starter = seat.register.members.get(first, seat.member)
        said = Contribution(petition.id, first, starter.party_id, petition.started_at)
        topic = Topic(
            self._ids.new(seat.now), seat.estate, f"{Origin.PETITION}|{petition.id}", Origin.PETITION, seat.now,
            equipment=petition.equipment, contributions=(said,),
        )  # fmt: skip
        petition.topic_id = topic.id
        uow.consultation.topics.save(topic)
        facts = {"origin": topic.origin.value, "count": petition.signatures, "petition": petition.id}
        seat.say(Kind.TOPIC_OPENED, topic.id, **facts)


def _check_theirs(uow: UnitOfWork, seat: Seat) -> None:
    if not may_petition(seat.register, seat.member, uow.consultation.roll.of(seat.estate)):
        raise NotAllowed(
            "A petition is the residents' and owners' own: an organisation's people neither start nor sign one.",
            "倡议由居民和业主发起、签名，单位工作人员不参与",
        )
