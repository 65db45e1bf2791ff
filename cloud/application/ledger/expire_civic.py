"""Who voted what, who signed and what people offered each other is forgotten when its time is up; what was counted stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Final

from cloud.application.ledger.erase_personal import erase_records
from cloud.application.ledger.personal_elsewhere import PersonalElsewhere
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.personal import Ground, PersonalClass

A_TIME: Final = 100


class ExpireCivic:
    """One round, each ballot and petition in a unit of work of its own. The ledger says which, and names nobody by it."""

    def __init__(self, units: UnitsOfWork, clock: Clock, keep: Mapping[PersonalClass, timedelta]) -> None:
        self._units, self._clock, self._keep = units, clock, keep

    def __call__(self) -> int:
        """How many ballots, petitions and postings were forgotten."""
        work = {
            PersonalClass.VOTE: self._ballots,
            PersonalClass.SIGNATURE: self._petitions,
            PersonalClass.POSTING: self._postings,
        }
        return sum(work[sort](length) for sort, length in self._keep.items())

    def _ballots(self, length: timedelta) -> int:
        with self._units.reading() as uow:
            found = [one.id for one in uow.consultation.ballots.outlived(self._clock.now() - length)]
        return self._one_by_one(found, self._forget_votes)

    def _forget_votes(self, uow: UnitOfWork, ballot_id: str) -> int:
        ballot = uow.consultation.ballots.get(ballot_id)
        if ballot is None or ballot.forgotten_at is not None:
            return 0
        uow.personal.shred()
        ballot.forget(self._clock.now())
        uow.consultation.ballots.forget_votes(ballot.id)
        uow.consultation.ballots.save(ballot)
        self._say(uow, ballot.estate, ballot.topic_id, PersonalClass.VOTE, ballot.id)
        return 1

    def _petitions(self, length: timedelta) -> int:
        with self._units.reading() as uow:
            found = [one.id for one in uow.consultation.petitions.outlived(self._clock.now() - length)]
        return self._one_by_one(found, self._forget_signatures)

    def _forget_signatures(self, uow: UnitOfWork, petition_id: str) -> int:
        petition = uow.consultation.petitions.get(petition_id)
        if petition is None or petition.lapsed_at is not None:
            return 0
        uow.personal.shred()
        petition.lapse(self._clock.now())
        uow.consultation.petitions.save(petition)
        self._say(uow, petition.estate, petition.id, PersonalClass.SIGNATURE, petition.id)
        return 1

    def _postings(self, length: timedelta) -> int:
        """Words of what is over. What is still offered or asked for does its work, and stays."""
        with self._units.reading() as uow:
            estates = [estate.id for estate in uow.registers.estates() if self._over(uow, estate.id, length)]
        return self._one_by_one(estates, lambda uow, estate: self._forget_words(uow, estate, length))

    def _forget_words(self, uow: UnitOfWork, estate: str, length: timedelta) -> int:
        now = self._clock.now()
        over = self._over(uow, estate, length)[:A_TIME]
        elsewhere = PersonalElsewhere(uow, estate, now)
        records = [one for id_ in over if (one := elsewhere.get(id_)) is not None]
        if not records:
            return 0
        cause = _cause(PersonalClass.POSTING, length)
        erase_records(uow, estate, records, now, actor="clock", ground=Ground.RETENTION, cause=cause)
        return len(records)

    def _one_by_one(self, found: Iterable[str], forget: Callable[[UnitOfWork, str], int]) -> int:
        """Each in a unit of work of its own; how many were forgotten. What somebody else forgot meanwhile is left."""
        total = 0
        for id_ in found:
            with self._units.writing() as uow:
                count = forget(uow, id_)
                if count:
                    uow.commit()
            total += count
        return total

    def _over(self, uow: UnitOfWork, estate: str, length: timedelta) -> list[str]:
        before = self._clock.now() - length
        ended = ((one, one.ended_at) for one in uow.exchange.written(estate, None) if one.salt)
        return [one.id for one, at in ended if at is not None and at < before]

    def _say(self, uow: UnitOfWork, estate: str, subject: str, sort: PersonalClass, record: str) -> None:
        facts = {"class": sort.value, "ground": Ground.RETENTION.value, "records": [record]}
        cause = _cause(sort, self._keep[sort])
        uow.ledger.append(
            estate, [Draft(Kind.PERSONAL_ERASED, self._clock.now(), "clock", None, subject, cause, facts)]
        )


def _cause(sort: PersonalClass, length: timedelta) -> str:
    return f"keep:{sort}:{length.days}d"
