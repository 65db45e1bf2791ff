"""How people sign in: how long sessions hold, through which organisation's sign-in, and how often anybody may ask or try."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from cloud.connection_settings import Section, is_loopback, secret_in

AskedRole = Literal["resident", "responder", "manager", "overseer", "operator", "administrator"]


class Oidc(Section):
    """An OpenID provider, such as Keycloak, Entra ID or WeCom behind one. `name_zh`, `name_en`: what the button says.

    The secret stands in a file or in TOCSIN_ACCOUNTS__OIDC__CLIENT_SECRET, never in the TOML file; public clients have none. There
    `https://…/sign-in/organisation/back` is to be named as the address that is sent back to.
    `second_factor_acr`: `acr` values of its own that mean it has asked for a second factor, beside those that mean so everywhere.
    """

    issuer: Annotated[str, Field(pattern=r"^https?://[^\s#?]+$")]
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: SecretStr | None = None
    client_secret_file: Path | None = None
    name_zh: Annotated[str, Field(min_length=1, max_length=64)] = "单位账号"
    name_en: Annotated[str, Field(min_length=1, max_length=64)] = "your organisation's account"
    scopes: Annotated[str, Field(pattern=r"^openid( [!-~]+)*$")] = "openid email"
    second_factor_acr: tuple[Annotated[str, Field(min_length=1, max_length=256)], ...] = ()

    @model_validator(mode="after")
    def _safe(self) -> Self:
        parts = urlsplit(self.issuer)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise ValueError("issuer: who people are would travel in the clear; give an address with https")
        if self.client_secret is not None and self.client_secret_file is not None:
            raise ValueError("client_secret and client_secret_file: give one of them")
        return self

    def secret(self) -> str | None:
        """Wherever it stands. Raises Invalid."""
        return secret_in(self.client_secret, self.client_secret_file, "accounts.oidc.client_secret_file", "secret")


class AccountSettings(Section):
    """`session_hours`: how long a session holds in all; `idle_hours`: while nobody uses it (a live page uses it).

    `second_factor_for`: roles of which a second factor is asked; `[]`: of nobody, all may have one. `second_factor_grace_days`: for
    so long from the first sign-in at which it was asked they may do without; 0: not at all.
    """

    session_hours: Annotated[float, Field(gt=0, le=24 * 7)] = 12
    idle_hours: Annotated[float, Field(ge=0.25, le=24 * 7)] = 4
    second_factor_for: frozenset[AskedRole] = frozenset({"administrator", "manager"})
    second_factor_grace_days: Annotated[float, Field(ge=0, le=90)] = 7
    oidc: Oidc | None = None


class RateLimits(Section):
    """How much may be asked. Requests to the interface, feeds and public pages: per minute, of a token or session that has opened a
    door, and of an address; each process counts for itself. Tries at what is secret: in 15 minutes, at an account from anywhere,
    from an address at anything, and from an address codes of labels that there are not, and claim codes and certificates of nodes
    that open nothing; in the database, for all processes together. Reports that somebody is in danger are never refused.
    """

    requests_known_per_minute: Annotated[int, Field(ge=60, le=1_000_000)] = 6000
    requests_per_address_per_minute: Annotated[int, Field(ge=60, le=1_000_000)] = 600
    tries_per_account: Annotated[int, Field(ge=3, le=100)] = 10
    tries_per_address: Annotated[int, Field(ge=3, le=10_000)] = 50
    label_codes_per_address: Annotated[int, Field(ge=3, le=10_000)] = 20
    claim_codes_per_address: Annotated[int, Field(ge=3, le=10_000)] = 20
