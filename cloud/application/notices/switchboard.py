"""The channels as they are now, ready to deliver: what is set up, changed or switched off counts from the next message on."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from cloud.application.channel_ports import Fitting
from cloud.application.messages import Channel, Message, NotSent
from cloud.application.notices.known_channels import Known, KnownChannels
from cloud.domain.community.channel_setup import ChannelSetup
from cloud.domain.community.faults import fault
from cloud.domain.community.reaching import CONSOLE
from cloud.errors import CloudError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Gone:
    """Stands in for one that was there when a message was made ready, and is no longer."""

    kind: str
    carries_links: bool = False
    rings: bool = False

    def deliver(self, message: Message) -> None:
        del message
        raise NotSent(fault("channel-off", channel=self.kind))


class Switchboard(Mapping[str, Channel]):
    """Implements `messages.Channels`. `laid`: the channels of the settings. `console`: the one that is there while there is no
    other; None: never.
    """

    def __init__(
        self, known: KnownChannels, laid: Mapping[str, Channel], fitting: Fitting, console: Channel | None = None
    ) -> None:
        self._known, self._laid, self._fitting, self._console = known, laid, fitting, console
        self._made: dict[str, tuple[ChannelSetup, Channel | None]] = {}
        self._lock = Lock()

    def __getitem__(self, kind: str) -> Channel:
        if kind in self._laid:
            return self._laid[kind]
        if kind == CONSOLE and self._console is not None:
            return self._console
        one = self._known.usable().get(kind)
        made = self._channel(one) if one is not None else None
        return made if made is not None else _Gone(kind)

    def __contains__(self, kind: object) -> bool:
        return kind in set(self)

    def get(self, kind: str, default: Any = None) -> Any:
        if kind not in self:
            return default
        return self[kind]

    def __iter__(self) -> Iterator[str]:
        usable = [kind for kind, one in self._known.usable().items() if self._channel(one) is not None]
        yield from self._laid
        yield from usable
        if not self._laid and not usable and self._console is not None:
            yield CONSOLE

    def __len__(self) -> int:
        return len(set(self))

    def _channel(self, one: Known) -> Channel | None:
        """None where it cannot be made any more, as when what it was made with is no longer installed."""
        with self._lock:
            before = self._made.get(one.setup.kind)
            if before is not None and before[0] == one.setup:
                return before[1]
            made = self._made_of(one)
            self._made[one.setup.kind] = (one.setup, made)
            return made

    def _made_of(self, one: Known) -> Channel | None:
        try:
            return self._fitting.channel(one.setup.kind, one.setup.form, one.setup.settings, one.secrets or {})
        except CloudError as error:
            _log.error("the channel %s cannot be used: %s", one.setup.kind, error)
            return None


@dataclass(frozen=True, slots=True)
class Costly(Container[str]):
    """The channels that ring or are paid for: the gateways of the settings, and those that were set up."""

    known: KnownChannels
    laid: frozenset[str]

    def __contains__(self, kind: object) -> bool:
        found = self.known.usable().get(str(kind))
        return kind in self.laid or (found is not None and found.setup.costs)


@dataclass(frozen=True, slots=True)
class LinkCarriers(Container[str]):
    """The channels that take a link to whoever has left an address. `linked`: whether the service has an address of its own."""

    channels: Mapping[str, Channel]
    linked: bool

    def __contains__(self, kind: object) -> bool:
        found = self.channels.get(str(kind)) if self.linked and kind in self.channels else None
        return found is not None and found.carries_links


def ringing(known: KnownChannels) -> Known | None:
    """The one that was set up and takes keys, switched off or not: whoever was called before may still answer."""
    found = (one for kind, one in known.all().items() if one.setup.rings and kind not in known.laid)
    return next((one for one in found if one.secrets is not None), None)
