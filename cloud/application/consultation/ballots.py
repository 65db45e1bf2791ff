"""A proposal is put to the vote: opened by the convenor, voted on by owners, entered and confirmed by two people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cloud.application.consultation.conclude import conclude
from cloud.application.consultation.seat import Seat, ballot_for, topic_for
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.consultation.ballot import Ballot, Channel, Choice, Vote, check_absent, check_second, latest, standing
from cloud.domain.consultation.topic import TopicState
from cloud.domain.records.ledger import Kind
from cloud.domain.records.personal import digest, new_salt
from cloud.errors import Conflict, Invalid, NotAllowed, NotFound

SHORTEST: Final = timedelta(hours=1)
LONGEST: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Entry:
    """A vote that somebody else hands in. `delegate`: the member to whom the owner gave it in writing; None: on paper."""

    owner: str
    choice: Choice
    delegate: str | None = None


class HoldBallot:
    """Raises NotFound, NotAllowed, Conflict, Invalid; then nothing has changed."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def open(
        self, topic_id: str, proposal_id: str, closes_at: datetime, viewer: Identity, *, cause: str | None = None
    ) -> Ballot:
        """The roll and the rule of this moment are the ballot's, whatever becomes of them."""
        with self._units.writing() as uow:
            topic = topic_for(uow, topic_id, viewer)
            seat = Seat(uow, topic.estate, viewer, now=self._clock.now(), ids=self._ids, cause=cause)
            party, proposal = seat.convenor(), topic.proposal(proposal_id)
            if not SHORTEST <= closes_at - seat.now <= LONGEST:
                raise Invalid(
                    "The ballot was not opened.", [f"closes_at: from an hour to {LONGEST.days} days from now"]
                )
            roll = uow.consultation.roll.of(topic.estate)
            if not roll:
                raise Conflict("There is no electoral roll yet: give the owners and their areas.", "尚无业主名册")
            topic.enter(TopicState.VOTING, seat.now)
            ballot = Ballot(
                self._ids.new(seat.now), topic.estate, topic.id, proposal.id, proposal.matter,
                uow.consultation.terms.of(topic.estate).rule, roll, seat.now, seat.member.id, closes_at,
            )  # fmt: skip
            uow.consultation.topics.save(topic)
            uow.consultation.ballots.save(ballot)
            facts = {"rule": ballot.rule.id, "matter": ballot.matter.value, "count": len(roll)}
            seat.say(
                Kind.BALLOT_OPENED, topic.id, ballot=ballot.id, party=party, closes_at=closes_at.isoformat(), **facts
            )
            uow.commit()
            return ballot

    def vote(self, ballot_id: str, choice: Choice, viewer: Identity, *, cause: str | None = None) -> Vote:
        """A member votes as the owner they are on the roll; voting again changes the vote."""
        with self._units.writing() as uow:
            ballot, seat = self._seated(uow, ballot_id, viewer, cause)
            owner = ballot.voter(seat.member.id)
            if owner is None:
                raise NotAllowed(
                    "You are not on the roll of this ballot: owners vote.", "您不在本次表决名册中，由业主表决"
                )
            now_counts = standing(uow.consultation.ballots.votes(ballot.id)).get(owner.id)
            if now_counts is not None and (now_counts.channel, now_counts.choice) == (Channel.OWN, choice):
                return now_counts
            vote = self._vote(ballot, owner.id, choice, Channel.OWN, seat)
            uow.consultation.ballots.put(vote)
            self._say(seat, Kind.VOTE_CAST, ballot, vote)
            uow.commit()
            return vote

    def enter(self, ballot_id: str, entry: Entry, viewer: Identity, *, cause: str | None = None) -> Vote:
        """Hand in a vote on paper (a convenor) or by delegation (a convenor or the delegate). It does not count yet."""
        with self._units.writing() as uow:
            ballot, seat = self._seated(uow, ballot_id, viewer, cause)
            if entry.delegate != seat.member.id:
                seat.convenor()
            if entry.delegate is not None and entry.delegate not in seat.register.members:
                raise Invalid("The vote was not entered.", ["delegate: name a member of this estate"])
            owner = ballot.owner(entry.owner)
            if seat.member.id == owner.member_id:
                raise NotAllowed("Cast your own vote yourself.", "本人请直接投票")
            channel = Channel.PAPER if entry.delegate is None else Channel.DELEGATED
            vote = replace(self._vote(ballot, owner.id, entry.choice, channel, seat), delegate=entry.delegate)
            votes = uow.consultation.ballots.votes(ballot.id)
            check_absent(owner, votes)
            before = latest(votes, owner.id)
            if before is not None and before.confirmed_by is None and vote.repeats(before):
                return before
            uow.consultation.ballots.put(vote)
            self._say(seat, Kind.VOTE_ENTERED, ballot, vote)
            uow.commit()
            return vote

    def confirm(self, ballot_id: str, vote_id: str, viewer: Identity, *, cause: str | None = None) -> Vote:
        """A second convenor has looked at the paper, and the vote counts."""
        with self._units.writing() as uow:
            ballot, seat = self._seated(uow, ballot_id, viewer, cause)
            seat.convenor()
            vote = uow.consultation.ballots.vote(vote_id)
            if vote is None or vote.ballot_id != ballot.id:
                raise NotFound(f"There is no vote {vote_id!r} in this ballot.", "本次表决没有这张选票")
            check_second(ballot, vote, seat.member.id, uow.consultation.ballots.votes(ballot.id))
            vote = replace(vote, confirmed_by=seat.member.id, confirmed_at=seat.now)
            uow.consultation.ballots.confirm(vote)
            self._say(seat, Kind.VOTE_CONFIRMED, ballot, vote)
            uow.commit()
            return vote

    def close_early(self, ballot_id: str, viewer: Identity, *, cause: str | None = None) -> Ballot:
        """Where the rule permits it and everybody has voted."""
        with self._units.writing() as uow:
            ballot, seat = self._seated(uow, ballot_id, viewer, cause)
            seat.convenor()
            ballot.check_early(uow.consultation.ballots.votes(ballot.id))
            conclude(uow, seat.register, ballot, ids=self._ids, now=seat.now, actor=f"member:{seat.member.id}")
            uow.commit()
            return ballot

    def _seated(self, uow: UnitOfWork, ballot_id: str, viewer: Identity, cause: str | None) -> tuple[Ballot, Seat]:
        ballot = ballot_for(uow, ballot_id, viewer)
        seat = Seat(uow, ballot.estate, viewer, now=self._clock.now(), ids=self._ids, cause=cause)
        ballot.check_open(seat.now)
        return ballot, seat

    def _vote(self, ballot: Ballot, owner: str, choice: Choice, channel: Channel, seat: Seat) -> Vote:
        vote_id = self._ids.new(seat.now)
        return Vote(vote_id, ballot.id, owner, choice, channel, seat.now, seat.member.id, new_salt())

    @staticmethod
    def _say(seat: Seat, kind: Kind, ballot: Ballot, vote: Vote) -> None:
        """That there is a vote, and a salted digest of it: neither its choice nor, where it was handed in, whose it is."""
        facts = {"ballot": ballot.id, "vote": vote.id, "channel": vote.channel.value}
        seat.say(kind, ballot.topic_id, digest=digest(vote.salt, vote.words), **facts)
