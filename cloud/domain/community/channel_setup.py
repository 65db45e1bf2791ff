"""How messages go out, as administrators have set it up: one channel for each kind of contact, for the whole server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from cloud.domain.community.channel_shapes import CallbackShape, GatewayShape, MailShape, usual
from cloud.domain.community.faults import Fault
from cloud.domain.community.reaching import CONSOLE
from cloud.errors import Invalid

_KIND: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_PAID: Final = frozenset({"sms", "voice"})
"""Text messages and calls, however they are sent."""

MOST: Final = 32
"""Channels that can be set up."""


class Form(StrEnum):
    """What a channel is: mail by SMTP; a provider's HTTP interface, as for text messages and calls; any URL of Apprise."""

    MAIL = "mail"
    GATEWAY = "gateway"
    APPRISE = "apprise"


SECRETS: Final[Mapping[Form, tuple[str, ...]]] = {
    Form.MAIL: ("password",),
    Form.GATEWAY: ("secret", "callback_secret"),
    Form.APPRISE: ("url",),
}
"""What is never shown again, by form."""

USUAL: Final[Mapping[Form, Mapping[str, Any]]] = {
    Form.MAIL: usual(MailShape),
    Form.GATEWAY: usual(GatewayShape),
    Form.APPRISE: {},
}
"""What stands in a field that nobody has filled in, by form."""

USUAL_CALLBACK: Final[Mapping[str, str]] = usual(CallbackShape)

SENT_WITH: Final[Mapping[Form, Mapping[str, tuple[str, ...]]]] = {
    Form.MAIL: {"password": ("host", "port", "security", "user")},
    Form.GATEWAY: {"secret": ("url", "method", "headers", "body", "signed")},
    Form.APPRISE: {},
}
"""What decides where a secret goes, by secret: whoever changes that says the secret again, or a server of their own would tell it."""


@dataclass(frozen=True, slots=True)
class ChannelSetup:
    """One channel. `settings`: all of it that is no secret; `held`: which secrets there are, `sealed`: these, encrypted.
    `version` counts its changes.
    """

    kind: str
    form: Form
    settings: Mapping[str, Any]
    held: tuple[str, ...]
    sealed: str | None
    active: bool
    version: int
    changed_at: datetime
    changed_by: str

    @property
    def rings(self) -> bool:
        """Whether it is a call in which a key can be pressed."""
        return self.form is Form.GATEWAY and self.settings.get("callback") is not None

    @property
    def costs(self) -> bool:
        """Whether it rings or is paid for, and so is spared."""
        return self.form is Form.GATEWAY or self.kind in _PAID

    def switched(self, *, active: bool, at: datetime, by: str) -> ChannelSetup:
        return replace(self, active=active, version=self.version + 1, changed_at=at, changed_by=by)


def checked_kind(kind: str) -> str:
    """The name under which members choose it. Raises Invalid."""
    if _KIND.fullmatch(kind) is None or kind == CONSOLE:
        said = Fault(
            f"kind: {kind[:40]!r} is no name for a channel; take 1 to 32 of a-z, 0-9 and -, beginning with a letter, such as email",
            "名称须为 1 至 32 个小写字母、数字或连字符，以字母开头，例如 email",
        )
        raise Invalid("The channel was not set up.", [said])
    return kind


def completed(form: Form, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """With what is usual where nothing is said."""
    whole = {**USUAL[form], **settings}
    if whole.get("callback") is not None:
        whole["callback"] = {**USUAL_CALLBACK, **whole["callback"]}
    return whole


def settings_of(form: Form, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> Mapping[str, Any]:
    """With what a secret tells that is none: of an Apprise URL the name of the service."""
    if form is not Form.APPRISE:
        return settings
    service, written, _ = secrets.get("url", "").partition("://")
    return {"service": service[:32].lower() if written else ""}


def changed_between(before: ChannelSetup | None, form: Form, settings: Mapping[str, Any]) -> list[str]:
    """The names of what is another than before."""
    if before is None or before.form is not form:
        return sorted(settings)
    names = {*before.settings, *settings}
    return sorted(name for name in names if before.settings.get(name) != settings.get(name))


def must_be_said_again(before: ChannelSetup, settings: Mapping[str, Any], given: Mapping[str, str]) -> list[str]:
    """Secrets that would go elsewhere than they were given for, and were not given anew."""
    sent_with = SENT_WITH[before.form]
    return [
        name
        for name in before.held
        if name not in given and any(before.settings.get(one) != settings.get(one) for one in sent_with.get(name, ()))
    ]
