"""A request that is sent again under the same key is not done again: it brings the answer that it brought at first."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from cloud.application.once_ports import KeptRequest, Seal
from cloud.application.ports import Clock, UnitsOfWork
from cloud.errors import Conflict

KEPT: Final = timedelta(hours=24)
UNDER_WAY: Final = timedelta(minutes=2)
"""Longer than any request takes: what is older and has no answer died with its worker."""


class Known(StrEnum):
    """What is known of a request: nothing, so that it may begin; its answer; that it is under way; that it was done and
    its answer is lost; that its key was used for something else.
    """

    NEW = "new"
    ANSWERED = "answered"
    UNDER_WAY = "under-way"
    LOST = "lost"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Begun:
    known: Known
    answer: bytes = b""


def name_of(*parts: str) -> str:
    """Who asks what under which key, so that no key opens anybody else's answer."""
    return hashlib.sha256("\n".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()


class AnswerOnce:
    """In the database, so that it holds across workers and restarts. Raises Unavailable. From any thread.

    That something was done is noted in the transaction that does it: wherever the cloud dies, a request with a key is
    done once or not at all.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, seal: Seal) -> None:
        self._units, self._clock, self._seal = units, clock, seal

    def begin(self, name: str, key: str, digest: str) -> Begun:
        """`digest`: of all that is asked. Whoever is told NEW does it, and says `end` whatever comes of it."""
        try:
            known = self._claim(KeptRequest(name, digest, self._clock.now()))
        except Conflict:
            return Begun(Known.UNDER_WAY)  # another worker began it in this very moment
        if known is None:
            return Begun(Known.NEW)
        if known.digest != digest:
            return Begun(Known.OTHER)
        if known.answer is not None:
            return Begun(Known.ANSWERED, self._seal.open(key, known.answer))
        late = self._clock.now() - known.at > UNDER_WAY
        return Begun(Known.LOST if late and known.acted else Known.UNDER_WAY)

    def end(self, name: str, key: str, answer: bytes | None) -> None:
        """`answer` None: there is none to be kept. What has done nothing may be tried again under the same key."""
        with self._units.writing() as uow:
            known = uow.kept.find(name)
            if known is None:
                return
            if not known.acted:
                uow.kept.drop(name)
            elif answer is not None:
                uow.kept.answered(name, self._seal.close(key, answer))
            uow.commit()

    def tidy(self) -> None:
        with self._units.writing() as uow:
            uow.kept.forget(self._clock.now() - KEPT)
            uow.commit()

    def _claim(self, request: KeptRequest) -> KeptRequest | None:
        """What is known of it; None when it is this one's to do."""
        with self._units.writing() as uow:
            known = uow.kept.find(request.name)
            if known is not None:
                age = request.at - known.at
                died = known.answer is None and not known.acted and age > UNDER_WAY
                if not died and age <= KEPT:
                    return known
                uow.kept.drop(request.name)
            uow.kept.put(request)
            uow.commit()
            return None
