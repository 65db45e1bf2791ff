"""E-mail, WeCom, DingTalk, Feishu, ntfy, Telegram and a hundred others through Apprise: one URL per channel."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from cloud.adapters.notify.patience import PATIENCE_S
from cloud.adapters.notify.wording import LINK, TITLES
from cloud.application.messages import Message, NotSent
from cloud.domain.community.faults import fault
from cloud.domain.duties.escalation import Importance
from cloud.errors import Invalid

ADDRESS: Final = "{address}"

_SORTS: Final = {Importance.EMERGENCY: "failure", Importance.HIGH: "warning", Importance.NORMAL: "info"}


_CODE: Final = re.compile(r"\berror=(\d{3})\b")
_heard: Final = threading.local()


class _Ear(logging.Handler):
    """Apprise says only in its log why something was not taken. It logs addresses and what providers answer, and its exceptions
    quote URLs: what is kept is a status, or that there was no connection, for the thread that sends, and nothing is passed on.
    """

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        code = _CODE.search(text)
        if code is not None:
            _heard.why = fault("provider-answered", status=int(code[1]))
        elif "onnection" in text and getattr(_heard, "why", None) is None:
            _heard.why = fault("provider-unreachable")


def _listen() -> None:
    log = logging.getLogger("apprise")
    if not any(isinstance(one, _Ear) for one in log.handlers):
        log.handlers = [_Ear()]
        log.propagate = False
        log.setLevel(logging.WARNING)


def _host_of(service: Any) -> tuple[str, int] | None:
    """(host, port) that it will speak to, as far as the URL names one: what stands there may be a key of the provider's as well."""
    named = any("{host}" in template or "{endpoint}" in template for template in getattr(service, "templates", ()))
    # Mail goes to its `smtp=`, where there is one, and Azure's to its endpoint, whatever stands where others have their host.
    host = next((one for name in _NAMING if isinstance(one := getattr(service, name, None), str) and one), None)
    # A topic of ntfy's own service stands where others have their host.
    if not named or not host or getattr(service, "mode", None) == "cloud":
        return None
    return host, int(getattr(service, "port", None) or (443 if getattr(service, "secure", False) else 80))


_NAMING: Final = ("smtp_host", "endpoint", "host")


class AppriseMissing(Invalid):
    """The library is not installed, whatever the URL says."""


class AppriseChannel:
    """Implements `messages.Channel`. `template` is an Apprise URL with `{address}` where the member's own part belongs;
    it holds secrets and is never logged. `judged`: (host, port) → its address; raises NotSent where nothing may go, for URLs
    that are not the operator's. Raises Invalid when Apprise does not know it, AppriseMissing when it is not installed.
    """

    carries_links = True
    rings = False

    def __init__(self, kind: str, template: str, judged: Callable[[str, int], str] | None = None) -> None:
        try:
            import apprise
        except ImportError as error:
            raise AppriseMissing(
                f"notify.channels.{kind} needs Apprise, which is not installed: pip install 'tocsin[notify]'."
            ) from error
        _listen()
        self._apprise: Any = apprise
        self._template, self._judged = template, judged
        if self._service("1234567890") is None:
            raise Invalid(
                f"notify.channels.{kind}: Apprise cannot use this URL (not shown: it holds secrets). Compare it with the "
                "list of services in Apprise's documentation; put {address} where the member's address belongs."
            )

    def deliver(self, message: Message) -> None:
        service = self._service(message.address)
        if service is None:
            raise NotSent(fault("address-unsuitable"))
        host = _host_of(service)
        if self._judged is not None and host is not None:
            self._judged(*host)
        sender = self._apprise.Apprise()
        sender.add(service)
        lines = [message.text]
        if message.link is not None:
            lines.append(LINK.of(message.language) + message.link)
        title = TITLES[message.importance].of(message.language)
        sort = _SORTS[message.importance]
        _heard.why = None
        try:
            taken = sender.notify(body="\n".join(lines), title=title, notify_type=sort)
        except Exception as error:  # noqa: BLE001 - a hundred plugins, each with libraries of its own
            # From None: what a provider's library says may quote the URL with its secrets.
            raise NotSent(fault("unexpected", detail=type(error).__name__)) from None
        if not taken:
            raise NotSent(_heard.why or fault("provider-refused"))

    def _service(self, address: str) -> Any:
        url = self._template.replace(ADDRESS, quote(address, safe="@"))
        patience = f"cto={PATIENCE_S / 2}&rto={PATIENCE_S / 2}"
        return self._apprise.Apprise.instantiate(
            url + ("&" if "?" in url else "/?" if "://" in url else "?") + patience
        )
