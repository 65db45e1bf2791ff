"""What became of messages to members, for those who run the estate."""

from __future__ import annotations

from collections.abc import Sequence

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import UnitsOfWork
from cloud.application.sight import Sight
from cloud.domain.records.delivery import Delivery
from cloud.domain.tasks.sight import outlook
from cloud.errors import NotFound


class MessagesSent:
    """Of what the asker sees, newest first; to who has no part in the estate there is none."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def __call__(
        self, estate: str, failed: bool, limit: int, identity: Identity, *, before: str | None = None
    ) -> Sequence[Delivery]:
        """`failed`: only those that have failed at least once; `before`: after the one with that id. Raises NotFound."""
        with self._units.reading() as uow:
            register = uow.registers.find(estate) if estate in identity.estates else None
            if register is None:
                raise NotFound(f"There is no estate {estate!r} here, or you have no part in it.", "没有这个小区")
            seen_by = outlook(register, identity.member)
            return uow.outbox.latest(estate, failed=failed, limit=limit, before=before, seen_by=seen_by)

    def one(self, estate: str, delivery_id: str, identity: Identity) -> Delivery:
        """Raises NotFound."""
        with self._units.reading() as uow:
            register = uow.registers.find(estate) if estate in identity.estates else None
            found = uow.outbox.delivery(delivery_id)
            if register is None or found is None or found.estate != estate:
                raise NotFound("There is no such message.", "没有这条通知")
            if not Sight(uow, register, identity).matter(found.incident_id):
                raise NotFound("There is no such message.", "没有这条通知")
            return found
