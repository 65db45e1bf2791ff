"""A person gives, changes and takes back their own consent about their home."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from secrets import token_hex
from typing import Final

from cloud.application.estates.family import FamilyMatter, open_for_family
from cloud.application.estates.sign_in import Identity
from cloud.application.incidents.home_signs import HomeSigns
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.application.rosters.keeping import register_for
from cloud.application.timeseries import TimeSeriesReader, from_micros
from cloud.domain.community.names import Names
from cloud.domain.duties.consent import (
    DEFAULT_HOURS,
    NO_ACTIVITY,
    Consent,
    checked_contacts,
    faults,
    holds,
    housemates,
    own_home,
    shared,
)
from cloud.domain.duties.register import Register
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Invalid, NotFound

_KEY_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person wants; see `Consent`. `contacts`: name and telephone, whom to phone first. `family`: members."""

    points: tuple[str, ...]
    hours: int = DEFAULT_HOURS
    day_from: time = time(0)
    day_until: time = time(0)
    away_until: datetime | None = None
    contacts: tuple[tuple[str, str], ...] = ()
    family: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Housemate:
    """Another of the person's household, whom they may name."""

    member_id: str
    names: Names


@dataclass(frozen=True, slots=True)
class HomePoint:
    """A point of the person's own home that tells yes or no. `heard_at`: its latest reading."""

    point: str
    names: Names
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class WelfareView:
    """`choices`: what may count as activity; `consent` None: nobody is looked after, and nothing is kept. `stirred_at`: the last
    activity since the person gave word, `heard`: whether anything is heard of all its points now. `holds` False: the
    register has changed so that these are no longer the points of their home, and nothing is watched. `shared`: other
    households are drawn at the same place. `housemates`: who may be named; `named_in`: what is open in a home whose person has
    named the viewer.
    """

    choices: list[HomePoint]
    consent: Consent | None
    stirred_at: datetime | None = None
    heard: bool = False
    holds: bool = False
    shared: bool = False
    housemates: Sequence[Housemate] = ()
    named_in: Sequence[FamilyMatter] = ()


class KeepConsent:
    """The viewer's own, whatever their role; there is no way to name another person. Raises NotFound, Invalid, Unavailable,
    ReadingsUnavailable.
    """

    def __init__(
        self,
        units: UnitsOfWork,
        clock: Clock,
        readings: TimeSeriesReader,
        new_key: Callable[[], str] = lambda: token_hex(_KEY_BYTES),
    ) -> None:
        self._units, self._clock, self._readings, self._new_key = units, clock, readings, new_key

    def show(self, estate: str, viewer: Identity) -> WelfareView:
        with self._units.reading() as uow:
            register = register_for(uow, estate, viewer)
            consent, nodes = uow.consents.get(estate, viewer.member.id), uow.nodes.of(estate)
            named_in = open_for_family(uow, register, viewer.member)
        now = self._clock.now()
        view = WelfareView(
            self._choices(register, viewer), consent, shared=shared(register, viewer.member), named_in=named_in,
            housemates=[Housemate(one.id, one.names) for one in housemates(register, viewer.member)],
        )  # fmt: skip
        if consent is None or not holds(consent, register):
            return view
        signs = HomeSigns(self._readings).of(consent, register, nodes, now)
        return replace(view, stirred_at=signs.stirred_at, heard=not signs.blind, holds=True)

    def give(self, estate: str, wanted: Wanted, viewer: Identity) -> Consent:
        """Gives it, or changes what was given. To do so is a sign of life."""
        with self._units.reading() as uow:
            register = register_for(uow, estate, viewer)
        known = [one.point for one in self._choices(register, viewer)]
        contacts = checked_contacts(wanted.contacts)
        with self._units.writing() as uow:
            register, member, now = register_for(uow, estate, viewer), viewer.member, self._clock.now()
            home, before = own_home(register, member), uow.consents.get(estate, member.id)
            points = tuple(dict.fromkeys(wanted.points))
            party = home.get(points[0].rpartition("/")[0], "") if points else ""
            consent = Consent(
                key=before.key if before else self._new_key(), estate=estate, member_id=member.id, party_id=party,
                points=points, given_at=before.given_at if before else now, seen_at=now, hours=wanted.hours,
                day_from=wanted.day_from, day_until=wanted.day_until, away_until=wanted.away_until, contacts=contacts,
                family=tuple(sorted(set(wanted.family))),
            )  # fmt: skip
            wrong = faults(consent, now, known, (one.id for one in housemates(register, member)))
            if not wrong and not holds(consent, register):
                wrong = ["points: choose those of one home of yours"]
            if wrong:
                raise Invalid("The consent was not taken.", wrong)
            if before is not None and replace(before, seen_at=now) == consent:
                return self._well(uow, before)
            uow.consents.save(consent)
            self._say(uow, Kind.CONSENT_CHANGED if before else Kind.CONSENT_GIVEN, consent)
            uow.commit()
            return consent

    def well(self, estate: str, viewer: Identity) -> Consent:
        """The person gives word: what counts as silence begins anew."""
        with self._units.writing() as uow:
            register_for(uow, estate, viewer)
            return self._well(uow, _own(uow, estate, viewer))

    def withdraw(self, estate: str, viewer: Identity) -> None:
        """Nothing is watched any more, and everything that was kept of it is erased at once."""
        with self._units.writing() as uow:
            register_for(uow, estate, viewer)
            consent = _own(uow, estate, viewer)
            uow.consents.remove(estate, consent.member_id)
            self._say(uow, Kind.CONSENT_WITHDRAWN, consent)
            uow.commit()

    def _well(self, uow: UnitOfWork, consent: Consent) -> Consent:
        """Without an entry: when somebody was at home is nobody's business."""
        seen = consent.seen(self._clock.now())
        uow.consents.save(seen)
        uow.commit()
        return seen

    def _say(self, uow: UnitOfWork, kind: Kind, consent: Consent) -> None:
        """Under a key that says nothing of whose it is once the consent is gone; shown to those alone who see what concerns
        homes.
        """
        draft = Draft(
            kind, self._clock.now(), f"resident:{consent.key}", None, consent.key, consent.key, {"hazard": NO_ACTIVITY}
        )
        uow.ledger.append(consent.estate, [draft])

    def _choices(self, register: Register, viewer: Identity) -> list[HomePoint]:
        home = own_home(register, viewer.member)
        estate = register.estate.id
        points = [one for one in self._readings.points(estate) if one.rpartition("/")[0] in home] if home else []
        latest = self._readings.latest(estate, points) if points else {}
        return [
            HomePoint(point, register.names_of(point.rpartition("/")[0]), from_micros(latest[point].time))
            for point in points
            if point in latest and isinstance(latest[point].value, bool)
        ]


def _own(uow: UnitOfWork, estate: str, viewer: Identity) -> Consent:
    consent = uow.consents.get(estate, viewer.member.id)
    if consent is None:
        raise NotFound("You have not consented to anything here.", "您没有在此作出同意")
    return consent
