"""The channels as the settings name them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cloud.adapters.notify.apprise_channel import AppriseChannel
from cloud.adapters.notify.console import ConsoleChannel
from cloud.adapters.notify.gateway import GatewayChannel
from cloud.application.messages import Channel
from cloud.domain.community.reaching import CONSOLE
from cloud.notify_settings import Notify


def open_channels(notify: Notify, now: Callable[[], datetime]) -> dict[str, Channel]:
    """By kind. Raises cloud.errors.Invalid, which names the setting that cannot be used."""
    channels: dict[str, Channel] = {}
    for kind, url in notify.channels.items():
        channels[kind] = AppriseChannel(kind, url.get_secret_value())
    for kind, gateway in notify.gateways.items():
        channels[kind] = GatewayChannel(kind, gateway, now)
    if notify.to_console:
        channels[CONSOLE] = ConsoleChannel()
    return channels
