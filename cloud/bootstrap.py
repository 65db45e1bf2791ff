"""The one page on which a cloud process is wired."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector

from cloud.adapters.broker_access import RESPONSE, BrokerAccess
from cloud.adapters.clock import SystemClock
from cloud.adapters.heartbeat import UrlHeartbeat
from cloud.adapters.mqtt import BrokerAddress, BrokerLink, Listener
from cloud.adapters.notify.console import ConsoleNotifier
from cloud.adapters.sql.figures import SqlFigures
from cloud.adapters.timeseries.embedded.reading import EmbeddedReader
from cloud.adapters.timeseries.embedded.settling import Settler
from cloud.adapters.timeseries.journal.deliveries import JournalDeliveries
from cloud.adapters.timeseries.journal.projecting import Projector
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.act_on_task import ActOnTask
from cloud.application.admission import Admission
from cloud.application.announcers import Announcers
from cloud.application.boot_times import BootTimes
from cloud.application.dead_letters import PutDeadLetter
from cloud.application.follow_node import FollowNode
from cloud.application.heartbeat import Heartbeat
from cloud.application.identifiers import RandomIds
from cloud.application.identity_conflict import ReportConflict
from cloud.application.messages import Notifier
from cloud.application.ports import UnitsOfWork
from cloud.application.queries import Queries
from cloud.application.readiness import Readiness
from cloud.application.record_event import RecordEvents
from cloud.application.record_health import RecordHealth
from cloud.application.record_presence import RecordPresence
from cloud.application.record_telemetry import RecordTelemetry
from cloud.application.run_timers import RunTimers
from cloud.application.send_notifications import SendNotifications
from cloud.application.step_aside import StepAside
from cloud.application.tell_nodes import TellNodes
from cloud.application.timeseries import TimeSeriesReader, Upkeep
from cloud.application.watch_credentials import WatchBrokerCertificate, WatchCredentials
from cloud.domain.names import Language
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.app import create_app
from cloud.entrypoints.feeds.tail import Feeds
from cloud.entrypoints.figures import StateFigures
from cloud.entrypoints.ingest.fact_lane import UseCases
from cloud.entrypoints.ingest.importing import Imported, ImportOutbox
from cloud.entrypoints.ingest.intake import Intake
from cloud.entrypoints.ingest.measures import Measures
from cloud.entrypoints.ingest.telemetry_lane import Ticking
from cloud.entrypoints.serving import WebServer, claim
from cloud.entrypoints.timers import GATHER_S, Loop, heartbeat, notifications, telling, timers, upkeep
from cloud.settings import CloudSettings
from cloud.state import State, open_state
from schemas.topics import CloudTopic, cloud_subscriptions

__all__ = ["Cloud", "State", "build_cloud", "open_state"]

HINT_S: Final = 30.0
"""How often nodes are told that a worker is there; two minutes without a word sound the duty room's beacon."""

CREDENTIALS_S: Final = 60.0
"""How often it is looked whether a node's credential ends soon: it is a matter of days."""


class Cloud:
    """One process of the cloud: ingest, timers, web. `build_cloud` makes it; `start` and `stop` run it once."""

    def __init__(
        self,
        state: State,
        services: Services,
        intake: Intake,
        link: BrokerLink,
        *,
        loops: list[Loop],
        web: WebServer,
        url: str,
        readiness: Readiness,
        access: BrokerAccess | None,
        farewell: Callable[[], None],
        close: Callable[[], None],
    ) -> None:
        self.load_estate, self.sign_in, self.units = state.load_estate, state.sign_in, state.units
        self.enrolling = state.enrolling
        self.services, self.readiness, self.url = services, readiness, url
        self._intake, self._link, self._loops, self._web = intake, link, loops, web
        self._access, self._farewell, self._close = access, farewell, close

    def start(self, *, serve: bool = True) -> None:
        """Starts every part, each in a thread of its own. `serve` False: the caller serves, with `serve_until_stopped`."""
        self._intake.start()
        self._link.start(Listener(self._received, self._connected, self._intake.lost))
        for loop in self._loops:
            loop.start()
        if serve:
            self._web.start()

    def serve_until_stopped(self) -> None:
        """Serves the board in this thread until SIGINT, SIGTERM, or the failure of a part."""
        self._web.run()

    def stop(self) -> None:
        """Nobody is let in any more, what is in hand is finished, then everything is closed."""
        self._web.stop()
        self._farewell()
        self._link.stop()
        self._intake.stop()
        for loop in self._loops:
            loop.stop()
        self._close()

    @property
    def failed(self) -> str | None:
        """The part whose thread has ended by itself; the process must end too and be started anew."""
        if self._link.dead:
            return "broker connection"
        return self._intake.dead or next((loop.name for loop in self._loops if loop.dead), None)

    def _received(self, topic: str, payload: bytes) -> None:
        if self._access is not None and topic == RESPONSE:
            self._access.received(payload)
        else:
            self._intake.received(topic, payload)

    def _connected(self) -> None:
        self._intake.connected()
        if self._access is not None:
            self._access.connected()
        for loop in self._loops:
            loop.wake()


@dataclass(frozen=True)
class _Common:
    """What most parts are made from."""

    settings: CloudSettings
    clock: Ticking
    units: UnitsOfWork
    ids: RandomIds
    readiness: Readiness
    registry: CollectorRegistry


def build_cloud(settings: CloudSettings, *, clock: Ticking | None = None, notifier: Notifier | None = None) -> Cloud:
    """Opens everything and starts nothing. All time is `clock`'s.

    Raises cloud.errors: Unavailable (port taken, database out of reach), ReadingsError, Invalid.
    """
    clock = clock or SystemClock()
    with ExitStack() as undo:
        listening = undo.enter_context(claim(settings.web.host, settings.web.port))
        feeds = Feeds()
        announcers = Announcers(feeds.announce)
        state = open_state(settings, clock=clock, announcers=announcers)
        undo.callback(state.close)
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        common = _Common(settings, clock, state.units, RandomIds(), Readiness(), registry)
        journal = Journal(settings.readings_path)
        undo.callback(journal.close)
        reader, upkeeper = _engine(settings, undo)
        deliveries = JournalDeliveries(settings.readings_path)
        undo.callback(deliveries.close)
        managed = (RESPONSE,) if settings.broker.access == "managed" else ()
        link = BrokerLink(_address(settings), (*cloud_subscriptions(), *managed), will_topic=_will(common))
        access = BrokerAccess(state.units, link.publish, lambda: link.connected) if managed else None
        intake = _intake(common, link, journal)
        loops = _loops(common, link, intake, upkeeper=upkeeper, notifier=notifier, announcers=announcers)
        if access is not None:
            loops.append(Loop("broker access", access.step, clock, common.readiness))
        services = Services(
            queries=Queries(state.units, clock),
            act=ActOnTask(state.units, clock, common.ids),
            aside=StepAside(state.units, clock, common.ids),
            sign_in=state.sign_in,
            enrolling=state.enrolling,
            nodes=state.nodes,
            configure=state.configure,
            command=state.command,
            readings=reader,
            clock=clock,
            feeds=feeds,
            reading_counts=deliveries.counts,
            troubles=common.readiness.troubles,
            metrics=registry,
            secure_cookies=settings.web.secure,
        )
        StateFigures(
            SqlFigures(state.engine),
            clock.now,
            streams=lambda: feeds.streams,
            ready=lambda: common.readiness.ready,
            registry=registry,
        )
        cloud: Cloud
        web = WebServer(create_app(services), listening, feeds, lambda: cloud.failed)
        url = settings.web.url if settings.web.port else f"http://{settings.web.host}:{listening.getsockname()[1]}"
        cloud = Cloud(
            state,
            services,
            intake,
            link,
            loops=loops,
            web=web,
            url=url,
            readiness=common.readiness,
            access=access,
            farewell=lambda: _hint(common, link, b""),
            close=undo.pop_all().close,
        )
    return cloud


def import_outbox(settings: CloudSettings, lines: Iterable[str], node: str | None = None) -> Imported:
    """Stores what was read out of a card, as it would have been from the wire; for a cloud that does not run meanwhile.

    Raises as ImportOutbox does, and ReadingsUnavailable where a running cloud holds the readings.
    """
    clock, ids = SystemClock(), RandomIds()
    with ExitStack() as undo:
        state = open_state(settings, clock=clock)
        undo.callback(state.close)
        journal = Journal(settings.readings_path)
        undo.callback(journal.close)
        letters = PutDeadLetter(state.units, clock, ids)
        telemetry = RecordTelemetry(journal, letters, ReportConflict(state.units, ids), BootTimes(state.units))
        return ImportOutbox(telemetry, RecordEvents(state.units, clock, ids), letters, clock)(lines, node)


def _intake(common: _Common, link: BrokerLink, journal: Journal) -> Intake:
    """From the broker to the use cases that record."""
    units, clock, ids = common.units, common.clock, common.ids
    letters = PutDeadLetter(units, clock, ids)
    return Intake(
        link.publish,
        RecordTelemetry(journal, letters, ReportConflict(units, ids), BootTimes(units)),
        letters,
        UseCases(
            RecordEvents(units, clock, ids),
            RecordPresence(units, clock, ids),
            RecordHealth(units, clock, ids),
            FollowNode(units, clock),
            letters,
        ),
        admission=Admission(units, clock, managed=common.settings.broker.access == "managed"),
        clock=clock,
        readiness=common.readiness,
        measures=Measures(common.registry),
    )


def _loops(
    common: _Common,
    link: BrokerLink,
    intake: Intake,
    *,
    upkeeper: Upkeep,
    notifier: Notifier | None,
    announcers: Announcers,
) -> list[Loop]:
    """What goes on by itself, each in a thread of its own."""
    units, clock, readiness, language = common.units, common.clock, common.readiness, common.settings.language
    send = SendNotifications(units, clock, notifier or ConsoleNotifier(_party_names(units, language), language))
    sending = Loop("notifications", notifications(send), clock, readiness, gather_s=GATHER_S)
    tell = TellNodes(units, clock, lambda topic, payload, retained: link.publish(topic, payload, retain=retained))
    told = Loop("tell nodes", telling(tell), clock, readiness)
    announcers.told += [lambda _estate, _seq: sending.wake(), lambda _estate, _seq: told.wake()]
    return [
        Loop("timers", timers(RunTimers(units, clock, common.ids, intake)), clock, readiness),
        sending,
        told,
        Loop("upkeep", upkeep(upkeeper, clock), clock, readiness),
        Loop("hints", _hints(common, link), clock, readiness),
        Loop("credentials", _watching(common), clock, readiness),
        *_heartbeat(common),
    ]


def _heartbeat(common: _Common) -> list[Loop]:
    to = common.settings.heartbeat
    if to is None:
        return []
    beat = Heartbeat(UrlHeartbeat(to.url), common.readiness.troubles)
    return [Loop("heartbeat", heartbeat(beat, to.every_s), common.clock, common.readiness)]


def _engine(settings: CloudSettings, undo: ExitStack) -> tuple[TimeSeriesReader, Upkeep]:
    """Who draws the readings, and the work that keeps it going."""
    path = settings.readings_path
    upkeeper: Upkeep
    if settings.influxdb is None:
        reader, upkeeper = EmbeddedReader(path), Settler(path)
        undo.callback(reader.close)
        undo.callback(upkeeper.close)
        return reader, upkeeper
    # Its client takes 20 MiB and half a second to import: only where it is used.
    from cloud.adapters.timeseries.influxdb.engine import InfluxDb, InfluxSettings

    influx = settings.influxdb
    engine = InfluxDb(InfluxSettings(influx.url, influx.token.get_secret_value(), influx.org, influx.bucket))
    undo.callback(engine.close)
    upkeeper = Projector(path, engine)
    undo.callback(upkeeper.close)
    return engine, upkeeper


def _address(settings: CloudSettings) -> BrokerAddress:
    broker = settings.broker
    files = {key: str(path) if (path := getattr(broker, key)) else None for key in ("ca_file", "cert_file", "key_file")}
    return BrokerAddress(broker.host, broker.port, f"tocsin-{broker.worker}", broker.username, broker.secret(), **files)


def _watching(common: _Common) -> Callable[[], float]:
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


def _ends_at(certificate: Path) -> datetime:
    from cloud.adapters.authority import ends_at

    return ends_at(certificate)


def _estates(units: UnitsOfWork) -> list[str]:
    with units.reading() as uow:
        return [estate.id for estate in uow.registers.estates()]


def _will(common: _Common) -> str | None:
    """A connection has one will; of several estates the first is told of our death at once, the others by silence."""
    estates = _estates(common.units)
    return str(CloudTopic(estates[0], common.settings.broker.worker)) if estates else None


def _hints(common: _Common, link: BrokerLink) -> Callable[[], float]:
    def work() -> float:
        hint = {"worker": common.settings.broker.worker, "t": common.clock.now().timestamp()}
        _hint(common, link, json.dumps(hint).encode())
        return HINT_S

    return work


def _hint(common: _Common, link: BrokerLink, payload: bytes) -> None:
    """Tells the nodes of each estate that a worker is there; an empty one takes that back."""
    if link.connected:
        for estate in _estates(common.units):
            link.publish(str(CloudTopic(estate, common.settings.broker.worker)), payload, retain=True)


def _party_names(units: UnitsOfWork, language: Language) -> Callable[[str, str], str]:
    def name(estate: str, party_id: str) -> str:
        with units.reading() as uow:
            register = uow.registers.find(estate)
        party = register.parties.get(party_id) if register else None
        return party.names.of(language) if party else party_id

    return name
