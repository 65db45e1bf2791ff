"""Nothing stirs in the home of somebody who wanted to be looked after: raised from the time series, over when something does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cloud.application.clock_ports import Doubts, never
from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.home_signs import HomeSigns
from cloud.application.incidents.watched_equipment import About, bring_into_line
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.timeseries import TimeSeriesReader
from cloud.domain.duties.consent import NO_ACTIVITY, UNWATCHED, Consent, holds
from cloud.domain.duties.register import Register
from cloud.domain.fleet.node import Node

_HAZARDS: Final = frozenset({NO_ACTIVITY, UNWATCHED})
_ORIGIN: Final = "home:"


@dataclass(frozen=True, slots=True)
class _Looked:
    register: Register
    consents: Sequence[Consent]
    nodes: Sequence[Node]
    standing: Mapping[About, list[str]]


class WatchWelfare:
    """Raises `welfare.no-activity` of the homes whose people consented, and clears it on the next activity, when they give
    word, go away or take their consent back. While their sensors are not heard it raises nothing of the kind: after a
    quarter of the hours it tells their family so (`welfare.unwatched`). While the clock is doubted it does nothing at all.
    Raises Unavailable, ReadingsUnavailable.
    """

    def __init__(
        self, units: UnitsOfWork, clock: Clock, ids: Ids, readings: TimeSeriesReader, doubted_until: Doubts = never
    ) -> None:
        self._units, self._clock, self._ids = units, clock, ids
        self._signs, self._doubted_until = HomeSigns(readings), doubted_until

    def __call__(self) -> int:
        """How many were raised or cleared."""
        until = self._doubted_until()
        if until is not None and until > self._clock.now():
            return 0
        with self._units.reading() as uow:
            found = [one for estate in uow.registers.estates() if (one := uow.registers.find(estate.id)) is not None]
            asked = [self._look(uow, one) for one in found]
        # Outside of any unit of work: an engine of another house may take its time, and an alarm does not wait for it.
        judged = [(one, self._judged(one)) for one in asked]
        changed = [
            (one, known) for one, known in judged if _wanted(one.consents, known, one.standing) ^ one.standing.keys()
        ]
        return sum(self._tell(one.register.estate.id, known) for one, known in changed)

    def _look(self, uow: UnitOfWork, register: Register) -> _Looked:
        consents = [one for one in uow.consents.of(register.estate.id) if holds(one, register)]
        nodes = uow.nodes.of(register.estate.id) if consents else ()
        return _Looked(register, consents, nodes, _standing(uow, register))

    def _judged(self, looked: _Looked) -> Mapping[Consent, frozenset[str]]:
        return {one: self._hazards(one, looked) for one in looked.consents}

    def _hazards(self, consent: Consent, looked: _Looked) -> frozenset[str]:
        now, register = self._clock.now(), looked.register
        if consent.away(now):
            return frozenset()
        signs = self._signs.of(consent, register, looked.nodes, now)
        found = {UNWATCHED} if signs.lost(consent, now) else set()
        stands = (NO_ACTIVITY, consent.equipment) in looked.standing
        if signs.silent(consent, register, now) >= consent.needed and (stands or not signs.blind):
            found.add(NO_ACTIVITY)
        return frozenset(found)

    def _tell(self, estate: str, judged: Mapping[Consent, frozenset[str]]) -> int:
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            register, now = uow.registers.find(estate), self._clock.now()
            if register is None:
                return 0
            standing = _standing(uow, register)
            consents = [one for one in uow.consents.of(estate) if holds(one, register)]
            wanted = _wanted(consents, judged, standing)
            consequences = Consequences(uow, register, self._ids, now, "clock")
            changed = bring_into_line(
                consequences, register, wanted, standing, at=now, occurrence=lambda: f"{_ORIGIN}{self._ids.new(now)}"
            )
            consequences.settle()
            uow.commit()
            return changed


def _standing(uow: UnitOfWork, register: Register) -> Mapping[About, list[str]]:
    """By what it is about, the occurrences that last and that were raised here."""
    found: dict[About, list[str]] = {}
    for alert in uow.alerts.firing(register.estate.id, hazards=_HAZARDS):
        mine = [one.id for one in alert.occurrences.values() if one.active and one.id.startswith(_ORIGIN)]
        if mine and alert.fingerprint.mode == "real":
            found[alert.fingerprint.hazard, alert.fingerprint.equipment] = mine
    return found


def _wanted(
    consents: Sequence[Consent], judged: Mapping[Consent, frozenset[str]], standing: Mapping[About, object]
) -> frozenset[About]:
    """What is to stand. Of a consent that was given or changed since the readings were looked at, what stands is left so
    until they are looked at again.
    """
    found: set[About] = set()
    for one in consents:
        if one in judged:
            found |= {(name, one.equipment) for name in judged[one]}
        else:
            found |= {about for about in standing if about[1] == one.equipment}
    return frozenset(found)
