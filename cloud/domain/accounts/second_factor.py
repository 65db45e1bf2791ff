"""Of whom a second factor is asked, until when they may do without, and when an organisation's sign-in has asked for it already."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cloud.domain.community.party import Role

ASKED: Final = frozenset({Role.ADMINISTRATOR, Role.MANAGER})
"""Who lets others in and decides what an estate consists of: with their password alone everything else falls."""
GRACE: Final = timedelta(days=7)

KNOWLEDGE: Final = frozenset({"pwd", "pin", "kba"})
POSSESSION: Final = frozenset({"otp", "hwk", "swk", "sc", "pop", "sms", "tel"})
INHERENCE: Final = frozenset({"face", "fpt", "iris", "retina", "vbm"})
"""Values of `amr` by what they prove (RFC 8176, section 2)."""

STRONG_CONTEXTS: Final = (
    "phr",
    "phrh",
    "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
    "https://refeds.org/profile/mfa",
)
"""Values of `acr` that stand for several factors wherever they are used: OpenID Connect Extended Authentication Profile ACR
Values 1.0, PAPE 1.0, REFEDS MFA. A number or a word of one provider's own says nothing unless the settings name it.
"""


@dataclass(frozen=True, slots=True)
class SecondFactorRule:
    """`roles`: of whom it is asked; `grace`: from the first sign-in at which it was, they may do without for so long."""

    roles: frozenset[Role] = frozenset()
    grace: timedelta = GRACE

    def asks(self, role: Role) -> bool:
        return role in self.roles


ASKS_NOBODY: Final = SecondFactorRule()


def proven_elsewhere(methods: Collection[str], context: str, strong: Collection[str] = STRONG_CONTEXTS) -> bool:
    """Whether the provider's `amr` and `acr` say that more than one kind of factor was asked for. Two passwords are one kind."""
    kinds = sum(not kind.isdisjoint(methods) for kind in (KNOWLEDGE, POSSESSION, INHERENCE))
    return "mfa" in methods or kinds > 1 or context in strong
