"""What answers for credentials where none are kept."""

from __future__ import annotations

from edge.errors import SettingsError


class NoCredentialStore:
    """Implements `ports.CredentialRotation` by saying that there is nothing to rotate."""

    async def rotate(self) -> str:
        raise SettingsError(
            "credentials", ["no credential store is configured at this node; enrol it, then they can be rotated"]
        )
