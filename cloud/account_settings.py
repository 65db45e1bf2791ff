"""How people sign in: how long sessions hold, and through which organisation's sign-in."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from cloud.errors import Invalid


class Oidc(BaseModel):
    """An OpenID provider, such as Keycloak, Entra ID or WeCom behind one. `name_zh`, `name_en`: what the button says.

    The secret stands in a file or in TOCSIN_ACCOUNTS__OIDC__CLIENT_SECRET, never in the TOML file; public clients have none. There
    `https://…/sign-in/organisation/back` is to be named as the address that is sent back to.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Annotated[str, Field(pattern=r"^https?://[^\s#?]+$")]
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: SecretStr | None = None
    client_secret_file: Path | None = None
    name_zh: Annotated[str, Field(min_length=1, max_length=64)] = "单位账号"
    name_en: Annotated[str, Field(min_length=1, max_length=64)] = "your organisation's account"
    scopes: Annotated[str, Field(pattern=r"^openid( [!-~]+)*$")] = "openid email"

    @model_validator(mode="after")
    def _safe(self) -> Self:
        parts = urlsplit(self.issuer)
        if parts.scheme != "https" and not _here(parts.hostname or ""):
            raise ValueError("issuer: who people are would travel in the clear; give an address with https")
        if self.client_secret is not None and self.client_secret_file is not None:
            raise ValueError("client_secret and client_secret_file: give one of them")
        return self

    def secret(self) -> str | None:
        """Wherever it stands. Raises Invalid."""
        if self.client_secret_file is None:
            return self.client_secret.get_secret_value() if self.client_secret else None
        try:
            return self.client_secret_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Invalid(
                f"accounts.oidc.client_secret_file: {error}. Write the secret into that file, mode 0600."
            ) from error


class AccountSettings(BaseModel):
    """`session_hours`: how long a session holds in all; `idle_hours`: while nobody uses it (a live page uses it)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    session_hours: Annotated[float, Field(gt=0, le=24 * 7)] = 12
    idle_hours: Annotated[float, Field(ge=0.25, le=24 * 7)] = 4
    oidc: Oidc | None = None


def _here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
