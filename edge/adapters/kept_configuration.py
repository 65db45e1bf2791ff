"""The last good configuration: a file beside the outbox, replaced as a whole and on the disk before it counts."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from edge.errors import OutboxError


class KeptConfiguration:
    """Implements `ports.ConfigurationStore`. Readable JSON, so that a card that was pulled tells what its node did."""

    def __init__(self, outbox: Path) -> None:
        self.path = outbox.with_name(f"{outbox.name}.configuration.json")
        self._candidate = self.path.with_name(f"{self.path.name}.new")

    def kept(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            # What cannot be read is treated as what is damaged: it is said, and node.toml's is used.
            return f"unreadable: {error}".encode()

    def prepare(self, document: bytes) -> None:
        try:
            with self._candidate.open("wb") as file:
                file.write(document)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutboxError(
                f"{self._candidate} cannot be written: {error}; free disk space, check the card"
            ) from error

    def discard(self) -> None:
        # Left behind it would only be refused once more.
        with contextlib.suppress(OSError):
            self._candidate.unlink(missing_ok=True)

    def interrupted(self) -> bytes | None:
        try:
            return self._candidate.read_bytes()
        except OSError:
            return None

    def promote(self) -> None:
        try:
            self._candidate.replace(self.path)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise OutboxError(f"{self.path} cannot be replaced: {error}; check the card") from error
