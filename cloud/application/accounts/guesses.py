"""Who tries codes that open nothing: counted in the database, for all workers together and over a restart."""

from __future__ import annotations

from typing import ClassVar

from cloud.application.accounts.tries import tried
from cloud.application.once_ports import beside_the_request
from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.accounts.throttle import USUAL, Against, Limits, bucket_of


class Guesses:
    """Only a code that opens nothing is counted and refused: a right one is taken however many somebody else has tried from
    behind the same router.
    """

    against: ClassVar[Against]
    said: ClassVar[str]
    zh: ClassVar[str]

    def __init__(self, units: UnitsOfWork, clock: Clock, limits: Limits = USUAL) -> None:
        self._units, self._clock, self._limits = units, clock, limits

    def wrong(self, address: str) -> None:
        """Counts one. Raises Throttled, and then it is not counted."""
        now, most = self._clock.now(), self._limits.of(self.against)
        with beside_the_request(), self._units.writing() as uow:
            key = uow.accounts.tries_key(now)
            bucket = uow.accounts.bucket(bucket_of(self.against, address, key, now, most))
            if bucket.full(now):
                raise tried(bucket, now, self.said, self.zh)
            uow.accounts.save_bucket(bucket.with_one(now))
            uow.commit()


class LabelGuesses(Guesses):
    """Of codes of labels: somebody may be trapped where one hangs."""

    against = Against.LABEL
    said = "Too many codes were tried from where you are."
    zh = "您所在的网络尝试编码次数过多。"


class ClaimGuesses(Guesses):
    """Of claim codes and proofs of nodes. They have too many bits to be guessed; a node that could not renew because somebody
    else behind its router guesses would fall silent.
    """

    against = Against.CLAIM
    said = "Too many wrong claim codes or certificates came from there; the right one is taken all the same."
    zh = "该网络提交错误登记码或证书的次数过多，正确的仍可使用。"
