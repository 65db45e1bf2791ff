"""A patrol is walked and recorded: which round, which points were seen, what was found. It stands in the printed register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cloud.application.estates.keep_labels import meant
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.positions import Position
from cloud.application.tasks.planned import Group, groups_of
from cloud.domain.community.names import Names
from cloud.domain.duties.register import Register
from cloud.domain.incidents.report import spot_of
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.patrol import MAX_FINDINGS, MOST_POINTS, Patrol, Round
from cloud.domain.records.personal import PersonalClass, PersonalRecord, new_salt
from cloud.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class PatrolView:
    """`findings`: the words, empty where there were none or they were erased."""

    id: str
    at: datetime
    round: Round
    party: Names
    member_id: str
    points: Sequence[Names]
    findings: str


class WalkPatrols:
    """Raises NotFound, Invalid, Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def record(
        self,
        estate: str,
        round_: Round,
        codes: Sequence[str],
        viewer: Identity,
        *,
        findings: str = "",
        cause: str | None = None,
    ) -> PatrolView:
        """`codes`: of labels, or what the register calls the doors, lifts and floors that were passed."""
        with self._units.writing() as uow:
            register, now, member = _register(uow, estate, viewer), self._clock.now(), viewer.member
            points, words = _points(register, [meant(uow, estate, one.strip()) for one in codes]), findings.strip()
            if len(words) > MAX_FINDINGS:
                raise Invalid("The patrol was not recorded.", [f"findings: write at most {MAX_FINDINGS} characters"])
            patrol = Patrol(self._ids.new(now), estate, member.party_id, member.id, now, round_, points)
            again = next((one for one in uow.patrols.of(estate, 50) if patrol.repeats(one)), None)
            if again is not None and _found(uow, again) == words:
                return _view(uow, register, again)
            facts = {
                "party": member.party_id, "round": round_.value, "points": list(points), "count": len(points),
                "found": "with_findings" if words else "in_order",
            }  # fmt: skip
            if words:
                note = PersonalRecord(
                    self._ids.new(now), estate, f"member:{member.id}", PersonalClass.NOTE, now, words, new_salt()
                )
                uow.personal.put(note)
                patrol = Patrol(
                    patrol.id, estate, patrol.party_id, patrol.member_id, now, round_, points, findings=note.id
                )
                facts |= {"note": note.id, "digest": note.digest}
            uow.patrols.put(patrol)
            draft = Draft(Kind.PATROL_WALKED, now, f"member:{member.id}", None, patrol.id, cause or patrol.id, facts)
            uow.ledger.append(estate, [draft])
            uow.commit()
            return _view(uow, register, patrol)

    def points(self, estate: str, viewer: Identity) -> Sequence[Group]:
        """What there is to see, by building."""
        with self._units.reading() as uow:
            register = _register(uow, estate, viewer)
            return groups_of(register, sorted(register.equipment))

    def listed(
        self, estate: str, viewer: Identity, *, limit: int = 100, before: Position | None = None
    ) -> Sequence[PatrolView]:
        """The latest first."""
        with self._units.reading() as uow:
            register = _register(uow, estate, viewer)
            return [_view(uow, register, one) for one in uow.patrols.of(estate, limit, before)]


def _points(register: Register, codes: Sequence[str]) -> tuple[str, ...]:
    seen: list[str] = []
    faults = []
    for code in dict.fromkeys(code.strip() for code in codes if code.strip()):
        try:
            seen.append(spot_of(code, register).equipment_id)
        except NotFound as error:
            faults.append(f"points: {error}")
    if not seen and not faults:
        faults.append("points: name at least one that was seen, by the code on it")
    if len(seen) > MOST_POINTS:
        faults.append(f"points: at most {MOST_POINTS} in one round")
    if faults:
        raise Invalid("The patrol was not recorded.", faults)
    return tuple(seen)


def _found(uow: UnitOfWork, patrol: Patrol) -> str:
    words = uow.personal.get(patrol.findings) if patrol.findings else None
    return words.text if words is not None else ""


def _view(uow: UnitOfWork, register: Register, one: Patrol) -> PatrolView:
    points = [register.names_of(point) for point in one.points]
    party = register.party(one.party_id).names
    return PatrolView(one.id, one.at, one.round, party, one.member_id, points, _found(uow, one))


def _register(uow: UnitOfWork, estate: str, viewer: Identity) -> Register:
    register = uow.registers.find(estate) if estate in viewer.estates else None
    if register is None:
        raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
    return register
