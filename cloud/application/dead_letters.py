"""What can never be taken is kept with its reason; a refused event is an incident, for nobody knows what it said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cloud.application.consequences import Consequences
from cloud.application.node_hazards import gone, noticed
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.records import DeadLetter
from cloud.domain.ledger import Draft, Kind
from schemas.topics import MAX_PAYLOAD_BYTES, Channel, NodeAddress

UNREADABLE: Final = "node.event-unreadable"
"""An event that cannot be read at all is treated as life safety (wire.md, The guarantee)."""

REFUSED: Final = "node.event-refused"
STRANGER: Final = "node.identity-refused"
MAX_REASON: Final = 2000


class Why(StrEnum):
    """What was wrong: with the message, or with who sent it."""

    SCHEMA = "schema"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that is not taken. `readable`: it is one of ours and only part of it is wrong;
    `address` None where the topic names no node.
    """

    topic: str
    payload: bytes
    reason: str
    received_at: datetime
    address: NodeAddress | None = None
    channel: Channel | None = None
    readable: bool = True
    why: Why = Why.SCHEMA


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
                reason=refused.reason[:MAX_REASON],
                payload=refused.payload[:MAX_PAYLOAD_BYTES],
                estate=refused.address.estate if refused.address else None,
                node_id=refused.address.node if refused.address else None,
            )
            uow.dead_letters.put(letter)
            if refused.address is not None:
                self._follow(uow, refused, refused.address, letter.id, now)
            uow.commit()
            return letter.id

    def _follow(self, uow: UnitOfWork, refused: Refused, address: NodeAddress, letter_id: str, now: datetime) -> None:
        register = uow.registers.find(address.estate)
        if register is None:
            return
        # The reason may quote the payload, and the payload may hold anything: only the letter's id goes on the ledger.
        data = {"node": address.node, "reason": refused.why.value, "topic": str(refused.channel or "")}
        uow.ledger.append(
            address.estate, [Draft(Kind.DEAD_LETTER, now, f"node:{address.node}", None, letter_id, None, data)]
        )
        stranger = refused.why is Why.IDENTITY
        if refused.channel is not Channel.EVENTS and not stranger:
            return
        consequences = Consequences(uow, register, self._ids, now, f"node:{address.node}")
        hazard_id = STRANGER if stranger else REFUSED if refused.readable else UNREADABLE
        sighting = noticed(
            address.estate, address.node, hazard_id, occurrence=f"refused:{letter_id}", at=now, cause=letter_id
        )
        consequences.raised(sighting)
        consequences.cleared(gone(sighting, now, letter_id))
        consequences.settle()
