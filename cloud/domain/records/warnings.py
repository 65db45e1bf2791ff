"""What the public is warned of: the messages about one threat to life, told from its ledger (CAP 1.2, section 3.2.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from cloud.domain.records.ledger import Entry, Kind
from schemas.hazards import hazard

PRIVATE: Final = "welfare."
"""Hazards inside somebody's home: no feed ever tells of them."""


LASTS: Final = timedelta(hours=24)
"""How long a message counts for whoever hears nothing more: a Cancel may be missed."""

RENEWED: Final = timedelta(hours=12)
"""What stands is said again so often, at noon and midnight UTC: the moments at which the index changes by itself."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def last_renewal(now: datetime) -> datetime:
    """The latest moment at which what stood was said again."""
    return now - (now - _EPOCH) % RENEWED


class MessageType(StrEnum):
    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"


class Certainty(StrEnum):
    """`POSSIBLE`: only people said so until now. `LIKELY`: a sensor speaks, or a second person."""

    POSSIBLE = "Possible"
    LIKELY = "Likely"


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was sent, as later ones refer to it."""

    identifier: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PublicWarning:
    """One message. `because`: the ledger entry it follows from; `over`: the danger is, not merely this message about it.
    `references`: all messages before it that it brings up to date or takes back. `renewed`: it says again what still stands,
    so that it does not lapse.
    """

    identifier: str
    sent: datetime
    type: MessageType
    exercise: bool
    incident_id: str
    hazard: str
    severity: str
    place_id: str
    since: datetime
    certainty: Certainty
    because: str
    over: bool = False
    references: tuple[Sent, ...] = ()
    renewed: bool = False

    @property
    def expires(self) -> datetime | None:
        """When it is nothing any more to whoever has heard of no end; what takes back stays."""
        return None if self.type is MessageType.CANCEL else self.sent + LASTS

    @property
    def mark(self) -> Sent:
        return Sent(self.identifier, self.sent)


_NEWS: Final = frozenset({
    Kind.INCIDENT_OPENED, Kind.INCIDENT_WORSENED, Kind.INCIDENT_WIDENED, Kind.SEVERITY_RISEN, Kind.FIRE_PRESUMED,
    Kind.OTHERS_JOINED, Kind.EXERCISE_REAL, Kind.TASK_REOPENED, Kind.UNMERGED,
})  # fmt: skip
_OVER: Final = frozenset({Kind.TASK_CLOSED, Kind.CLOSED_UNVERIFIED, Kind.TASK_CANCELLED})
"""Of a threat to life only an exercise can be called off."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the ledger has said of the matter so far."""

    hazard: str = ""
    severity: str = ""
    place_id: str = ""
    exercise: bool = False
    late: bool = False
    since: datetime | None = None
    certainty: Certainty = Certainty.LIKELY

    def after(self, entry: Entry) -> _Known:
        facts = entry.data
        known = replace(
            self,
            hazard=facts.get("hazard", self.hazard),
            severity=facts.get("severity", self.severity),
            place_id=facts.get("place", self.place_id),
            since=self.since or entry.at,
        )
        if entry.kind == Kind.INCIDENT_OPENED:
            hearsay = (entry.causation_id or "").startswith("report:")
            certainty = Certainty.POSSIBLE if hearsay else Certainty.LIKELY
            late, exercise = bool(facts.get("late")), facts.get("mode") == "exercise"
            return replace(known, certainty=certainty, late=late, exercise=exercise)
        if entry.kind == Kind.EXERCISE_REAL:
            return replace(known, exercise=False)
        if entry.kind == Kind.FIRE_PRESUMED:
            return replace(known, certainty=Certainty.LIKELY, severity=hazard(known.hazard).severity.value)
        calls = entry.kind in {Kind.INCIDENT_WORSENED, Kind.TASK_REOPENED}
        surer = entry.kind in {Kind.OTHERS_JOINED, Kind.FIRE_PRESUMED}
        return replace(
            known,
            late=self.late and not calls,
            certainty=Certainty.LIKELY if surer else self.certainty,
        )

    @property
    def concerns_all(self) -> bool:
        """Whether the public is warned of it: a threat to life, as it is now, and not inside somebody's home. Old news of
        what is over warns nobody.
        """
        threatens = bool(self.hazard) and hazard(self.hazard).life_safety
        return threatens and not self.late and not self.hazard.startswith(PRIVATE)


def warnings_of(entries: Iterable[Entry], now: datetime) -> list[PublicWarning]:
    """The messages about one incident until now, oldest first, from its entries in the ledger's order.

    The same entries give the same messages for ever, so an identifier always names one text. After a Cancel a danger that
    comes back is a new Alert.
    """
    told: list[PublicWarning] = []
    known = _Known()
    for entry in entries:
        _renew(told, entry.at)
        if entry.kind in _NEWS:
            was, known = known, known.after(entry)
            _news(told, entry, was, known)
        elif (entry.kind in _OVER or entry.kind == Kind.MERGED) and _standing(told):
            over = entry.kind != Kind.MERGED
            told.append(_message(entry, known, MessageType.CANCEL, _standing(told), over=over))
    _renew(told, now)
    return told


def _renew(told: list[PublicWarning], until: datetime) -> None:
    """What stands is said again as often as it fell due until then."""
    while standing := _standing(told):
        last = told[-1]
        due = last_renewal(last.sent) + RENEWED
        if due > until:
            return
        of = last.identifier.rpartition(".")[0] if last.renewed else last.identifier
        again = replace(last, identifier=f"{of}.{due:%Y%m%dT%H}", sent=due, references=standing)
        told.append(replace(again, type=MessageType.UPDATE, renewed=True))


def _news(told: list[PublicWarning], entry: Entry, was: _Known, known: _Known) -> None:
    standing = _standing(told)
    if entry.kind == Kind.EXERCISE_REAL and standing:
        # Whoever filters exercises out would never see an Update of one.
        told.append(replace(_message(entry, was, MessageType.CANCEL, standing), identifier=f"{_name(entry)}.exercise"))
        standing = ()
    if not known.concerns_all:
        if standing:
            told.append(_message(entry, known, MessageType.CANCEL, standing, over=True))
        return
    told.append(_message(entry, known, MessageType.UPDATE if standing else MessageType.ALERT, standing))


def _standing(told: list[PublicWarning]) -> tuple[Sent, ...]:
    """What was sent since the last Cancel."""
    found: list[Sent] = []
    for message in reversed(told):
        if message.type is MessageType.CANCEL:
            break
        found.insert(0, message.mark)
    return tuple(found)


def _name(entry: Entry) -> str:
    return f"{entry.estate}.{entry.incident_id}.{entry.seq}"


def _message(
    entry: Entry, known: _Known, kind: MessageType, references: tuple[Sent, ...], *, over: bool = False
) -> PublicWarning:
    return PublicWarning(
        identifier=_name(entry),
        sent=entry.at,
        type=kind,
        exercise=known.exercise,
        incident_id=entry.incident_id or "",
        hazard=known.hazard,
        severity=known.severity,
        place_id=known.place_id,
        since=known.since or entry.at,
        certainty=known.certainty,
        because=entry.kind,
        over=over,
        references=references,
    )
