"""What channels that administrators set up need from outside: where they are kept, sealed, and made to deliver."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cloud.application.messages import Channel
from cloud.domain.community.channel_setup import ChannelSetup, Form
from cloud.domain.community.means import Means

MeansNow = Callable[[], Means]
"""Through what anybody can be reached at this moment: channels are set up and switched off while the program runs."""


class ChannelBook(Protocol):
    """The channels that were set up."""

    def all(self) -> Sequence[ChannelSetup]:
        """By kind."""
        ...

    def get(self, kind: str) -> ChannelSetup | None: ...

    def save(self, setup: ChannelSetup) -> None:
        """New, or in place of the one of its kind."""
        ...

    def remove(self, kind: str) -> None: ...


class ChannelSeal(Protocol):
    """Secrets of channels under a key that is no part of the database. Both raise Unavailable, or Invalid where the key's file is
    damaged or open to others.
    """

    def sealed(self, secrets: Mapping[str, str], kind: str) -> str: ...

    def opened(self, sealed: str, kind: str) -> Mapping[str, str] | None:
        """None where they were sealed under another key, or the key is lost."""
        ...


class Fitting(Protocol):
    """Makes channels out of what somebody has written."""

    def channel(self, kind: str, form: Form, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> Channel:
        """Raises Invalid, which names every fault in both languages and no secret."""
        ...


@dataclass(frozen=True, slots=True)
class ChannelTools:
    """What channels are made with. `seal` is opened when there is first a secret."""

    seal: Callable[[], ChannelSeal]
    fitting: Fitting
