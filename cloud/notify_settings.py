"""How messages reach people and systems: channels through Apprise, gateways for text messages and calls, webhooks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

Kind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
_SHORTEST_SECRET = 16


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _compiles(pattern: str | None) -> str | None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from error
    return pattern


class Callback(_Section):
    """How a provider tells which key was pressed. `key`: a regular expression over the body of its POST whose first group is
    the key; `accept`: the key that accepts the task; `answer`: what the provider wants to hear. With `signature_header` the
    body must be signed: HMAC-SHA256 in hexadecimal under `secret`, over `<time>.<body>` where a `time_header` is named.
    """

    key: str = r'"?(?:digits|dtmf|key)"?\s*[=:]\s*"?([0-9*#])'
    accept: Annotated[str, Field(pattern=r"^[0-9*#]$")] = "1"
    answer: str = '{"code": 0}'
    content_type: str = "application/json"
    signature_header: str | None = None
    time_header: str | None = None
    secret: SecretStr | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.signature_header is None) != (self.secret is None):
            raise ValueError("signature_header and secret belong together: give both or neither")
        if self.secret is not None and len(self.secret.get_secret_value()) < _SHORTEST_SECRET:
            raise ValueError(f"secret: shorter than {_SHORTEST_SECRET} characters")
        if re.compile(_compiles(self.key) or "").groups < 1:
            raise ValueError("key: put the key that was pressed in a group, such as dtmf=([0-9])")
        return self


class Gateway(_Section):
    """A provider's HTTP interface. `url`, `headers` and `body` hold `${address}`, `${text}`, `${name}`, `${language}`, `${id}`,
    `${link}`, `${callback}`, `${secret}`, `${time}` and, where `signed` says over what, `${signature}` (HMAC-SHA256 under
    `secret`, hexadecimal). `success`: a regular expression that the answer must contain, besides a status of 2xx.
    """

    url: Annotated[str, Field(pattern=r"^https?://[^/$]+")]
    method: Literal["GET", "POST", "PUT"] = "POST"
    headers: Mapping[str, str] = {"Content-Type": "application/json"}
    body: str = ""
    success: str | None = None
    secret: SecretStr | None = None
    signed: str = ""
    callback: Callback | None = None

    _regular = field_validator("success")(_compiles)

    @model_validator(mode="after")
    def _signs(self) -> Self:
        if self.signed and self.secret is None:
            raise ValueError("signed needs a secret: give it as TOCSIN_NOTIFY__GATEWAYS__<KIND>__SECRET")
        return self


class WebhookLimits(_Section):
    """Where webhooks may go. Both switches are for development: with them a manager's webhook reaches what this machine does."""

    allow_http: bool = False
    allow_loopback: bool = False


class Limits(_Section):
    """How much text messages and calls are used, for each gateway. `per_member`: to one member about one task in ten minutes,
    where no life is at stake. `per_day`: altogether in 24 hours, after which only danger to life goes through, up to
    `per_day_life_safety`; the first message about it to each member always goes.
    """

    per_member: Annotated[int, Field(ge=1, le=100)] = 3
    per_day: Annotated[int, Field(ge=1)] = 500
    per_day_life_safety: Annotated[int, Field(ge=1)] = 2000

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.per_day_life_safety < self.per_day:
            raise ValueError("per_day_life_safety: less than per_day, but danger to life goes on when all else stops")
        return self


class Notify(_Section):
    """`console`: whether messages are also printed for members without another channel; by default where there is no other.
    `channels`: an Apprise URL per kind of contact. Secrets belong in TOCSIN_NOTIFY__… variables. `allow_loopback`: whether gateways
    and Apprise channels that administrators set up on the page may reach this machine itself.
    """

    console: bool | None = None
    channels: Mapping[Kind, SecretStr] = {}
    gateways: Mapping[Kind, Gateway] = {}
    allow_loopback: bool = False
    webhooks: WebhookLimits = WebhookLimits()
    limits: Limits = Limits()

    @property
    def to_console(self) -> bool:
        return self.console if self.console is not None else not (self.channels or self.gateways)

    @model_validator(mode="after")
    def _apart(self) -> Self:
        both = sorted(set(self.channels) & set(self.gateways))
        if both or "console" in {*self.channels, *self.gateways}:
            raise ValueError(f"{', '.join(both) or 'console'}: a kind of contact has one way; choose another name")
        ringing = [kind for kind, gateway in self.gateways.items() if gateway.callback is not None]
        if len(ringing) > 1:
            raise ValueError(f"{', '.join(ringing)}: one gateway takes keys; leave callback away from the others")
        return self
