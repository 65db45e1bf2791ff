"""What can never be taken is kept with its reason; a refused event is an incident, for nobody knows what it said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.node_hazards import gone, noticed
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.records import DeadLetter
from cloud.domain.community.faults import Fault, under
from cloud.domain.fleet.progress import Progress
from cloud.domain.records.ledger import Draft, Kind
from schemas.batch import Stream
from schemas.hazards import hazard
from schemas.topics import MAX_PAYLOAD_BYTES, Channel, NodeAddress

UNREADABLE: Final = "node.event-unreadable"
"""An event that cannot be read at all is treated as life safety (wire.md, The guarantee)."""

REFUSED: Final = "node.event-refused"
STRANGER: Final = "node.identity-refused"
MAX_REASON: Final = 2000
IN_FLIGHT: Final = 20
"""The newest letters among which one is looked for that comes again."""

GIVEN_AGAIN: Final = timedelta(minutes=2)
"""How long after a message the same bytes on the same topic are the same message: a restart and a connection. No task about
an unreadable event, which two people close, is over by then.
"""


class Why(StrEnum):
    """What was wrong: with the message, or with who sent it."""

    SCHEMA = "schema"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that is not taken. `readable`: it is one of ours and only part of it is wrong;
    `address` None where the topic names no node; `numbered`: the outbox and number of a whole batch that is acknowledged
    all the same, so that its number is explained.
    """

    topic: str
    payload: bytes
    reason: str
    received_at: datetime
    address: NodeAddress | None = None
    channel: Channel | None = None
    readable: bool = True
    why: Why = Why.SCHEMA
    numbered: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class RefusedEvent:
    """One record of a batch that cannot be taken. `index`: its place in the batch; `payload`: the record as JSON;
    `grave`: it names a hazard to life or cannot be read at all, so it is treated as life safety.
    """

    index: int
    reason: str
    payload: bytes
    grave: bool


def of_event(index: int, why: str) -> Fault:
    """Why that event of a batch cannot be taken."""
    return under(why, f"event {index}: ", f"事件 {index}：")


_HARMLESS: Final = frozenset(
    {
        "access.granted",
        "access.denied",
        "reflex.fired",
        "reflex.released",
        "equipment.code",
        "equipment.service-mode",
        "node.started",
        "node.stopped",
        "node.configured",
        "node.store-salvaged",
        "void",
    }
)
"""Kinds of fact that raise no alarm by themselves: what is wrong in one of them hides no danger to life."""


class _Named(BaseModel):
    """The part of a record that says whether a life may be at stake."""

    model_config = ConfigDict(extra="ignore")

    kind: str = ""
    hazard: str | None = Field(default=None, max_length=64)


def grave(raw: bytes) -> bool:
    """Whether a record that cannot be taken is treated as life safety: it names such a hazard, or nobody can say what
    it would have told (wire.md, The guarantee).
    """
    try:
        named = _Named.model_validate_json(raw)
    except ValidationError:
        return True
    if named.hazard is not None:
        return hazard(named.hazard).life_safety
    return named.kind not in _HARMLESS


class PutDeadLetter:
    """Keep it, durably, before the acknowledgement. Raises Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def __call__(self, refused: Refused) -> str:
        """The dead letter's id."""
        with self._units.writing() as uow:
            now = self._clock.now()
            letter = DeadLetter(
                id=self._ids.new(now),
                received_at=refused.received_at,
                topic=refused.topic[:1024],
                reason=_short(refused.reason),
                payload=refused.payload[:MAX_PAYLOAD_BYTES],
                estate=refused.address.estate if refused.address else None,
                node_id=refused.address.node if refused.address else None,
                why=refused.why.value,
            )
            known = _known(uow, letter)
            if known is not None:
                return known
            uow.dead_letters.put(letter)
            if refused.address is not None:
                self._follow(uow, refused, refused.address, letter.id, now)
            uow.commit()
            return letter.id

    def _follow(self, uow: UnitOfWork, refused: Refused, address: NodeAddress, letter_id: str, now: datetime) -> None:
        register = uow.registers.find(address.estate)
        if register is None:
            return
        stranger = refused.why is Why.IDENTITY
        uow.ledger.append(address.estate, [_entry(address, refused.channel, letter_id, now, why=refused.why)])
        if refused.channel is not Channel.EVENTS and not stranger:
            return
        if refused.numbered is not None and not stranger:
            outbox, seq = refused.numbered
            stream = Stream.EVENTS.value
            progress = uow.batches.progress(outbox, stream) or Progress(address.estate, address.node, outbox, stream)
            progress.voided.add(seq)
            uow.batches.save(progress)
        consequences = Consequences(uow, register, self._ids, now, f"node:{address.node}")
        hazard_id = STRANGER if stranger else REFUSED if refused.readable else UNREADABLE
        _tell(consequences, address, letter_id, now, hazard_id)
        consequences.settle()


def _short(reason: str) -> str:
    return reason.cut(MAX_REASON) if isinstance(reason, Fault) else reason[:MAX_REASON]


def _known(uow: UnitOfWork, letter: DeadLetter) -> str | None:
    """The letter that this one repeats: the broker gives again what was not acknowledged before a crash, byte for byte."""
    estates = None if letter.estate is None else [letter.estate]
    for one in uow.dead_letters.latest(estates=estates, limit=IN_FLIGHT):
        same = replace(one, id=letter.id, received_at=letter.received_at, replayed_at=None, replayed_by=None) == letter
        if same and letter.received_at - one.received_at < GIVEN_AGAIN:
            return one.id
    return None


def lay_aside(
    uow: UnitOfWork, ids: Ids, consequences: Consequences | None, address: NodeAddress, records: Sequence[RefusedEvent], *,
    received_at: datetime, now: datetime,
) -> None:  # fmt: skip
    """Keep the bad records of a batch in the unit of work that takes the good ones. A letter each, but of each gravity
    one incident for all of them; none without `consequences`: of a board that was replaced nothing pages.
    """
    told: dict[bool, str] = {}
    for record in records:
        letter = DeadLetter(
            id=ids.new(now),
            received_at=received_at,
            topic=f"tocsin/v1/{address.estate}/{address.node}/{Channel.EVENTS}",
            reason=_short(record.reason),
            payload=record.payload[:MAX_PAYLOAD_BYTES],
            estate=address.estate,
            node_id=address.node,
            why=Why.SCHEMA.value,
        )
        uow.dead_letters.put(letter)
        told.setdefault(record.grave, letter.id)
    if told:
        first = next(iter(told.values()))
        uow.ledger.append(address.estate, [_entry(address, Channel.EVENTS, first, now, count=len(records))])
    if consequences is None:
        return
    for grave, letter_id in told.items():
        _tell(consequences, address, letter_id, now, UNREADABLE if grave else REFUSED)


def _entry(
    address: NodeAddress,
    channel: Channel | None,
    letter_id: str,
    now: datetime,
    *,
    count: int = 1,
    why: Why = Why.SCHEMA,
) -> Draft:
    # The reason may quote the payload, and the payload may hold anything: only the letter's id goes on the ledger.
    data = {"node": address.node, "reason": why.value, "topic": str(channel or ""), "records": count}
    return Draft(Kind.DEAD_LETTER, now, f"node:{address.node}", None, letter_id, letter_id, data)


def _tell(consequences: Consequences, address: NodeAddress, letter_id: str, now: datetime, hazard_id: str) -> None:
    """The refusal is an alert that ends as it begins; what it opens stays until people have looked."""
    sighting = noticed(
        address.estate, address.node, hazard_id, occurrence=f"refused:{letter_id}", at=now, cause=letter_id
    )
    consequences.raised(sighting)
    consequences.cleared(gone(sighting, now, letter_id))
