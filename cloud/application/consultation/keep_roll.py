"""The convenor keeps the electoral roll and the estate's terms."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from cloud.application.asking.personal_looks import PersonalLooks
from cloud.application.consultation.seat import Seat
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, Ids, UnitsOfWork
from cloud.domain.community.faults import fault, in_file
from cloud.domain.consultation.majorities import Weight, checked
from cloud.domain.consultation.roll import Owner, Unit, roll_of, whole
from cloud.domain.consultation.terms import Terms
from cloud.domain.records.ledger import Kind
from cloud.domain.records.personal import PersonalClass
from cloud.errors import Invalid


def nothing_to_check(standing: object) -> None:
    del standing


class KeepRoll:
    """Raises NotFound, NotAllowed, Invalid; then nothing has changed."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids
        self._looks = PersonalLooks(units, clock)

    def replace(
        self,
        estate: str,
        units: Sequence[Unit],
        members: Mapping[str, str],
        viewer: Identity,
        *,
        check: Callable[[Sequence[Owner]], None] = nothing_to_check,
        cause: str | None = None,
        dry_run: bool = False,
    ) -> tuple[Owner, ...]:
        """The whole roll anew. Ballots that run keep the one they began with. `check`: may refuse, of the roll as it stands.
        `dry_run`: only what it would be.
        """
        owners = roll_of(units, dict(members))
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            seat = Seat(uow, estate, viewer, now=self._clock.now(), ids=self._ids, cause=cause)
            party = seat.convenor()
            unknown = sorted(
                one.member_id for one in owners if one.member_id and one.member_id not in seat.register.members
            )
            if unknown:
                raise Invalid(
                    "The electoral roll was not taken.", [f"members: nobody here is {name!r}" for name in unknown]
                )
            standing = sorted(uow.consultation.roll.of(estate), key=lambda one: one.id)
            check(standing)
            if dry_run or standing == list(owners):
                return owners  # Whoever heard no answer sends it again.
            uow.consultation.roll.replace(estate, owners)
            total = whole(owners)
            seat.say(
                Kind.ROLL_KEPT, estate, party=party, count=total.heads, area=str(total.area), digest=_digest(owners)
            )
            uow.commit()
        return owners

    def read(self, estate: str, viewer: Identity) -> tuple[Owner, ...]:
        """Who owns what is for who convenes, and that they looked is an entry of the ledger."""
        with self._units.reading() as uow:
            Seat(uow, estate, viewer, now=self._clock.now(), ids=self._ids).convenor()
            owners = uow.consultation.roll.of(estate)
        if owners:
            self._looks.note(viewer, estate, "electoral-roll", PersonalClass.OWNER)
        return owners

    def convening(self, estate: str, viewer: Identity) -> None:
        """Raises NotFound, NotAllowed for who does not convene there."""
        with self._units.reading() as uow:
            Seat(uow, estate, viewer, now=self._clock.now(), ids=self._ids).convenor()

    def known(
        self, estate: str, viewer: Identity, members: Iterable[str], at: Callable[[str], tuple[str, int]]
    ) -> None:
        """Raises Invalid with the file and line (`at`) of each that is no member here."""
        with self._units.reading() as uow:
            seat = Seat(uow, estate, viewer, now=self._clock.now(), ids=self._ids)
            unknown = [name for name in members if name not in seat.register.members]
        if unknown:
            problems = [in_file(fault("roll-member-unknown", name=name), *at(name), "member") for name in unknown]
            raise Invalid("The electoral roll was not taken.", problems)

    def standing(self, estate: str, viewer: Identity) -> Weight:
        """How many owners stand in it with how much area; who convenes there may ask, and sees nobody's."""
        with self._units.reading() as uow:
            Seat(uow, estate, viewer, now=self._clock.now(), ids=self._ids).convenor()
            return whole(uow.consultation.roll.of(estate))

    def terms(self, estate: str, viewer: Identity) -> Terms:
        with self._units.reading() as uow:
            Seat(uow, estate, viewer, now=self._clock.now(), ids=self._ids)
            return uow.consultation.terms.of(estate)

    def set_terms(
        self,
        estate: str,
        terms: Terms,
        viewer: Identity,
        *,
        check: Callable[[Terms], None] = nothing_to_check,
        cause: str | None = None,
    ) -> Terms:
        """`check`: may refuse, of the terms as they stand."""
        checked(terms.rule)
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            seat = Seat(uow, estate, viewer, now=self._clock.now(), ids=self._ids, cause=cause)
            party = seat.convenor()
            check(uow.consultation.terms.of(estate))
            if uow.consultation.terms.of(estate) == terms:
                return terms
            uow.consultation.terms.save(estate, terms)
            facts = {"signatures": terms.petition_signatures, "days": terms.review_after_days}
            seat.say(Kind.TERMS_SET, estate, party=party, rule=terms.rule.id, **facts)
            uow.commit()
        return terms


def _digest(owners: Sequence[Owner]) -> str:
    """Seals the roll without naming anybody in the chain."""
    rows = [[one.id, str(one.area), list(one.units), one.member_id] for one in owners]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()
