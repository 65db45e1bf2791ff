"""A key of the program's own in a file: made whole or not at all, and never over one that another process made meanwhile."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import Final

KEY_BYTES: Final = 32


def make_key_file(path: Path) -> None:
    """32 random bytes in hex, readable by this user only. Raises OSError."""
    write_private(path, secrets.token_hex(KEY_BYTES) + "\n", over=False)


def write_private(path: Path, text: str, *, over: bool) -> None:
    """A file for this user's eyes only, on the disk when this returns. `over`: replace one that is there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if over:
            Path(name).replace(path)
        else:
            with contextlib.suppress(FileExistsError):
                os.link(name, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        Path(name).unlink(missing_ok=True)
