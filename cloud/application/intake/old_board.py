"""A board that was replaced before it ever spoke is known by what it says: it is older than the board in its place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cloud.application.ports import UnitOfWork
from cloud.domain.fleet.credential import CredentialState
from schemas.topics import NodeAddress


def recognise(uow: UnitOfWork, address: NodeAddress, outbox: str, moments: Iterable[datetime]) -> bool:
    """Whether an outbox that was never heard of is an old board's, which is kept from now on. `moments`: when the events of
    its first batch certainly happened.

    A new board numbers nothing before it is enrolled, unless with a card that was moved over, which enrolment names. What
    cannot be dated is taken for the new board's: better a call too many than a building that is not heard.
    """
    boards = uow.enrolments.of_node(address.estate, address.node)
    current = [board for board in boards if board.state is CredentialState.ACTIVE]
    if not current or not any(board.state is CredentialState.DRAINING for board in boards):
        return False
    node = uow.nodes.get(address.estate, address.node)
    if outbox in {node.outbox if node else None, *(board.outbox for board in current)}:
        return False
    since = max(board.enrolled_at for board in current)
    if not any(moment < since for moment in moments):
        return False
    uow.enrolments.drain(address.estate, address.node, [outbox])
    return True
