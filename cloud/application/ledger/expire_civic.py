"""Who voted what, who signed and what people offered each other is forgotten when its time is up; what was counted stays."""

from __future__ import annotations

from collections.abc import Mapping
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
        now = self._clock.now()
        with self._units.reading() as uow:
            found = [one.id for one in uow.consultation.ballots.outlived(now - length)]
        for ballot_id in found:
            with self._units.writing() as uow:
                ballot = uow.consultation.ballots.get(ballot_id)
                if ballot is None or ballot.forgotten_at is not None:
                    continue
                uow.personal.shred()
                ballot.forget(now)
                uow.consultation.ballots.forget_votes(ballot.id)
                uow.consultation.ballots.save(ballot)
                self._say(uow, ballot.estate, ballot.topic_id, PersonalClass.VOTE, ballot.id)
                uow.commit()
        return len(found)

    def _petitions(self, length: timedelta) -> int:
        now = self._clock.now()
        with self._units.reading() as uow:
            found = [one.id for one in uow.consultation.petitions.outlived(now - length)]
        for petition_id in found:
            with self._units.writing() as uow:
                petition = uow.consultation.petitions.get(petition_id)
                if petition is None or petition.lapsed_at is not None:
                    continue
                uow.personal.shred()
                petition.lapse(now)
                uow.consultation.petitions.save(petition)
                self._say(uow, petition.estate, petition.id, PersonalClass.SIGNATURE, petition.id)
                uow.commit()
        return len(found)

    def _postings(self, length: timedelta) -> int:
        """Words of what is over. What is still offered or asked for does its work, and stays."""
        now = self._clock.now()
        with self._units.reading() as uow:
            estates = [estate.id for estate in uow.registers.estates() if self._over(uow, estate.id, length)]
        count = 0
        for estate in estates:
            with self._units.writing() as uow:
                over = self._over(uow, estate, length)[:A_TIME]
                elsewhere = PersonalElsewhere(uow, estate, now)
                records = [one for id_ in over if (one := elsewhere.get(id_)) is not None]
                cause = _cause(PersonalClass.POSTING, length)
                erase_records(uow, estate, records, now, actor="clock", ground=Ground.RETENTION, cause=cause)
                uow.commit()
                count += len(records)
        return count

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
