"""A node says how it is: its state is kept, and what endangers its service becomes a hazard of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.node_hazards import gone, noticed, noticed_here
from cloud.application.intake.boot_times import learn
from cloud.application.intake.record_presence import end_silence
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.strangers import EstateNotLoaded
from cloud.domain.fleet.node import Node
from schemas.batch import ClockState
from schemas.presence import Health
from schemas.topics import NodeAddress

STORAGE_LOW: Final = 0.9
"""Share of the outbox quota in use from which `node.storage-low` stands; it clears below 0.8 (a deadband of a tenth)."""

STORAGE_WELL: Final = 0.8

CLOCK_GRACE: Final = timedelta(minutes=15)
"""A node has no trusted clock in the first minutes after every boot; only when it finds none, somebody must see to it."""


STALE: Final = "point.stale"

STALE_AFTER_S: Final = 180.0
"""A point not observed for so long is a hazard of its equipment, as a node's silence is one: by default twice what a point
may be silent, so that a controller which is started anew troubles nobody."""

OVERTAKING: Final = timedelta(seconds=5)
"""Events have a way of their own to the store; one may be there before a health that was written earlier."""


class RecordHealth:
    """Health carries no number: the latest counts. Raises EstateNotLoaded, Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def __call__(self, address: NodeAddress, health: Health, received_at: datetime) -> None:
        with self._units.writing() as uow:
            register = uow.registers.find(address.estate)
            if register is None:
                raise EstateNotLoaded(address.estate)
            uow.ledger.hold(address.estate)
            now = self._clock.now()
            node = uow.nodes.get(address.estate, address.node) or Node(address.estate, address.node)
            consequences = Consequences(uow, register, self._ids, now, f"node:{node.id}")
            before = dict(node.health)
            node.hear(now)
            node.clock = health.clock.value
            node.active = frozenset(occurrence.occurrence for occurrence in health.active)
            node.health, node.health_at = health.model_dump(mode="json"), received_at
            if health.clock is ClockState.SYNCHRONISED:
                learn(uow.boots, address, health.boot, t=health.t, mono=health.mono, received_at=received_at)
            end_silence(node, consequences, now)
            if node.to_compare and health.boot == node.boot and not health.events.batches:
                _compare(uow, node, received_at, consequences)
            _judge(node, before, health, received_at, consequences)
            uow.nodes.save(node)
            consequences.settle()
            uow.commit()


def _compare(uow: UnitOfWork, node: Node, received_at: datetime, consequences: Consequences) -> None:
    """What fires here for a node that was born anew, and of which it knows nothing although no event of its waits, is
    lost track of. An alarm raised in the last seconds may have overtaken this word of it on its way.
    """
    before = received_at - OVERTAKING
    for alert in uow.alerts.firing(node.estate, node_id=node.id):
        of_itself = alert.fingerprint.hazard.startswith("node.")
        # What the cloud noticed by itself is named by no birth.
        unknown = () if of_itself else alert.lost_among(node.active, before, node.id)
        lost = [occurrence for occurrence in unknown if not noticed_here(occurrence)]
        if lost:
            consequences.lost(alert, lost, f"birth:{node.boot}:{node.connection}")
    node.to_compare = False


def _judge(node: Node, before: Mapping[str, Any], health: Health, at: datetime, consequences: Consequences) -> None:
    """Each hazard is one occurrence from its beginning to its end; what was noted last time says which stand."""
    used = health.outbox_bytes / health.outbox_quota_bytes if health.outbox_quota_bytes else 0.0
    low = used >= STORAGE_LOW or (used >= STORAGE_WELL and before.get("storage_low") is not None)
    since = None if health.clock is ClockState.SYNCHRONISED else before.get("unsynchronised_since", at.isoformat())
    untrusted = since is not None and at - datetime.fromisoformat(since) >= CLOCK_GRACE
    notes: dict[str, Any] = {"unsynchronised_since": since} if since else {}
    for hazard_id, key, stands in (
        ("node.storage-low", "storage_low", low),
        ("node.clock-untrusted", "clock_untrusted", untrusted),
    ):
        known = before.get(key)
        occurrence = known or f"{hazard_id}:{health.boot}:{at.isoformat()}"
        sighting = noticed(node.estate, node.id, hazard_id, occurrence=occurrence, at=at, cause=f"health:{health.boot}")
        if stands and not known:
            consequences.raised(sighting)
        elif known and not stands:
            consequences.cleared(gone(sighting, at, f"health:{health.boot}"))
        if stands:
            notes[key] = occurrence
    if stale := _judge_stale(node, before.get("stale_equipment") or {}, health, at, consequences):
        notes["stale_equipment"] = stale
    node.health = {**node.health, **notes}


def _judge_stale(
    node: Node, known: Mapping[str, str], health: Health, at: datetime, consequences: Consequences
) -> dict[str, str]:
    """Equipment of which a point stays unobserved is not watched, whatever else its node says: one occurrence for each
    piece of it, until all its points are observed again. Equipment → occurrence of what stands now.
    """
    silent = {name.rpartition("/")[0] for name, seconds in health.stale_points.items() if seconds >= STALE_AFTER_S}
    still = {name.rpartition("/")[0] for name in health.stale_points}
    cause = f"health:{health.boot}"
    for equipment, occurrence in known.items():
        if equipment not in still:
            sighting = noticed(node.estate, node.id, STALE, occurrence=occurrence, at=at, cause=cause, about=equipment)
            consequences.cleared(gone(sighting, at, cause))
    stands = {equipment: occurrence for equipment, occurrence in known.items() if equipment in still}
    for equipment in sorted(silent - stands.keys() - {""}):
        stands[equipment] = f"{STALE}:{health.boot}:{at.isoformat()}"
        consequences.raised(
            noticed(node.estate, node.id, STALE, occurrence=stands[equipment], at=at, cause=cause, about=equipment)
        )
    return stands
