"""A node is born or dies: its state, the alarms it knows of, and the silence that may follow."""

from __future__ import annotations

from datetime import datetime

from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.node_hazards import gone, noticed
from cloud.application.intake.boot_times import learn
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.strangers import EstateNotLoaded
from cloud.domain.duties.register import Register
from cloud.domain.fleet.node import Node
from cloud.domain.records.ledger import Draft, Kind
from schemas.batch import ClockState
from schemas.presence import Born, Died, Presence
from schemas.topics import NodeAddress


class RecordPresence:
    """A birth that was seen before changes nothing: a retained one comes again whenever we reconnect. What fires here and
    the node no longer knows of is looked for with its next health, once all that it had to say has come: an alarm that
    cleared while the link was cut is cleared by its own event, which follows the birth. A birth
    that names another configuration within its connection says just that.

    Returns whether it was news. Raises EstateNotLoaded, Unavailable.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def __call__(self, address: NodeAddress, presence: Presence, received_at: datetime) -> bool:
        with self._units.writing() as uow:
            register = uow.registers.find(address.estate)
            if register is None:
                raise EstateNotLoaded(address.estate)
            uow.ledger.hold(address.estate)
            node = uow.nodes.get(address.estate, address.node) or Node(address.estate, address.node)
            news = (
                self._born(uow, register, node, presence, received_at)
                if isinstance(presence, Born)
                else self._died(uow, node, presence)
            )
            if news:
                uow.nodes.save(node)
                uow.commit()
            return news

    def _born(self, uow: UnitOfWork, register: Register, node: Node, born: Born, received_at: datetime) -> bool:
        if node.knows_other_configuration(born.boot, born.connection, born.config_version, born.config_hash):
            node.config_version, node.config_hash = born.config_version, born.config_hash
            node.hear(self._clock.now())
            return True
        if node.repeats(born.boot, born.connection):
            return False
        now = self._clock.now()
        # The broker lets no replaced board be born: one that is born numbers in a store that is in use. Better a call too
        # many than a building that is not heard.
        uow.enrolments.undrain(born.outbox)
        two_boards = node.number_in(born.outbox)
        node.boot, node.connection = born.boot, born.connection
        node.agent_version, node.clock = born.agent_version, born.clock.value
        node.config_version, node.config_hash = born.config_version, born.config_hash
        node.born_at = now
        node.hear(now)
        node.active = frozenset(occurrence.occurrence for occurrence in born.active)
        cause = f"{born.boot}:{born.connection}"
        data = {"node": node.id, "boot": born.boot, "connection": born.connection, "version": born.agent_version}
        uow.ledger.append(node.estate, [Draft(Kind.NODE_BORN, now, f"node:{node.id}", None, node.id, cause, data)])
        if born.clock is ClockState.SYNCHRONISED:
            address = NodeAddress(node.estate, node.id)
            learn(uow.boots, address, born.boot, t=born.t, mono=born.mono, received_at=received_at)
        consequences = Consequences(uow, register, self._ids, now, f"node:{node.id}")
        end_silence(node, consequences, now)
        if two_boards:
            _report_two_boards(node, born, consequences, now)
        node.to_compare = True
        consequences.settle()
        return True

    def _died(self, uow: UnitOfWork, node: Node, died: Died) -> bool:
        """Only the death of the connection we know counts; an older one's will may come late."""
        if not node.online or (died.boot, died.connection) != (node.boot, node.connection):
            return False
        now = self._clock.now()
        node.die(now, in_order=died.reason == "stopped")
        data = {"node": node.id, "reason": died.reason}
        cause = f"{died.boot}:{died.connection}"
        uow.ledger.append(node.estate, [Draft(Kind.NODE_DIED, now, f"node:{node.id}", None, node.id, cause, data)])
        return True


def _report_two_boards(node: Node, born: Born, consequences: Consequences, now: datetime) -> None:
    cause = f"birth:{born.boot}:{born.connection}"
    occurrence = f"conflict:{born.outbox}:{cause}"
    sighting = noticed(node.estate, node.id, "node.identity-conflict", occurrence=occurrence[:128], at=now, cause=cause)
    consequences.raised(sighting)
    consequences.cleared(gone(sighting, now, cause))


def end_silence(node: Node, consequences: Consequences, now: datetime) -> None:
    """It speaks again: `node.silent` clears."""
    if node.silent_occurrence is None:
        return
    cause = f"heard:{node.boot}:{node.connection}"
    silent = noticed(node.estate, node.id, "node.silent", occurrence=node.silent_occurrence, at=now, cause=cause)
    consequences.cleared(gone(silent, now, cause))
    node.silent_occurrence = None
