"""The page on which a cloud process is wired, with plain constructor calls. Nothing is built at import."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from socket import socket

from prometheus_client import CollectorRegistry, ProcessCollector

from cloud.adapters.broker_access import RESPONSE, SWEEPS_S, BrokerAccess
from cloud.adapters.clock import SystemClock
from cloud.adapters.mqtt import BrokerAddress, BrokerLink
from cloud.adapters.notify.outward import Limits, Outward
from cloud.adapters.notify.webhooks import WebhookPoster
from cloud.adapters.revocation_file import RevocationFile
from cloud.adapters.sql.figures import SqlFigures
from cloud.adapters.sql.lookout import SqlLookout
from cloud.adapters.systemd import Systemd
from cloud.adapters.timeseries.embedded.expiring import Expirer, InTurn, WhenSure
from cloud.adapters.timeseries.embedded.reading import EmbeddedReader
from cloud.adapters.timeseries.embedded.settling import Settler
from cloud.adapters.timeseries.journal.deliveries import JournalDeliveries
from cloud.adapters.timeseries.journal.projecting import Projector, reproject
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.announcers import Announcers
from cloud.application.asking.node_figures import ReadNodeFigures
from cloud.application.asking.readiness import Readiness
from cloud.application.asking.telemetry_counts import TelemetryCounts
from cloud.application.fleet.admission import Admission
from cloud.application.fleet.follow_node import FollowNode
from cloud.application.identifiers import RandomIds
from cloud.application.intake.boot_times import BootTimes
from cloud.application.intake.dead_letters import PutDeadLetter
from cloud.application.intake.identity_conflict import ReportConflict
from cloud.application.intake.record_event import RecordEvents
from cloud.application.intake.record_health import RecordHealth
from cloud.application.intake.record_presence import RecordPresence
from cloud.application.intake.record_telemetry import RecordTelemetry
from cloud.application.messages import Channels
from cloud.application.timeseries import DAY, HOUR, SECOND, ReadingsKept, TimeSeriesReader, Upkeep, to_micros
from cloud.bootstrap.channels import reached_by, switchboard
from cloud.bootstrap.loops import estates_of, hint, loops_of
from cloud.bootstrap.running import Cloud
from cloud.bootstrap.services import Stores, services_of
from cloud.bootstrap.shared import Shared
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.app import AT_ONCE, WAITING_AT_ONCE, create_app
from cloud.entrypoints.feeds.tail import Feeds
from cloud.entrypoints.figures import ProjectionFigures, StateFigures
from cloud.entrypoints.ingest.fact_lane import UseCases
from cloud.entrypoints.ingest.importing import Imported, ImportOutbox
from cloud.entrypoints.ingest.intake import Intake
from cloud.entrypoints.ingest.measures import Measures
from cloud.entrypoints.ingest.spooled import SpooledImports, ThroughLane
from cloud.entrypoints.ingest.telemetry_lane import Ticking
from cloud.entrypoints.node_figures import FleetFigures
from cloud.entrypoints.pace import Pace
from cloud.entrypoints.serving import WebServer, claim
from cloud.entrypoints.supervised import Part, Supervised
from cloud.entrypoints.timers import Loop, keeping
from cloud.errors import Invalid
from cloud.settings import CloudSettings
from cloud.state import State, open_state
from schemas.topics import CloudTopic, cloud_subscriptions


def build_cloud(settings: CloudSettings, *, clock: Ticking | None = None, channels: Channels | None = None) -> Cloud:
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
        common = _shared(settings, clock, state)
        journal = Journal(settings.readings_path)
        undo.callback(journal.close)
        reader, upkeeper = _engine(common, undo)
        deliveries = JournalDeliveries(settings.readings_path)
        undo.callback(deliveries.close)
        link = _link(common)
        access = _access(common, link)
        intake = _intake(common, link, journal)
        channels = switchboard(common, state) if channels is None else channels
        poster = _poster(common)
        loops = loops_of(
            common, link, intake, upkeeper=upkeeper, readings=reader, arrivals=deliveries, channels=channels,
            reached=reached_by(common, state), poster=poster, announcers=announcers, lookout=SqlLookout(state.engine),
        )  # fmt: skip
        loops += _loops_of_the_broker(common, state, access)
        loops.append(Loop("card keys", keeping(state.card_keys.keep), clock, common.readiness))
        loops.append(Loop("imports", _imports(common, intake).step, clock, common.readiness))
        stores = Stores(reader, ThroughLane(intake.telemetry), TelemetryCounts(state.units, deliveries), feeds)
        services = services_of(common, state, stores, channels=channels, poster=poster)
        _figures(common, state, feeds)
        cloud: Cloud
        web = _web(common, services, feeds, listening, lambda: cloud.failed)
        cloud = Cloud(
            state, services, intake, link, loops=loops, web=web, url=_url(settings, listening),
            readiness=common.readiness, access=access, supervised=_supervised(common, intake, web, loops),
            farewell=lambda: hint(common, link, b""), close=undo.pop_all().close,
        )  # fmt: skip
    return cloud


def _shared(settings: CloudSettings, clock: Ticking, state: State) -> Shared:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return Shared(settings, clock, state.units, RandomIds(), Readiness(), registry)


def _link(common: Shared) -> BrokerLink:
    settings = common.settings
    managed = (RESPONSE,) if settings.broker.access == "managed" else ()
    return BrokerLink(_address(settings), (*cloud_subscriptions(), *managed), will_topic=_will(common))


def _poster(common: Shared) -> WebhookPoster:
    limits = common.settings.notify.webhooks
    outward = Outward(Limits(http=limits.allow_http, loopback=limits.allow_loopback))
    return WebhookPoster(outward) if common.machine is None else WebhookPoster(outward, common.machine.ahead)


def _loops_of_the_broker(common: Shared, state: State, access: BrokerAccess | None) -> Iterator[Loop]:
    """Whom it lets in, as far as that is ours to say."""
    if access is not None:
        yield Loop("broker access", access.step, common.clock, common.readiness)
    crl = common.settings.broker.crl_file
    if crl is not None:
        revocations = RevocationFile(crl, state.units, common.clock, state.enrolling.authority)
        yield Loop("revocations", revocations.step, common.clock, common.readiness)


def _figures(common: Shared, state: State, feeds: Feeds) -> None:
    """What is measured is entered in the registry."""
    StateFigures(
        SqlFigures(state.engine),
        common.clock.now,
        streams=lambda: feeds.streams,
        ready=lambda: common.readiness.ready,
        registry=common.registry,
    )
    FleetFigures(ReadNodeFigures(state.units), common.clock.now, common.registry)


def _web(
    common: Shared, services: Services, feeds: Feeds, listening: socket, failed: Callable[[], str | None]
) -> WebServer:
    settings = common.settings
    workers = AT_ONCE if settings.influxdb is None else WAITING_AT_ONCE
    pace = Pace(settings.limits.requests_known_per_minute, settings.limits.requests_per_address_per_minute)
    app = create_app(services, workers=workers, pace=pace)
    return WebServer(app, listening, feeds, failed, trusted=map(str, settings.web.trusted_proxies))


def _url(settings: CloudSettings, listening: socket) -> str:
    """Where it is reached from this machine; a port of 0 was given by the system."""
    return settings.web.url if settings.web.port else f"http://{settings.web.host}:{listening.getsockname()[1]}"


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


def _supervised(common: Shared, intake: Intake, web: WebServer, loops: list[Loop]) -> Supervised | None:
    """For a process that systemd started: it is alive while ingest, timers, what reminds them, pages and database turn."""
    systemd = Systemd()
    if not systemd.listens:
        return None
    lookout, timers = (next(loop for loop in loops if loop.name == name) for name in ("lookout", "timers"))
    parts = {
        **intake.parts,
        "lookout": Part(lambda: lookout.turns, lookout.wake),
        "timers": Part(lambda: timers.turns, timers.wake),
        "pages": Part(lambda: web.turns),
    }
    return Supervised(systemd, parts, partial(estates_of, common.units), common.readiness)


def _imports(common: Shared, intake: Intake) -> SpooledImports:
    """What operators lay down beside a running cloud."""
    letters = PutDeadLetter(common.units, common.clock, common.ids)
    events = RecordEvents(common.units, common.clock, common.ids)
    take = ImportOutbox(ThroughLane(intake.telemetry), events, letters, common.clock)
    return SpooledImports(common.settings.imports_path, take)


def _intake(common: Shared, link: BrokerLink, journal: Journal) -> Intake:
    """From the broker to the use cases that record."""
    units, clock, ids = common.units, common.clock, common.ids
    letters = PutDeadLetter(units, clock, ids)
    return Intake(
        link.publish,
        RecordTelemetry(journal, letters, ReportConflict(units, ids), BootTimes(units)),
        letters,
        UseCases(
            RecordEvents(units.ahead(), clock, ids),
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


def _access(common: Shared, link: BrokerLink) -> BrokerAccess | None:
    """The broker's access list, where it is ours to keep."""
    broker = common.settings.broker
    if broker.access != "managed":
        return None
    sweeps = SWEEPS_S if broker.crl_file is not None else ()
    return BrokerAccess(common.units, link.publish, lambda: link.connected, clock=common.clock, sweeps_s=sweeps)


def _engine(common: Shared, undo: ExitStack) -> tuple[TimeSeriesReader, Upkeep]:
    """Who draws the readings, and the work that keeps it going."""
    settings = common.settings
    path = settings.readings_path
    kept = ReadingsKept(settings.retention.readings_days * DAY, settings.retention.minutes_days * DAY)
    expirer = WhenSure(Expirer(path, kept), common.doubted_until)
    if settings.influxdb is None:
        reader, upkeeper = EmbeddedReader(path), InTurn(Settler(path), expirer)
        undo.callback(reader.close)
        undo.callback(upkeeper.close)
        return reader, upkeeper
    # Its client takes 20 MiB and half a second to import: only where it is used.
    from cloud.adapters.timeseries.influxdb.engine import InfluxDb, InfluxSettings
    from cloud.adapters.timeseries.influxdb.expiring import BucketExpirer

    influx = settings.influxdb
    engine = InfluxDb(
        InfluxSettings(
            influx.url, influx.token.get_secret_value(), influx.org, influx.bucket, retention_s=kept.readings // SECOND
        )
    )
    undo.callback(engine.close)
    projector = Projector(path, engine, shown=kept.readings)
    # What was settled here before there was an InfluxDB expires as well.
    bucket = WhenSure(BucketExpirer(engine, kept), common.doubted_until)
    upkeeper = InTurn(projector, InTurn(bucket, expirer))
    undo.callback(upkeeper.close)
    ProjectionFigures(projector.lag, projector.audit, common.clock.now, common.registry)
    return engine, upkeeper


def project_again(settings: CloudSettings, hours: float) -> int:
    """Have a running cloud, or the next, write to its engine again what was recorded in the last hours and is still kept:
    how many readings. Raises Invalid without an engine, ReadingsUnavailable.
    """
    if settings.influxdb is None:
        raise Invalid("There is no [influxdb] in the settings: the readings are drawn from where they are stored.")
    if not settings.readings_path.exists():
        raise Invalid(f"{settings.readings_path} is not there: name the cloud's data with --data.")
    return reproject(settings.readings_path, to_micros(SystemClock().now()) - round(hours * HOUR))


def _address(settings: CloudSettings) -> BrokerAddress:
    broker = settings.broker
    files = {key: str(path) if (path := getattr(broker, key)) else None for key in ("ca_file", "cert_file", "key_file")}
    return BrokerAddress(broker.host, broker.port, f"tocsin-{broker.worker}", broker.username, broker.secret(), **files)


def _will(common: Shared) -> str | None:
    """A connection has one will; of several estates the first is told of our death at once, the others by silence."""
    estates = estates_of(common.units)
    return str(CloudTopic(estates[0], common.settings.broker.worker)) if estates else None
