"""The estate's key for card numbers: a file that only the agent reads."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

from edge.errors import SettingsError

_BYTES = 32
_log = logging.getLogger(__name__)


def card_key(path: Path) -> bytes:
    """Read the key; make one where there is none. Raises SettingsError where it is no use."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    except OSError as error:
        raise SettingsError(
            str(path), [f"the card key cannot be made: {error.strerror}; correct [privacy] card_key_file"]
        ) from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_BYTES) + "\n")
    _log.warning(
        "a new card key was made: nodes of one estate that compare cards must share one",
        extra={"file": str(path), "what_to_do": "copy the estate's key file here, if it has one, and restart"},
    )
    return _read(path)


def _read(path: Path) -> bytes:
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise SettingsError(
            str(path), [f"the card key cannot be read: {error.strerror}; check the file's owner"]
        ) from error
    if len(key) < _BYTES:
        raise SettingsError(
            str(path), [f"the card key has {len(key)} bytes, and needs {_BYTES}: openssl rand -hex {_BYTES}"]
        )
    return key
