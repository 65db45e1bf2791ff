"""The fields of the forms for channels, and what is meant by them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from cloud.application.rosters.keep_channels import Given, Shown
from cloud.domain.community.channel_setup import USUAL_CALLBACK, Form, completed
from cloud.domain.community.faults import Fault
from cloud.errors import Invalid


class Sort(StrEnum):
    """Which form: text messages and calls have the same channel behind them, and other words."""

    MAIL = "mail"
    SMS = "sms"
    VOICE = "voice"
    APPRISE = "apprise"


_MAIL: Final = ("host", "security", "user", "sender", "sender_name")
_GATEWAY: Final = ("url", "method", "body", "success", "signed")


def sort_of(one: Shown) -> Sort:
    """By which form it is changed."""
    assert one.setup is not None, "what stands in the settings has no form"
    match one.setup.form:
        case Form.MAIL:
            return Sort.MAIL
        case Form.APPRISE:
            return Sort.APPRISE
        case Form.GATEWAY:
            return Sort.VOICE if one.setup.rings else Sort.SMS


def said_of(sort: Sort, settings: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the fields for these settings; what is not said there, as it usually is."""
    if sort is Sort.MAIL:
        return {name: str(value) for name, value in completed(Form.MAIL, settings).items()}
    if sort is Sort.APPRISE:
        return {"service": str(settings.get("service", ""))}
    whole = completed(Form.GATEWAY, {**settings, "callback": settings.get("callback") or {}})
    plain = {name: str(whole[name]) for name in _GATEWAY}
    headers = "\n".join(f"{name}: {value}" for name, value in whole["headers"].items())
    return {**plain, "headers": headers, **{name: str(value) for name, value in whole["callback"].items()}}


def given_of(sort: Sort, typed: Mapping[str, str], standing: Shown | None) -> Given:
    """What was typed; a field that the form was sent without is as it usually is, and an empty one of a secret leaves it as it
    is. Raises Invalid.
    """
    said = {name: text.strip().replace("\r\n", "\n") for name, text in {**said_of(sort, {}), **typed}.items()}
    if sort is Sort.MAIL:
        settings: dict[str, Any] = {name: said[name] for name in _MAIL}
        settings["port"] = _port(said["port"])
        secrets = _typed(said, password="password")  # noqa: S106 - the field's name
        # Without a user there is nothing that the password would be for.
        return Given(Form.MAIL, settings, secrets if settings["user"] else {"password": ""} if standing else {})
    if sort is Sort.APPRISE:
        return Given(Form.APPRISE, {}, _typed(said, url="apprise"))
    settings = {name: said[name] for name in _GATEWAY}
    settings["headers"] = _headers(said["headers"])
    if sort is Sort.VOICE:
        settings["callback"] = {name: said[name] for name in USUAL_CALLBACK}
    return Given(Form.GATEWAY, settings, _typed(said, secret="secret", callback_secret="callback_secret"))  # noqa: S106 - names


def _typed(said: Mapping[str, str], **fields: str) -> dict[str, str]:
    return {secret: said[field] for secret, field in fields.items() if said.get(field)}


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5):  # noqa: PLR2004 - of 65535
        raise Invalid("The channel was not set up.", [Fault("port: a number such as 465", "端口应为数字，例如 465")])
    return int(text)


def _headers(text: str) -> dict[str, str]:
    found = {}
    for line in filter(None, (one.strip() for one in text.split("\n"))):
        name, colon, value = line.partition(":")
        if not colon:
            said = Fault(
                f"headers: {line[:40]!r} has no colon; write Name: value",
                f"请求头 {line[:40]!r} 缺少冒号，应写作“名称: 值”",
            )
            raise Invalid("The channel was not set up.", [said])
        found[name.strip()] = value.strip()
    return found
