"""What speaks with the cloud, and what runs beside the node for it, put together."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from edge.adapters.card_key import KeptCardKeys
from edge.adapters.kept_configuration import KeptConfiguration
from edge.adapters.machine import LinuxMachine
from edge.adapters.mqtt import MqttBroker
from edge.adapters.no_credential_store import NoCredentialStore
from edge.adapters.renewal import SeldomRenewal
from edge.application.alarms import Alarms
from edge.application.answers import Answers
from edge.application.card_keyring import CardKeyring
from edge.application.cards import Cards
from edge.application.configure import Configure
from edge.application.deliver import Deliver
from edge.application.keep import Keeper
from edge.application.link import Link
from edge.application.mute_sounders import MuteSounders
from edge.application.obey import Obey, Reread
from edge.application.observe import Observer
from edge.application.ports import Clock, Outbox
from edge.application.renew import Renew
from edge.application.report_health import ReportHealth
from edge.application.return_to_disk import ReturnToDisk
from edge.application.run_node import Node
from edge.application.status import ReportStatus
from edge.application.timestamps import Timestamps
from edge.application.watch_cloud import WatchCloud
from edge.settings import NodeSettings
from edge.version import RELEASED, agent_version
from schemas.node_config import NodeConfig

Work = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Inside:
    """The node itself, which works without anybody hearing it."""

    outbox: Outbox
    config: NodeConfig
    node: Node
    observer: Observer
    cards: Cards
    keeper: Keeper
    deliver: Deliver
    timestamps: Timestamps
    alarms: Alarms


class Conversation:
    """One of each, made when it is first asked for. `reread`: what node.toml says now; `salvaged`: what is to be said of a
    store that was found damaged after the start.
    """

    def __init__(
        self,
        settings: NodeSettings,
        clock: Clock,
        inside: Inside,
        *,
        kept: KeptConfiguration,
        keyring: CardKeyring | None,
        reread: Reread,
        salvaged: Callable[[str], None],
    ) -> None:
        self._settings, self._clock, self._inside = settings, clock, inside
        self._kept, self._keyring, self._reread, self._salvaged = kept, keyring, reread, salvaged
        self._answers = Answers(clock)
        self._renew = build_renewal(settings, clock)

    @cached_property
    def configure(self) -> Configure:
        return Configure(
            self._inside.config,
            store=self._kept,
            apply=self._inside.node.change,
            keeper=self._inside.keeper,
            answers=self._answers,
            clock=self._clock,
            timestamps=self._inside.timestamps,
            reads_cards=self._settings.privacy is not None,
        )

    @cached_property
    def obey(self) -> Obey:
        return Obey(
            self._inside.outbox,
            self._clock,
            self._inside.timestamps,
            configure=self.configure,
            alarms=self._inside.alarms,
            keeper=self._inside.keeper,
            answers=self._answers,
            blink=self._inside.node.blink,
            sounders=MuteSounders(self._inside.observer.sounders, self._inside.node.wake),
            reread=self._reread,
            rotation=self._renew or NoCredentialStore(),
            on_exercise=self._inside.node.wake,
            keyring=self._keyring,
        )

    @cached_property
    def watch(self) -> WatchCloud:
        observer = self._inside.observer
        return WatchCloud(self._clock, lambda silent, mono: observer.cloud_silent(silent=silent, mono=mono))

    @cached_property
    def link(self) -> Link:
        settings, outbox = self._settings, self._inside.outbox
        return Link(
            MqttBroker(settings.broker, settings.node.address, self._clock, last_trusted=lambda: outbox.last_trusted),
            outbox,
            self._clock,
            self._inside.timestamps,
            configure=self.configure,
            obey=self.obey,
            answers=self._answers,
            agent_version=agent_version(),
            alarms=self._inside.alarms,
            deliver=self._inside.deliver,
            watch=self.watch,
            health=self._health(),
            max_backoff_s=settings.broker.max_backoff_s,
            # A birth counts only above all before it in this boot, which a new, salvaged or volatile outbox has forgotten.
            numbered_from=int(self._clock.mono() * 10),  # outruns them: two a second at most
        )

    def beside(self) -> Mapping[str, Work]:
        """What runs beside the node's own tasks, by name."""
        work: dict[str, Work] = {
            "link": self.link.run,
            "configure": self.configure.run,
            "obey commands": self.obey.run,
            "watch the cloud": self.watch.run,
        }
        if self._settings.status is not None:
            # Half a megabyte for a node that has no page: only where it is asked for.
            from edge.adapters.status_page import StatusPage

            work["status page"] = StatusPage(self._settings.status, self._status()).run
        if self._renew is not None:
            work["renew credentials"] = self._renew.run
        if self._inside.outbox.volatile_instead_of is not None:
            work["return to disk"] = ReturnToDisk(self._inside.outbox, self._clock, self._returned).run
        return work

    def _health(self) -> ReportHealth:
        section = self._settings.outbox
        return ReportHealth(
            self._inside.outbox,
            self._clock,
            self._inside.timestamps,
            machine=LinuxMachine(section.path.parent),
            alarms=self._inside.alarms,
            stale=self._inside.observer.stale_points,
            card_endurance_bytes=section.card_endurance_tb * 1e12,
            keyring=self._keyring,
        )

    def _status(self) -> ReportStatus:
        observer = self._inside.observer
        return ReportStatus(
            str(self._settings.node.address),
            agent_version(),
            self._clock,
            link=self.link,
            watch=self.watch,
            outbox=self._inside.outbox,
            keeper=self._inside.keeper,
            alarms=self._inside.alarms,
            configure=self.configure,
            timestamps=self._inside.timestamps,
            outputs=lambda: observer.outputs,
        )

    def _returned(self) -> None:
        """The outbox lies in its file again, under the file's identity and in other places."""
        self._inside.deliver.look_anew()
        self._answers.bear()
        if self._inside.outbox.salvaged is not None:
            self._salvaged(self._inside.outbox.salvaged)


def build_keyring(settings: NodeSettings, clock: Clock, timestamps: Timestamps, cards: Cards) -> CardKeyring | None:
    """The card key of a node that reads cards; None for any other. Raises SettingsError."""
    if settings.privacy is None:
        return None
    file = KeptCardKeys(settings.privacy.card_key_file, settings.node.address, settings.broker.credentials)
    keyring = CardKeyring(file, clock, timestamps, cards.rekey)
    cards.rekey(keyring.keys)
    return keyring


def build_renewal(settings: NodeSettings, clock: Clock) -> Renew | None:
    """What renews this node's credential; None for a node that was not enrolled."""
    if settings.broker.credentials is None:
        return None
    return Renew(SeldomRenewal(settings.broker.credentials), clock, RELEASED)
