"""A node speaks of equipment that the register assigns to another: nothing of that is lost, and nothing of it is trusted.

The alarm goes to the estate's fallback party (domain/routing.py), because the register may be wrong and the fire real;
a dead letter tells the operator. What it clears is taken only where the same node had raised it: a node that was taken
over must not silence another's alarms.
"""

from __future__ import annotations

from datetime import datetime

from cloud.application.ports import Ids, UnitOfWork
from cloud.application.records import DeadLetter
from cloud.domain.duties.register import Register
from cloud.domain.incidents.alert import Fingerprint
from cloud.domain.records.ledger import Draft, Kind
from schemas.events import AlarmCleared, AlarmRaised
from schemas.topics import Channel, NodeAddress


def owner_of(register: Register, equipment: str, node_id: str) -> str | None:
    """The other node this equipment is assigned to; None where it is this node's, nobody's, or unknown."""
    known = register.equipment.get(equipment)
    return known.node_id if known is not None and known.node_id not in (None, node_id) else None


def tell_operator(
    uow: UnitOfWork, address: NodeAddress, event: AlarmRaised | AlarmCleared, owner: str, *, ids: Ids, now: datetime
) -> None:
    letter = DeadLetter(
        id=ids.new(now),
        received_at=now,
        topic=address.topic(Channel.EVENTS),
        reason=f"{event.equipment} is assigned to node {owner}, and {address.node} speaks for it ({event.kind}). It was "
        "stored. Correct the register (estate load), or look at what that node is.",
        payload=event.model_dump_json(exclude_none=True).encode(),
        estate=address.estate,
        node_id=address.node,
    )
    uow.dead_letters.put(letter)
    data = {"node": address.node, "reason": "foreign", "topic": str(Channel.EVENTS)}
    actor = f"node:{address.node}"
    uow.ledger.append(address.estate, [Draft(Kind.DEAD_LETTER, now, actor, None, letter.id, letter.id, data)])


def may_clear(uow: UnitOfWork, address: NodeAddress, event: AlarmCleared) -> bool:
    """Whether the alarm it clears is one that it raised itself, or one that nobody has raised yet."""
    fingerprint = Fingerprint(address.estate, event.hazard, event.equipment, event.mode)
    found = uow.alerts.concerning(fingerprint, event.occurrence)
    holding = [alert for alert in found if event.occurrence in alert.occurrences]
    return all(alert.node_id == address.node for alert in holding or found)
