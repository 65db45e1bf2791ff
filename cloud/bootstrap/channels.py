"""How messages go out is wired: what the settings name, and what administrators have set up since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cloud.adapters.notify.console import ConsoleChannel
from cloud.adapters.notify.fitting import ChannelFitting
from cloud.adapters.notify.gateway import keypad_of as laid_keypad
from cloud.adapters.notify.opening import open_channels
from cloud.application.channel_ports import ChannelTools, MeansNow
from cloud.application.messages import Channels
from cloud.application.notices.known_channels import KnownChannels
from cloud.application.notices.sparing import Sparing
from cloud.application.notices.switchboard import Costly, Switchboard, ringing
from cloud.application.rosters.keep_channels import KeepChannels
from cloud.application.tasks.answer_call import Keypad
from cloud.bootstrap.shared import Shared
from cloud.domain.community.reaching import CONSOLE
from cloud.domain.records.allowance import Allowance
from cloud.state import State, seal_of


@dataclass(frozen=True)
class Reached:
    """Through what anybody can be reached now, and which of it is spared."""

    means: MeansNow
    sparing: Sparing


def reached_by(common: Shared, state: State) -> Reached:
    """Text messages and calls ring, and are paid for."""
    notify = common.settings.notify
    limits = notify.limits
    allowance = Allowance(limits.per_member, limits.per_day, limits.per_day_life_safety)
    return Reached(state.means, Sparing(Costly(state.known_channels, frozenset(notify.gateways)), allowance))


def switchboard(common: Shared, state: State) -> Channels:
    """Raises Invalid, which names the setting that cannot be used."""
    notify = common.settings.notify
    laid = open_channels(notify, common.clock.now)
    fallback = None
    if notify.console is None:
        # There only while there is no other.
        laid.pop(CONSOLE, None)
        fallback = ConsoleChannel()
    return Switchboard(state.known_channels, laid, _fitting(common), fallback)


def keep_channels(common: Shared, state: State) -> KeepChannels:
    settings = common.settings
    rings = any(gateway.callback is not None for gateway in settings.notify.gateways.values())
    return KeepChannels(
        state.units,
        common.clock,
        common.ids,
        state.known_channels,
        ChannelTools(seal_of(settings), _fitting(common)),
        laid_rings=rings,
        closed=settings.demonstration,
    )


def keypad_of(common: Shared, known: KnownChannels) -> Callable[[], Keypad | None]:
    """How the gateway for calls tells which key was pressed: that of the settings, or the one that was set up."""
    fitting = _fitting(common)
    laid = next(filter(None, map(laid_keypad, common.settings.notify.gateways.values())), None)

    def now() -> Keypad | None:
        found = ringing(known) if laid is None else None
        return laid if found is None else fitting.keypad(found.setup.settings, found.secrets or {})

    return now


def _fitting(common: Shared) -> ChannelFitting:
    return ChannelFitting(common.clock.now, common.settings.notify.allow_loopback)
