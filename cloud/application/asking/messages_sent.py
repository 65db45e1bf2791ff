"""What became of messages to members, for those who run the estate."""

from __future__ import annotations

from collections.abc import Sequence

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import UnitsOfWork
from cloud.domain.records.delivery import Delivery
from cloud.errors import NotFound


class MessagesSent:
    """Newest first; to who has no part in the estate there is none."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def __call__(
        self, estate: str, failed: bool, limit: int, identity: Identity, *, before: str | None = None
    ) -> Sequence[Delivery]:
        """`failed`: only those that have failed at least once; `before`: after the one with that id. Raises NotFound."""
        if estate not in identity.estates:
            raise NotFound(f"There is no estate {estate!r} here, or you have no part in it.", "没有这个小区")
        with self._units.reading() as uow:
            return uow.outbox.latest(estate, failed=failed, limit=limit, before=before)

    def one(self, estate: str, delivery_id: str, identity: Identity) -> Delivery:
        """Raises NotFound."""
        with self._units.reading() as uow:
            found = uow.outbox.delivery(delivery_id)
        if found is None or found.estate != estate or estate not in identity.estates:
            raise NotFound("There is no such message.", "没有这条通知")
        return found
