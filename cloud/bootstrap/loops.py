"""What goes on by itself in a cloud, each in a thread of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from cloud.adapters.heartbeat import UrlHeartbeat
from cloud.adapters.mqtt import BrokerLink
from cloud.application.announcers import Announcers
from cloud.application.channel_ports import MeansNow
from cloud.application.fleet.note_unanswered import NoteUnanswered
from cloud.application.fleet.tell_nodes import TellNodes
from cloud.application.fleet.watch_credentials import WatchBrokerCertificate, WatchCredentials
from cloud.application.fleet.watch_losses import WatchLosses
from cloud.application.heartbeat import Heartbeat
from cloud.application.incidents.watch_chattering import WatchChattering
from cloud.application.incidents.watch_coverage import WatchCoverage
from cloud.application.ledger.publish_heads import PublishHeads
from cloud.application.lookout import Lookout, Work
from cloud.application.loss_ports import Arrivals
from cloud.application.messages import Channels, Poster
from cloud.application.notices.prepare import Calls
from cloud.application.notices.send_missives import SendMissives
from cloud.application.notices.send_notifications import SendNotifications
from cloud.application.notices.send_webhooks import SendWebhooks
from cloud.application.ports import UnitsOfWork
from cloud.application.tasks.run_timers import RunTimers
from cloud.application.timeseries import TimeSeriesReader, Upkeep
from cloud.bootstrap.channels import Reached
from cloud.bootstrap.consultation import consultation_loops
from cloud.bootstrap.forgetting import forgetting_loops
from cloud.bootstrap.shared import Shared
from cloud.bootstrap.watches import watches
from cloud.entrypoints.ingest.intake import Intake
from cloud.entrypoints.timers import (
    GATHER_S,
    Loop,
    announcements,
    heartbeat,
    looking_out,
    notifications,
    telling,
    timers,
    upkeep,
    webhooks,
)
from schemas.topics import CloudTopic

HINT_S: Final = 30.0
"""How often nodes are told that a worker is there; two minutes without a word sound the duty room's beacon."""

CREDENTIALS_S: Final = 60.0
"""How often it is looked whether a node's credential ends soon: it is a matter of days."""

LOSSES_S: Final = 30.0
"""How often what nodes say they hold is compared with what is stored: as often as they say it."""
CHANNELS_AT_ONCE: Final = 8
"""Providers spoken to at the same time: one that hangs for its ten seconds holds up no alarm of another."""

WEBHOOKS_AT_ONCE: Final = 4

CHATTERING_S: Final = 15.0
"""How often it is looked whether an alarm keeps coming and going: it takes minutes to tell."""

COVERAGE_S: Final = 30.0
"""How often it is looked whether register or channels have changed; without that, holes are looked for hourly."""

HEADS_S: Final = 60.0
"""How often it is looked whether a head is due: it is published hourly, by the clock of what was published last."""


def loops_of(
    common: Shared,
    link: BrokerLink,
    intake: Intake,
    *,
    upkeeper: Upkeep,
    readings: TimeSeriesReader,
    arrivals: Arrivals,
    channels: Channels,
    reached: Reached,
    poster: Poster,
    announcers: Announcers,
    lookout: Lookout,
) -> list[Loop]:
    """What goes on by itself, each in a thread of its own."""
    units, clock, readiness = common.units, common.clock, common.readiness
    calls = Calls(common.settings.web.outward_url, common.settings.language)
    send = SendNotifications(
        units,
        clock,
        common.ids,
        channels,
        means=reached.means,
        calls=calls,
        sparing=reached.sparing,
        at_once=CHANNELS_AT_ONCE,
    )
    sending = [
        Loop(name, notifications(send), clock, readiness, gather_s=GATHER_S)
        for name in ("notifications", "more notifications")
    ]
    missives = SendMissives(units, clock, channels, means=reached.means, calls=calls)
    said = Loop("missives", announcements(missives), clock, readiness, gather_s=GATHER_S)
    tell = TellNodes(units, clock, lambda topic, payload, retained: link.publish(topic, payload, retain=retained))
    told = Loop("tell nodes", telling(tell, NoteUnanswered(units, clock)), clock, readiness, gather_s=GATHER_S)
    hook = SendWebhooks(units, clock, common.ids, poster, at_once=WEBHOOKS_AT_ONCE, url=common.settings.web.outward_url)
    hooks = Loop("webhooks", webhooks(hook), clock, readiness, gather_s=GATHER_S)
    announcers.told += [_ringing(loop) for loop in (*sending, said, told, hooks)]
    timed = Loop("timers", timers(RunTimers(units, clock, common.ids, intake, common.doubted_until)), clock, readiness)
    doers = {
        Work.TIMERS: [timed],
        Work.NOTIFICATIONS: sending,
        Work.MISSIVES: [said],
        Work.TELLING_NODES: [told],
        Work.WEBHOOKS: [hooks],
    }
    return [
        Loop("lookout", looking_out(lookout, clock, doers), clock, readiness),
        timed,
        # Two, so that what is urgent finds one free while the other waits for a provider that hangs.
        *sending,
        said,
        told,
        hooks,
        Loop("upkeep", upkeep(upkeeper, clock), clock, readiness),
        Loop("hints", _hints(common, link), clock, readiness),
        Loop("credentials", _watching(common), clock, readiness),
        Loop("chattering", _chattering(common), clock, readiness),
        *watches(common, readings),
        Loop("coverage", _covering(common, reached.means), clock, readiness),
        Loop("ledger heads", _publishing(common), clock, readiness),
        *forgetting_loops(common),
        Loop("losses", _losses(common, arrivals), clock, readiness),
        *consultation_loops(common),
        *_heartbeat(common),
    ]


def _publishing(common: Shared) -> Callable[[], float]:
    publish = PublishHeads(common.units, common.clock)

    def work() -> float:
        publish()
        return HEADS_S

    return work


def _heartbeat(common: Shared) -> list[Loop]:
    to = common.settings.heartbeat
    if to is None:
        return []
    beat = Heartbeat(UrlHeartbeat(to.url), common.readiness.troubles)
    return [Loop("heartbeat", heartbeat(beat, to.every_s), common.clock, common.readiness)]


def _watching(common: Shared) -> Callable[[], float]:
    """Whose credential ends soon: a node's, or the one that the cloud itself comes to the broker with."""
    nodes = WatchCredentials(common.units, common.clock, common.ids)
    own = common.settings.broker.cert_file
    broker = WatchBrokerCertificate(common.units, common.clock, common.ids, partial(_ends_at, own)) if own else None

    def work() -> float:
        nodes()
        if broker is not None:
            broker()
        return CREDENTIALS_S

    return work


def _chattering(common: Shared) -> Callable[[], float]:
    watch = WatchChattering(common.units, common.clock, common.ids)

    def work() -> float:
        watch()
        return CHATTERING_S

    return work


def _covering(common: Shared, means: MeansNow) -> Callable[[], float]:
    watch = WatchCoverage(common.units, common.clock, common.ids, means)

    def work() -> float:
        watch()
        return COVERAGE_S

    return work


def _losses(common: Shared, arrivals: Arrivals) -> Callable[[], float]:
    watch = WatchLosses(common.units, common.clock, common.ids, arrivals)

    def work() -> float:
        watch()
        return LOSSES_S

    return work


def _ends_at(certificate: Path) -> datetime:
    from cloud.adapters.authority import ends_at

    return ends_at(certificate)


def estates_of(units: UnitsOfWork) -> list[str]:
    with units.reading() as uow:
        return [estate.id for estate in uow.registers.estates()]


def _hints(common: Shared, link: BrokerLink) -> Callable[[], float]:
    def work() -> float:
        word = {"worker": common.settings.broker.worker, "t": common.clock.now().timestamp()}
        hint(common, link, json.dumps(word).encode())
        return HINT_S

    return work


def hint(common: Shared, link: BrokerLink, payload: bytes) -> None:
    """Tells the nodes of each estate that a worker is there; an empty one takes that back."""
    if link.connected:
        for estate in estates_of(common.units):
            link.publish(str(CloudTopic(estate, common.settings.broker.worker)), payload, retain=True)


def _ringing(loop: Loop) -> Callable[[str, int], None]:
    """Wakes the loop when a ledger has grown, whichever it is."""
    return lambda _estate, _seq: loop.wake()
