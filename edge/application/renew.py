"""The node renews what it was enrolled with, by itself and long before it ends, or when it is told to."""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import UTC, datetime
from typing import Final, Protocol

from edge.application.ports import Clock
from edge.errors import EnrolmentError

LOOK_S: Final = 3600.0
_log = logging.getLogger(__name__)


class Validity(Protocol):
    """The part of an identity that renewing needs."""

    @property
    def issued_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime: ...


class Renewing(Protocol):
    """Where credentials are kept and renewed. Blocking. Raises EnrolmentError; then the old ones count on."""

    @property
    def identity(self) -> Validity | None: ...
    def renew(self) -> Validity: ...


def is_due(identity: Validity, now: datetime) -> bool:
    """After two thirds of its time: a third is left for whatever stands in the way."""
    return now >= identity.issued_at + (identity.expires_at - identity.issued_at) * 2 / 3


class Renew:
    """Implements `ports.CredentialRotation`, for the command `rotate-credentials`; `run` does it in time. `earliest`: no earlier than this it can be now.

    The connection that stands is left alone: the next one is made with the new certificate, and the old stays valid until
    it ends by itself, so that no failure in between shuts the node out.
    """

    def __init__(self, credentials: Renewing, clock: Clock, earliest: float) -> None:
        self._credentials, self._clock, self._earliest = credentials, clock, earliest
        self._one_at_a_time = asyncio.Lock()

    async def rotate(self) -> str:
        """Renew now; what came of it, in a sentence. Raises EnrolmentError."""
        async with self._one_at_a_time:
            renewed = await asyncio.to_thread(self._credentials.renew)
        _log.info("the credential was renewed", extra={"until": renewed.expires_at.isoformat()})
        return f"certificate renewed, valid until {renewed.expires_at:%Y-%m-%d}"

    async def run(self) -> None:
        """Look once an hour, for ever."""
        while True:
            try:
                identity = self._credentials.identity
                if identity is not None and is_due(identity, self._now()):
                    await self.rotate()
            except EnrolmentError as error:
                _log.warning(
                    "the credential could not be renewed; it counts on until it ends",
                    extra={"why": str(error), "what_to_do": "see that this node reaches the cloud's web address"},
                )
            await self._clock.sleep(LOOK_S * random.uniform(0.75, 1.25))  # noqa: S311 - spreads nodes, keeps no secret

    def _now(self) -> datetime:
        return datetime.fromtimestamp(max(self._clock.wall(), self._earliest), UTC)
