"""What happens to accounts, in the ledger of every estate the member has to do with; never a secret, never a login."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cloud.application.estates.estates_of_member import tell_of
from cloud.application.ports import UnitOfWork
from cloud.domain.records.ledger import Kind


def tell_change(
    uow: UnitOfWork, member_id: str, what: str, now: datetime, *, actor: str | None = None, **facts: Any
) -> None:
    """Something about how a member proves who they are has changed."""
    by = actor or f"member:{member_id}"
    tell_of(uow, member_id, Kind.ACCOUNT_CHANGED, now, actor=by, cause="account", what=what, **facts)
