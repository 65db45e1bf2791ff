"""Personal data of consultation: how owners voted, who signed petitions, which member an owner on the roll is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from cloud.application.ports import UnitOfWork
from cloud.domain.consultation.ballot import Ballot, BallotState
from cloud.domain.consultation.petition import Petition
from cloud.domain.consultation.roll import Owner
from cloud.domain.records.personal import PersonalClass, PersonalRecord

_VOTE: Final = "vote:"
_SIGNATURE: Final = "signature:"
_OWNER: Final = "owner:"
_ALL: Final = 10_000


class PersonalVotes:
    """Listed and erased as if it stood with the rest. While a ballot is open it is neither: the vote still counts, and its
    owner may change it. Erased, what was counted stays as it is. A signature that has not made a topic yet is withdrawn.
    """

    def __init__(self, uow: UnitOfWork, estate: str, now: datetime) -> None:
        self._uow, self._estate, self._now = uow, estate, now

    def of_subject(self, subject: str) -> list[PersonalRecord]:
        return [one for one in self._all() if one.subject == subject]

    def of_estate(self) -> list[PersonalRecord]:
        return list(self._all())

    def get(self, record_id: str) -> PersonalRecord | None:
        if not record_id.startswith((_VOTE, _SIGNATURE, _OWNER)):
            return None
        return next((one for one in self._all() if one.id == record_id), None)

    def erase(self, record: PersonalRecord) -> bool:
        """Whether it stood here."""
        if record.sort is PersonalClass.VOTE:
            ballot_id, _, owner = record.id.removeprefix(_VOTE).partition(":")
            ballot = self._uow.consultation.ballots.get(ballot_id)
            assert ballot is not None, f"ballot {ballot_id} was there a moment ago"
            ballot.forget(self._now, [owner])
            self._uow.consultation.ballots.forget_votes(ballot.id, [owner])
            self._uow.consultation.ballots.save(ballot)
        elif record.sort is PersonalClass.SIGNATURE:
            petition_id, _, member_id = record.id.removeprefix(_SIGNATURE).partition(":")
            petition = self._uow.consultation.petitions.get(petition_id)
            assert petition is not None, f"petition {petition_id} was there a moment ago"
            petition.forget(member_id)
            self._uow.consultation.petitions.save(petition)
        elif record.sort is PersonalClass.OWNER:
            key = record.id.removeprefix(_OWNER)
            roll = self._uow.consultation.roll.of(self._estate)
            unlinked = [replace(one, member_id=None) if one.id == key else one for one in roll]
            self._uow.consultation.roll.replace(self._estate, unlinked)
        else:
            return False
        return True

    def _all(self) -> Iterator[PersonalRecord]:
        for ballot in self._uow.consultation.ballots.of_estate(self._estate, _ALL):
            yield from self._of_ballot(ballot)
        for petition in self._uow.consultation.petitions.of(self._estate, _ALL):
            yield from (self._signature(petition, member_id) for member_id in petition.signers)
        for owner in self._uow.consultation.roll.of(self._estate):
            if owner.member_id is not None:
                key, whose = f"{_OWNER}{owner.id}", f"member:{owner.member_id}"
                yield PersonalRecord(key, self._estate, whose, PersonalClass.OWNER, self._now, owner.id, "")

    def _of_ballot(self, ballot: Ballot) -> Iterator[PersonalRecord]:
        if ballot.state is BallotState.CLOSED:
            for owner in ballot.roll:
                key, since = f"{_VOTE}{ballot.id}:{owner.id}", ballot.closed_at or ballot.opened_at
                yield PersonalRecord(key, self._estate, subject_of(owner), PersonalClass.VOTE, since, owner.id, "")

    def _signature(self, petition: Petition, member_id: str) -> PersonalRecord:
        key, whose = f"{_SIGNATURE}{petition.id}:{member_id}", f"member:{member_id}"
        return PersonalRecord(key, self._estate, whose, PersonalClass.SIGNATURE, petition.started_at, member_id, "")


def subject_of(owner: Owner) -> str:
    """The person under whose key it is found: the member that votes as this owner, else the owner."""
    return f"member:{owner.member_id}" if owner.member_id else f"{_OWNER}{owner.id}"
