"""Personal data beside the ledger is erased: when a person asks, when an authority orders it, when its time is up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cloud.application.estates.sign_in import Identity
from cloud.application.ledger.personal_elsewhere import PersonalElsewhere
from cloud.application.ledger.personal_votes import PersonalVotes
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.personal import Ground, PersonalClass, PersonalRecord
from cloud.errors import Invalid, NotFound

_IN_ONE_ENTRY = 100


@dataclass(frozen=True, slots=True)
class Erased:
    """How many pieces were erased now, how many had been before, and the ledger's sequence that says so."""

    estate: str
    erased: int
    already: int
    seq: int


class ErasePersonal:
    """One person's data, or one piece of it. The chain still verifies; its timeline says that something was erased.

    Raises NotFound, Invalid, Unavailable; then nothing was erased.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(
        self,
        estate: str,
        *,
        subject: str | None = None,
        record: str | None = None,
        actor: str,
        ground: Ground = Ground.ASKED,
        cause: str | None = None,
    ) -> Erased:
        if (subject is None) == (record is None):
            raise Invalid("Nothing was erased.", ["subject, record: name the person or one piece, not both"])
        with self._units.writing() as uow:
            found = _found(uow, estate, subject, record, self._clock.now())
            kept = [one for one in found if one.erased_at is None]
            seq = uow.ledger.head(estate).seq
            if kept:
                seq = erase_records(uow, estate, kept, self._clock.now(), actor=actor, ground=ground, cause=cause)
                uow.commit()
            return Erased(estate, len(kept), len(found) - len(kept), seq)


class ListPersonal:
    """What is kept, by key and class and since when, without the words: so that it can be found and erased."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(
        self, estate: str, viewer: Identity | None, *, subject: str | None = None, limit: int = 1000
    ) -> Sequence[PersonalRecord]:
        with self._units.reading() as uow:
            if uow.registers.find(estate) is None or (viewer is not None and estate not in viewer.estates):
                raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
            elsewhere, votes = (
                PersonalElsewhere(uow, estate, self._clock.now()),
                PersonalVotes(uow, estate, self._clock.now()),
            )
            if subject:
                return [
                    *uow.personal.of_subject(estate, subject), *elsewhere.of_subject(subject), *votes.of_subject(subject)
                ]  # fmt: skip
            return [*uow.personal.of_estate(estate, limit), *elsewhere.of_estate(), *votes.of_estate()][:limit]


class ExpirePersonal:
    """What has outlived the time set for its class is erased; what belongs to an open incident waits until it is closed."""

    def __init__(self, units: UnitsOfWork, clock: Clock, keep: Mapping[PersonalClass, timedelta]) -> None:
        self._units, self._clock, self._keep = units, clock, keep

    def __call__(self) -> int:
        """How many pieces were erased: at most a few hundred at once, so that no alarm waits for it."""
        return sum(self._expire(sort, length) for sort, length in self._keep.items())

    def _expire(self, sort: PersonalClass, length: timedelta) -> int:
        now = self._clock.now()
        with self._units.reading() as uow:
            if not uow.personal.outlived(sort, now - length, 1):
                return 0
        with self._units.writing() as uow:
            found = uow.personal.outlived(sort, now - length)
            for estate in sorted({one.estate for one in found}):
                mine = [one for one in found if one.estate == estate]
                erase_records(
                    uow, estate, mine, now, actor="clock", ground=Ground.RETENTION, cause=f"keep:{sort}:{length.days}d"
                )
            uow.commit()
            return len(found)


def _found(
    uow: UnitOfWork, estate: str, subject: str | None, record: str | None, now: datetime
) -> Sequence[PersonalRecord]:
    elsewhere, votes = PersonalElsewhere(uow, estate, now), PersonalVotes(uow, estate, now)
    if subject is not None:
        own = uow.personal.of_subject(estate, subject)
        found = [*own, *elsewhere.of_subject(subject), *votes.of_subject(subject)]
    else:
        one = uow.personal.get(record or "") or elsewhere.get(record or "") or votes.get(record or "")
        found = [one] if one is not None and one.estate == estate else []
    if not found:
        raise NotFound(
            f"Nothing personal is kept in estate {estate!r} under {(subject or record)!r}. "
            f"`tocsin personal list {estate}` names what is.",
            "没有保存相应的个人信息",
        )
    return found


def erase_records(
    uow: UnitOfWork,
    estate: str,
    records: Sequence[PersonalRecord],
    now: datetime,
    *,
    actor: str,
    ground: Ground,
    cause: str | None,
) -> int:
    """One entry for each incident, person and class, in the incident's own story; the last one's sequence."""
    groups: dict[tuple[str | None, str, PersonalClass], list[str]] = {}
    elsewhere, votes = PersonalElsewhere(uow, estate, now), PersonalVotes(uow, estate, now)
    uow.personal.shred()
    for one in records:
        if not votes.erase(one) and not elsewhere.erase(one):
            uow.personal.erase(one.erased(now))
        groups.setdefault((one.incident_id, one.subject, one.sort), []).append(one.id)
    drafts = [
        Draft(
            Kind.PERSONAL_ERASED,
            now,
            actor,
            incident_id,
            subject,
            cause,
            {"class": sort.value, "ground": ground.value, "records": ids[start : start + _IN_ONE_ENTRY]},
        )
        for (incident_id, subject, sort), ids in groups.items()
        for start in range(0, len(ids), _IN_ONE_ENTRY)
    ]
    return uow.ledger.append(estate, drafts)[-1].seq
