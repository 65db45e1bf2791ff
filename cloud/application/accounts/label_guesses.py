"""Who tries codes of labels that there are not: counted in the database, for all workers together."""

from __future__ import annotations

from cloud.application.accounts.tries import tried
from cloud.application.once_ports import beside_the_request
from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.accounts.throttle import USUAL, Against, Limits, bucket_of


class LabelGuesses:
    """Only a code that opens nothing is counted and refused: one that hangs on a lift is taken however many somebody else has
    tried from behind the same router. Somebody may be trapped in it.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, limits: Limits = USUAL) -> None:
        self._units, self._clock, self._limits = units, clock, limits

    def wrong(self, address: str) -> None:
        """Counts one. Raises Throttled, and then it is not counted."""
        now, most = self._clock.now(), self._limits.of(Against.LABEL)
        with beside_the_request(), self._units.writing() as uow:
            key = uow.accounts.tries_key(now)
            bucket = uow.accounts.bucket(bucket_of(Against.LABEL, address, key, now, most))
            if bucket.full(now):
                raise tried(
                    bucket, now, "Too many codes were tried from where you are.", "您所在的网络尝试编码次数过多。"
                )
            uow.accounts.save_bucket(bucket.with_one(now))
            uow.commit()
