"""How often somebody may try, counted in the database: it holds over restarts and for all workers together."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cloud.application.once_ports import beside_the_request
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.accounts.throttle import EMPTIES_IN, USUAL, Against, Bucket, Limits, bucket_of
from cloud.errors import Throttled

INVITATIONS_KEPT: Final = timedelta(days=30)


class Tries:
    """Only who types a secret is counted. Links open what they open however often somebody else guesses."""

    def __init__(self, units: UnitsOfWork, clock: Clock, limits: Limits = USUAL) -> None:
        self._units, self._clock, self._limits = units, clock, limits

    def take(self, address: str, account: str | None = None) -> None:
        """Counts one before it is known whether it is right, so that a thousand at once are not all let through. Raises
        Throttled, and then it is not counted: who waits gets in again.
        """
        now = self._clock.now()
        with beside_the_request(), self._units.writing() as uow:
            buckets = self._buckets(uow, address, account)
            fullest = max(buckets, key=lambda bucket: bucket.waits(now))
            if fullest.full(now):
                raise tried(
                    fullest,
                    now,
                    "Too many tries. Or come in with a personal link; links in messages open all the same.",
                    "尝试次数过多，也可使用个人链接登录；消息中的链接不受影响。",
                )
            for bucket in buckets:
                uow.accounts.save_bucket(bucket.with_one(now))
            uow.commit()

    def forgive(self, uow: UnitOfWork, address: str, account: str | None = None) -> None:
        """It was right: it takes its own try back. Those of others stay, so that one who guesses gains nothing by knowing
        an account of their own.
        """
        now = self._clock.now()
        for bucket in self._buckets(uow, address, account):
            uow.accounts.save_bucket(bucket.without_one(now))

    def _buckets(self, uow: UnitOfWork, address: str, account: str | None) -> list[Bucket]:
        now = self._clock.now()
        key = uow.accounts.tries_key(now)
        sources = {Against.ADDRESS: address, **({} if account is None else {Against.ACCOUNT: account})}
        empty = [bucket_of(what, source, key, now, self._limits.of(what)) for what, source in sources.items()]
        return [uow.accounts.bucket(one) for one in empty]


def tried(bucket: Bucket, now: datetime, said: str, zh: str) -> Throttled:
    """With how long to wait until one more is let through."""
    wait = max(1, int(bucket.waits(now).total_seconds()))
    quota = (bucket.most, int(EMPTIES_IN.total_seconds()))
    return Throttled(f"{said} Wait {wait} s.", f"{zh}请等待{wait}秒", wait_s=wait, quota=quota)


class ForgetTries:
    """What has leaked out tells nothing any more, nor does an invitation that ended a month ago."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(self) -> int:
        """How many were forgotten."""
        with self._units.writing() as uow:
            now = self._clock.now()
            forgotten = uow.accounts.forget_tries(now - EMPTIES_IN)
            forgotten += uow.accounts.forget_invitations(now - INVITATIONS_KEPT)
            if forgotten:
                uow.commit()
        return forgotten
