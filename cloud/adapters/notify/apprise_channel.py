"""E-mail, WeCom, DingTalk, Feishu, ntfy, Telegram and a hundred others through Apprise: one URL per channel."""

from __future__ import annotations

import logging
from typing import Any, Final
from urllib.parse import quote

from cloud.application.messages import Message
from cloud.domain.community.names import Names
from cloud.domain.duties.escalation import Importance
from cloud.errors import Invalid, Unavailable

ADDRESS: Final = "{address}"

PATIENCE_S: Final = 9.0
"""Within `send_notifications.TAKES_AT_MOST`, for connecting and reading together."""

_TITLES: Final = {
    Importance.EMERGENCY: Names("【险情】", "[life safety]"),
    Importance.HIGH: Names("【任务】", "[task]"),
    Importance.NORMAL: Names("【通知】", "[notice]"),
}
_SORTS: Final = {Importance.EMERGENCY: "failure", Importance.HIGH: "warning", Importance.NORMAL: "info"}
_LINK: Final = Names("打开任务（仅限本人，24 小时内有效）：", "Open the task (yours alone, for 24 hours): ")


class AppriseChannel:
    """Implements `messages.Channel`. `template` is an Apprise URL with `{address}` where the member's own part belongs;
    it holds secrets and is never logged. Raises Invalid when Apprise does not know it or is not installed.
    """

    carries_links = True
    rings = False

    def __init__(self, kind: str, template: str) -> None:
        try:
            import apprise
        except ImportError as error:
            raise Invalid(
                f"notify.channels.{kind} needs Apprise, which is not installed: pip install 'tocsin[notify]'."
            ) from error
        # It logs addresses and what providers answer, and its exceptions quote URLs.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        self._apprise: Any = apprise
        self._kind, self._template = kind, template
        if self._service("1234567890") is None:
            raise Invalid(
                f"notify.channels.{kind}: Apprise cannot use this URL (not shown: it holds secrets). Compare it with the "
                "list of services in Apprise's documentation; put {address} where the member's address belongs."
            )

    def deliver(self, message: Message) -> None:
        service = self._service(message.address)
        if service is None:
            raise Unavailable(f"the address does not suit the channel {self._kind}")
        sender = self._apprise.Apprise()
        sender.add(service)
        lines = [message.text]
        if message.link is not None:
            lines.append(_LINK.of(message.language) + message.link)
        title = _TITLES[message.importance].of(message.language)
        sort = _SORTS[message.importance]
        try:
            taken = sender.notify(body="\n".join(lines), title=title, notify_type=sort)
        except Exception as error:  # noqa: BLE001 - a hundred plugins, each with libraries of its own
            # From None: what a provider's library says may quote the URL with its secrets.
            raise Unavailable(f"{self._kind}: {type(error).__name__}") from None
        if not taken:
            raise Unavailable(f"{self._kind}: the provider did not take it")

    def _service(self, address: str) -> Any:
        url = self._template.replace(ADDRESS, quote(address, safe="@"))
        patience = f"cto={PATIENCE_S / 2}&rto={PATIENCE_S / 2}"
        return self._apprise.Apprise.instantiate(
            url + ("&" if "?" in url else "/?" if "://" in url else "?") + patience
        )
