"""Channels out of what an administrator has written: checked as a whole, every fault named, and never a secret."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from cloud.adapters.notify.apprise_channel import AppriseChannel, AppriseMissing
from cloud.adapters.notify.gateway import GatewayChannel, keypad_of
from cloud.adapters.notify.outward import Limits, Outward
from cloud.adapters.notify.patience import PATIENCE_S
from cloud.application.messages import Channel
from cloud.application.tasks.answer_call import Keypad
from cloud.domain.community.channel_setup import Form
from cloud.domain.community.faults import Fault, under
from cloud.domain.community.value_faults import value_fault
from cloud.errors import Invalid
from cloud.notify_settings import Gateway

_Shape = TypeVar("_Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ChannelFitting:
    """Implements `channel_ports.Fitting`. `loopback`: whether gateways and Apprise may reach this machine itself. Mail may: an SMTP
    client says nothing until a mail server has greeted it, so that nothing else can be talked into anything.

    What each form is made with is loaded when there is first a channel of it.
    """

    now: Callable[[], datetime]
    loopback: bool = False

    def channel(self, kind: str, form: Form, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> Channel:
        """Raises Invalid."""
        match form:
            case Form.MAIL:
                return self._mail({**settings, **secrets})
            case Form.GATEWAY:
                outward, gateway = self._outward(), _gateway(settings, secrets)
                # As far as can be told before anything is filled in.
                outward.check(gateway.url.replace("${", "").replace("}", ""))
                return GatewayChannel(kind, gateway, self.now, outward)
            case Form.APPRISE:
                return self._apprise(kind, {**settings, **secrets})

    def keypad(self, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> Keypad | None:
        """How that gateway tells which key was pressed; None where it takes none."""
        return keypad_of(_gateway(settings, secrets))

    def _mail(self, document: Mapping[str, Any]) -> Channel:
        from cloud.adapters.notify.mail import MailChannel, MailServer
        from cloud.adapters.notify.written import WrittenMail

        server = MailServer(**_read(WrittenMail, document).model_dump())
        return MailChannel(server, Outward(Limits(loopback=True, house=True)).judged, self.now)

    def _apprise(self, kind: str, document: Mapping[str, Any]) -> Channel:
        from cloud.adapters.notify.written import WrittenApprise

        return _apprise(kind, _read(WrittenApprise, document).url, self._outward())

    def _outward(self) -> Outward:
        return Outward(Limits(http=True, loopback=self.loopback, house=True), patience_s=PATIENCE_S)


def _gateway(settings: Mapping[str, Any], secrets: Mapping[str, str]) -> Gateway:
    from cloud.adapters.notify.written import WrittenGateway

    return _read(WrittenGateway, {**settings, **secrets}).gateway()


def _read(shape: type[_Shape], document: Mapping[str, Any]) -> _Shape:
    try:
        return shape.model_validate(document)
    except ValidationError as error:
        faults = []
        for found in error.errors(include_url=False, include_input=False):
            told, where = value_fault(found), ".".join(map(str, found["loc"]))
            faults.append(under(told, f"{where}: ", f"{where}：") if where else told)
        raise Invalid("The channel was not set up.", faults) from None


def _apprise(kind: str, url: str, outward: Outward) -> Channel:
    try:
        return AppriseChannel(kind, url, outward.judged)
    except AppriseMissing:
        said = Fault(
            "url: Apprise is not installed on this server: ask whoever runs it for pip install 'tocsin[notify]'",
            "服务器未安装 Apprise，请联系服务器管理者安装：pip install 'tocsin[notify]'",
        )
        raise Invalid("The channel was not set up.", [said]) from None
    except Invalid:
        said = Fault(
            "url: Apprise cannot use it (not shown: it holds secrets). Compare it with the examples; put {address} where the "
            "member's address belongs",
            "此地址 Apprise 无法使用（含密钥，不显示）：请对照示例检查，成员地址处写 {address}",
        )
        raise Invalid("The channel was not set up.", [said]) from None
