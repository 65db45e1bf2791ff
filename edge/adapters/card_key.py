"""The estate's key for card numbers: a file that only the agent reads. Its first line is the key, its second the one before."""

from __future__ import annotations

import logging
import os
import secrets
import tempfile
from pathlib import Path

from edge.domain.clock_trust import EARLIEST_BELIEVABLE
from edge.domain.credentials import CardKeys
from edge.errors import SettingsError
from schemas.card_keys import CardKeyOrder
from schemas.topics import NodeAddress

_BYTES = 32
_log = logging.getLogger(__name__)


def card_keys(path: Path) -> CardKeys:
    """Read the keys; make one where there is none. Raises SettingsError where they are no use.

    The file comes whole or not at all: nodes of one card start at the same moment, and use the key of whoever was first.
    """
    if path.exists():
        return _read(path)
    try:
        made = _make(path)
    except OSError as error:
        raise SettingsError(
            str(path), [f"the card key cannot be made: {error.strerror}; correct [privacy] card_key_file"]
        ) from error
    if made:
        _log.warning(
            "a new card key was made: nodes of one estate that compare cards must share one",
            extra={"file": str(path), "what_to_do": "copy the estate's key file here, if it has one, and restart"},
        )
    return _read(path)


def _make(path: Path) -> bool:
    """False where another process has made one meanwhile. Raises OSError."""
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    except FileExistsError:
        return False
    finally:
        Path(beside).unlink(missing_ok=True)
    return True


def rotate(path: Path) -> bool:
    """Put a new key before the one in use, and forget what was before that: True where there was such a one.

    The file is replaced as a whole or stays as it was. Raises SettingsError.
    """
    return put_before(path, secrets.token_hex(_BYTES).encode())


def made_at(path: Path) -> float | None:
    """When the key in use was made, in seconds since 1970: the file's own time. None where that cannot be."""
    try:
        at = path.stat().st_mtime
    except OSError:
        return None
    return at if at >= EARLIEST_BELIEVABLE else None


def put_before(path: Path, key: bytes, made: float | None = None) -> bool:
    """As `rotate`, with a key that was given. `made`: when, in seconds since 1970; now unless given."""
    known = _read(path)
    lines = (key.decode(), known.current.decode())
    beside = path.with_name(path.name + ".new")
    try:
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write("".join(f"{line}\n" for line in lines))
            file.flush()
            if made is not None:
                os.utime(file.fileno(), (made, made))
            os.fsync(file.fileno())
        _keep_owner(path, beside)
        beside.replace(path)
    except OSError as error:
        raise SettingsError(
            str(path), [f"the card key cannot be replaced: {error.strerror}; it stays as it was"]
        ) from error
    return known.previous is not None


class KeptCardKeys:
    """Implements `card_keyring.CardKeyFile`. `credentials`: the folder of what the node was enrolled with, if it was."""

    def __init__(self, path: Path, node: NodeAddress, credentials: Path | None) -> None:
        self._path, self._node, self._credentials = path, node, credentials

    def read(self) -> CardKeys:
        return card_keys(self._path)

    def made_at(self) -> float | None:
        return made_at(self._path)

    def accept(self, order: CardKeyOrder, command: str) -> None:
        if self._credentials is None:
            raise SettingsError("[broker] credentials", ["this node was never enrolled: nothing can be sealed for it"])
        from edge.adapters.sealed_card_key import opened

        put_before(self._path, opened(order, self._node, command, self._credentials), order.made_at)


def _keep_owner(path: Path, beside: Path) -> None:
    """Rotated by root, it still belongs to the agent, which could not read it otherwise."""
    owner, ours = path.stat(), beside.stat()
    if (owner.st_uid, owner.st_gid) != (ours.st_uid, ours.st_gid):
        os.chown(beside, owner.st_uid, owner.st_gid)


def _read(path: Path) -> CardKeys:
    try:
        keys = [line.encode() for line in path.read_bytes().decode("ascii").split()] or [b""]
    except FileNotFoundError:
        raise SettingsError(str(path), ["there is no card key yet: the agent makes one when it starts"]) from None
    except OSError as error:
        raise SettingsError(
            str(path), [f"the card key cannot be read: {error.strerror}; check the file's owner"]
        ) from error
    except UnicodeDecodeError:
        raise SettingsError(str(path), [f"the card key is no text: openssl rand -hex {_BYTES}"]) from None
    for key in keys:
        if len(key) < _BYTES:
            raise SettingsError(
                str(path), [f"the card key has {len(key)} bytes, and needs {_BYTES}: openssl rand -hex {_BYTES}"]
            )
    return CardKeys(keys[0], keys[1] if len(keys) > 1 else None)
