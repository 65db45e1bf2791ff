"""The list of revoked certificates in a file that the broker reads: who is on it opens no connection any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from cloud.application.enrolment_ports import Authority
from cloud.application.ports import Clock, UnitsOfWork
from cloud.errors import Unavailable

LOOK_S: Final = 0.5


class RevocationFile:
    """Written as a whole after every change of a credential, and at the start. That the broker reads it anew is the work of
    its own service manager, which watches the file (deploy/systemd/tocsin-broker-reload.path).
    """

    def __init__(self, path: Path, units: UnitsOfWork, clock: Clock, authority: Callable[[], Authority]) -> None:
        self._path, self._units, self._clock, self._authority = path, units, clock, authority
        self._done: tuple[int, datetime | None] | None = None
        self._written: Mapping[str, datetime] | None = None
        self._log = structlog.get_logger("cloud.revocations")

    def step(self) -> float:
        """Makes it so; the seconds until the next look. Raises Unavailable, Invalid."""
        now = self._clock.now()
        with self._units.reading() as uow:
            revision = uow.enrolments.revision()
            if revision == self._done:
                return LOOK_S
            found = uow.enrolments.revoked(now)
        revoked = {pem: one.ended_at or one.changed_at for one in found for pem in one.certificates(now)}
        if revoked != self._written:
            self._write(self._authority().revocation_list(revoked, now))
            self._log.info("the list of revoked certificates was written", certificates=len(revoked))
        self._done, self._written = revision, revoked
        return LOOK_S

    def _write(self, text: str) -> None:
        # Its library takes 9 MiB, and most runs write no list.
        from cloud.adapters.authority import write_private

        try:
            write_private(self._path, text, mode=0o644)
        except OSError as error:
            raise Unavailable(
                f"The list of revoked certificates {self._path} cannot be written ({error.strerror}): give this user its folder, "
                "or the broker lets revoked nodes connect (without rights). Trying again."
            ) from error
