"""What a node was enrolled with: its key, its certificate and the authority it trusts, in a folder beside node.toml."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from edge.errors import EnrolmentError
from edge.settings import IDENTITY_FILE, Identity, TlsSection
from schemas.enrolment import Enrolled

_KEPT_PATTERNS: Final = ("node-*.crt", "node-*.key", "ca-*.crt")


class CredentialFolder:
    """Certificates are renewed under new names; `identity.json`, replaced last and as a whole, says which ones count.

    So a power cut at any moment leaves the old ones or the new ones, never half of each.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def identity(self) -> Identity | None:
        """Who this node was enrolled as; None where it never was. Raises EnrolmentError where it cannot be read."""
        try:
            return Identity.model_validate_json((self._folder / IDENTITY_FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError, ValidationError) as error:
            raise EnrolmentError(
                f"{self._folder / IDENTITY_FILE} cannot be read ({error}): enrol this node anew with a claim code"
            ) from error

    @property
    def tls(self) -> TlsSection | None:
        """The files that count now; read anew at every connection, for they are renewed while the agent runs."""
        identity = self.identity
        if identity is None:
            return None
        return TlsSection(
            ca_file=self._folder / identity.authority_file,
            cert_file=self._folder / identity.certificate_file,
            key_file=self._folder / identity.key_file,
        )

    def read(self, name: str) -> str:
        """One of the files that the identity names. Raises EnrolmentError."""
        try:
            return (self._folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise EnrolmentError(f"{self._folder / name} cannot be read: {error}") from error

    def keep(self, enrolled: Enrolled, key_pem: str, cloud: str) -> Identity:
        """Write all of it, and let it count from then on. `cloud`: where it is renewed. Raises EnrolmentError."""
        mark = f"{enrolled.issued_at:%Y%m%d%H%M%S}-{os.urandom(3).hex()}"
        identity = Identity(
            estate=enrolled.estate,
            node=enrolled.node,
            credential=enrolled.credential,
            broker_host=enrolled.broker_host,
            broker_port=enrolled.broker_port,
            cloud=cloud,
            issued_at=enrolled.issued_at,
            expires_at=enrolled.expires_at,
            authority_file=f"ca-{mark}.crt",
            certificate_file=f"node-{mark}.crt",
            key_file=f"node-{mark}.key",
        )
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(identity.key_file, key_pem)
            self._write(identity.certificate_file, enrolled.certificate)
            self._write(identity.authority_file, enrolled.authority)
            self._write(IDENTITY_FILE, identity.model_dump_json(indent=2) + "\n")
            self._sync()
        except OSError as error:
            raise EnrolmentError(
                f"the credentials cannot be written to {self._folder} ({error.strerror}): free space, or give this user "
                "the folder; then ask again, with the same key nothing is used up"
            ) from error
        self._forget_all_but(identity)
        return identity

    def _write(self, name: str, text: str) -> None:
        descriptor, temporary = tempfile.mkstemp(dir=self._folder, prefix=f".{name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                # mkstemp makes it readable to its owner only; the key must never have been anything else.
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self._folder / name)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise

    def _sync(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _forget_all_but(self, identity: Identity) -> None:
        kept = {identity.authority_file, identity.certificate_file, identity.key_file}
        for pattern in _KEPT_PATTERNS:
            for path in self._folder.glob(pattern):
                if path.name not in kept:
                    with contextlib.suppress(OSError):
                        path.unlink()


class PendingKey:
    """The key of an enrolment under way, kept until its answer is: one that was lost on the way is asked for again."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "pending.key"

    def take(self, code: str) -> str | None:
        """The key made for that code before."""
        try:
            kept: Mapping[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return str(kept["key"]) if kept.get("code") == code else None

    def put(self, code: str, key_pem: str) -> None:
        """Raises EnrolmentError."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({"code": code, "key": key_pem}, file)
        except OSError as error:
            raise EnrolmentError(f"{self._path} cannot be written: {error.strerror}") from error

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)
