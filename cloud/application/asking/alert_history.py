"""Every alarm of an estate, those that are over among them, as one who may see the estate reads them."""

from __future__ import annotations

from cloud.application.asking.depict import Depiction
from cloud.application.asking.views import AlertView
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitsOfWork
from cloud.application.sight import Sight
from cloud.errors import NotFound


class AlertHistory:
    """Read stretch by stretch, the latest first. An alarm that never came to be is none."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(
        self, estate: str, viewer: Identity, limit: int, before: str | None = None
    ) -> tuple[list[AlertView], str | None]:
        """Of the `limit` alarms after the one with the id `before` those that the viewer sees, and where the next stretch
        begins; None: there are no more. Raises NotFound.
        """
        with self._units.reading() as uow:
            register = uow.registers.find(estate) if estate in viewer.estates else None
            if register is None:
                raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
            found = uow.alerts.of_estate(estate, limit, before)
            depict = Depiction(register, self._clock.now())
            seen = Sight(uow, register, viewer).alerts([one for one in found if one.born])
            onward = found[-1].id if len(found) == limit else None
            return [depict.alert(one) for one in seen], onward
