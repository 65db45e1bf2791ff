"""A matter is over, was merged, or began again: what it hid, or what hid it, may be otherwise now."""

from __future__ import annotations

from datetime import datetime

from cloud.application.incidents.consequences import Consequences
from cloud.application.ports import Ids, UnitOfWork
from cloud.domain.duties.register import Register


def uncover(uow: UnitOfWork, register: Register, ids: Ids, now: datetime, cause: str) -> None:
    """What nothing hides any more is asked for at once, and the ledger says so after what led to it. The caller has saved
    what it changed, and commits.
    """
    consequences = Consequences(uow, register, ids, now)
    consequences.look_again(cause)
    consequences.settle()
