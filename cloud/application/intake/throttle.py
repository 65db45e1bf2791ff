"""How often somebody may report without signing in: by where it comes from, never by what it is about."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

from cloud.application.once_ports import beside_the_request
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.application.throttle_ports import ReportSources
from cloud.domain.accounts.throttle import whose
from cloud.errors import Conflict

WINDOW: Final = timedelta(minutes=10)
MOST_OF_DEVICE: Final = 5
MOST_OF_ADDRESS: Final = 40
"""A building behind one router reports through one address."""

MOST: Final = 10_000
"""Reports remembered at a time, from everywhere."""

DEVICE_LASTS: Final = timedelta(days=1)
"""How long a browser is known again as the one that reported before, wherever it is connected from."""

_COOKIE_KEY: Final = "device-cookie"
_PRINT_KEY: Final = "print/"
_PRINT: Final = 64
_KEY_LASTS: Final = timedelta(days=1)


class Throttle:
    """Kept in the database, so that it holds for all workers and after a restart. No address is: only prints of them, under
    a key of the day that is thrown away the day after, and for ten minutes. Raises Unavailable. From any thread.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def device(self, address: str, browser: str, cookie: str | None = None) -> str:
        """Tells one reporter from another, and cannot be traced back: what the browser carries, where that is signed by us,
        else a print of both.
        """
        carried = self._carried(cookie)
        return carried or self._print(f"{address}|{browser}")

    def cookie(self, device: str) -> str:
        """What the browser is to carry, so that it is the same reporter from another network too."""
        return f"{device}.{self._signature(device)}"

    def allows(self, address: str, device: str) -> bool:
        """Counts one; False, and counts nothing, when too many came from there lately."""
        now = self._clock.now()
        limits = {
            self._print(f"address {whose(address)}"): MOST_OF_ADDRESS,
            self._print(f"device {device}"): MOST_OF_DEVICE,
        }
        with beside_the_request(), self._units.writing() as uow:
            uow.sources.forget(now - WINDOW)
            full = uow.sources.count() >= MOST or any(uow.sources.count(one) >= most for one, most in limits.items())
            for one in () if full else limits:
                uow.sources.add(one, now)
            uow.commit()
        return not full

    def tidy(self) -> None:
        """What is remembered no longer than it must be, although nobody reports."""
        now = self._clock.now()
        with self._units.writing() as uow:
            uow.sources.forget(now - WINDOW)
            uow.sources.drop_keys(_PRINT_KEY, now - _KEY_LASTS)
            uow.commit()

    def _carried(self, cookie: str | None) -> str | None:
        device, _, signature = (cookie or "").partition(".")
        if len(device) != _PRINT or not device.isascii():
            return None
        genuine = hmac.compare_digest(signature.encode(), self._signature(device).encode())
        return device if genuine else None

    def _signature(self, device: str) -> str:
        return hmac.new(self._key(_COOKIE_KEY), device.encode(), hashlib.sha256).hexdigest()

    def _print(self, text: str) -> str:
        key = self._key(f"{_PRINT_KEY}{self._clock.now():%Y-%m-%d}")
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def _key(self, name: str) -> bytes:
        with self._units.reading() as uow:
            known = uow.sources.key(name)
        if known is not None:
            return known
        try:
            with beside_the_request(), self._units.writing() as uow:
                return self._made(uow, name, self._clock.now())
        except Conflict:
            # Another worker made it in this very moment: theirs it is.
            with self._units.reading() as uow:
                made = uow.sources.key(name)
            assert made is not None, f"key {name} was made and is gone"
            return made

    @staticmethod
    def _made(uow: UnitOfWork, name: str, now: datetime) -> bytes:
        sources: ReportSources = uow.sources
        known = sources.key(name)
        if known is not None:
            return known
        sources.drop_keys(_PRINT_KEY, now - _KEY_LASTS)
        made = sources.make_key(name, now)
        uow.commit()
        return made
