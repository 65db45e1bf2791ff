"""By what accounts are proven and how often somebody may try: wired for the program and for the command line alike."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import cache
from pathlib import Path

from cloud.account_settings import AccountSettings
from cloud.adapters.accounts.common_passwords import common_passwords
from cloud.adapters.accounts.passwords import Argon2Passwords
from cloud.adapters.clock import SystemClock
from cloud.application.account_ports import IdentityProvider, OneTimeCodes, SecretSeal
from cloud.application.accounts.keeping import Organisation
from cloud.application.accounts.proving import Means as Proofs
from cloud.application.estates.sign_in import Lasting
from cloud.application.ports import Clock
from cloud.domain.accounts.second_factor import ASKS_NOBODY, STRONG_CONTEXTS, SecondFactorRule
from cloud.domain.accounts.throttle import Limits
from cloud.domain.community.names import Names
from cloud.domain.community.party import Role
from cloud.settings import CloudSettings


def forget_setup_code(path: Path) -> None:
    """The code is used up, and so is the file it stood in; one that cannot be removed opens nothing either."""
    with suppress(OSError):
        path.unlink()


def lasting_of(settings: AccountSettings) -> Lasting:
    return Lasting(timedelta(hours=settings.session_hours), timedelta(hours=settings.idle_hours))


def second_factor_of(settings: CloudSettings) -> SecondFactorRule:
    """Of whom a second factor is asked; in a demonstration, where everybody is somebody else by a click, of nobody."""
    if settings.demonstration:
        return ASKS_NOBODY
    accounts = settings.accounts
    roles = frozenset(Role(name) for name in accounts.second_factor_for)
    return SecondFactorRule(roles, timedelta(days=accounts.second_factor_grace_days))


def limits_of(settings: CloudSettings) -> Limits:
    """How often somebody may try what is secret."""
    limits = settings.limits
    return Limits(
        account=limits.tries_per_account,
        address=limits.tries_per_address,
        label=limits.label_codes_per_address,
        claim=limits.claim_codes_per_address,
    )


def proofs_of(settings: CloudSettings, clock: Clock) -> Proofs:
    """By what accounts are proven. Each library is opened when somebody first needs it: most hours nobody signs in."""

    @cache
    def codes() -> OneTimeCodes:
        from cloud.adapters.accounts.one_time_codes import TimeCodes

        return TimeCodes(clock.ahead) if isinstance(clock, SystemClock) else TimeCodes()

    @cache
    def seal() -> SecretSeal:
        from cloud.adapters.accounts.secret_seal import open_seal

        return open_seal(settings.authority_path)

    return Proofs(Argon2Passwords(), codes, seal, common_passwords)


def organisation_of(settings: CloudSettings, clock: Clock) -> Organisation | None:
    """Whose sign-in is offered beside our own."""
    oidc = settings.accounts.oidc
    if oidc is None:
        return None
    secret = oidc.secret()

    @cache
    def provider() -> IdentityProvider:
        from cloud.adapters.accounts.openid import Client, OpenIdProvider

        client = Client(oidc.issuer, oidc.client_id, secret, oidc.scopes, (*STRONG_CONTEXTS, *oidc.second_factor_acr))
        return OpenIdProvider(client, clock)

    return Organisation(Names(oidc.name_zh, oidc.name_en), provider, f"{settings.web.url}/sign-in/organisation/back")
