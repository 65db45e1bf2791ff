"""The database, and what operators do on it without a running cloud: the command line's side of the wiring."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from cloud.adapters.clock import SystemClock
from cloud.adapters.estate_file.country import Countries
from cloud.adapters.estate_file.sheet import YamlSheet
from cloud.adapters.notify.channel_seal import FileChannelSeal
from cloud.adapters.sql.engine import open_engine
from cloud.adapters.sql.last_moment import last_moment
from cloud.adapters.sql.migrating import Told, upgrade
from cloud.adapters.sql.units import SqlUnitsOfWork
from cloud.application.accounts.keeping import Accounts
from cloud.application.accounts.make_administrator import FirstPlace
from cloud.application.announcers import Announcers
from cloud.application.asking.duty_questions import DutyQuestions
from cloud.application.card_key_ports import CardKeyVault
from cloud.application.channel_ports import ChannelSeal, MeansNow
from cloud.application.credit.crediting import Crediting
from cloud.application.enrolment_ports import Authority
from cloud.application.estates.amend_estate import AmendEstate
from cloud.application.estates.change_duties import ChangeDuties
from cloud.application.estates.import_estate import EstateFiles, ImportEstate
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.estates.sign_in import SignIn
from cloud.application.fleet.card_keying import CardKeying
from cloud.application.fleet.command_node import CommandNode
from cloud.application.fleet.configure_node import ConfigureNode
from cloud.application.fleet.enrolling import Enrolling
from cloud.application.fleet.node_questions import NodeQuestions
from cloud.application.identifiers import RandomIds
from cloud.application.ledger.erase_personal import ErasePersonal, ListPersonal
from cloud.application.ledger.export_ledger import ExportLedger
from cloud.application.notices.known_channels import KnownChannels, MeansKnown
from cloud.application.ports import Clock
from cloud.application.timeseries import TimeSeriesReader
from cloud.domain.community.means import Means
from cloud.domain.credit.table import CreditTable
from cloud.domain.duties.register import Register
from cloud.domain.fleet.card_key import Rotation
from cloud.errors import ReadingsUnavailable, Unavailable
from cloud.proofs import forget_setup_code, lasting_of, limits_of, organisation_of, proofs_of, second_factor_of
from cloud.settings import RESTORING, CloudSettings

if TYPE_CHECKING:
    from cloud.adapters.timeseries.embedded.reading import EmbeddedReader
    from cloud.adapters.timeseries.influxdb.engine import InfluxDb  # 20 MiB: only where it is used


@dataclass(frozen=True)
class State:
    """The database brought up to date, and the use cases of operators on it. `close` gives it back."""

    engine: Engine
    units: SqlUnitsOfWork
    load_estate: LoadEstate
    sign_in: SignIn
    accounts: Accounts
    enrolling: Enrolling
    nodes: NodeQuestions
    configure: ConfigureNode
    command: CommandNode
    card_keys: CardKeying
    duties: ChangeDuties
    asked_duties: DutyQuestions
    export: ExportLedger
    erase: ErasePersonal
    personal: ListPersonal
    credit: Crediting
    amend: AmendEstate
    files: ImportEstate
    known_channels: KnownChannels
    means: MeansNow

    def close(self) -> None:
        self.engine.dispose()


def open_state(
    settings: CloudSettings,
    *,
    clock: Clock | None = None,
    announcers: Announcers | None = None,
    told: Told | None = None,
) -> State:
    """`told`: how far bringing the database up to date has come. Raises cloud.errors.Unavailable when the data directory or the
    database cannot be used.
    """
    clock = clock or SystemClock()
    settings.prepare_data()
    if (settings.data / RESTORING).exists():
        raise Unavailable(
            f"A restore into {settings.data} was interrupted, or is under way. Give `tocsin db restore` again, with --replace; "
            "what was there before is kept aside."
        )
    engine = open_engine(settings.database_url)
    upgrade(engine, told=told)
    if isinstance(clock, SystemClock) and (last := last_moment(engine)) is not None:
        clock.goes_on_from(last)
    units = SqlUnitsOfWork(engine, announcers)
    enrolling = Enrolling(
        units,
        clock,
        RandomIds(),
        authority_of(settings, clock),
        broker=settings.broker_for_nodes,
        url=settings.web.url,
        claim_lasts=timedelta(hours=settings.enrolment.claim_hours),
        limits=limits_of(settings),
    )
    laid = means_of(settings)
    known = KnownChannels(units, seal_of(settings), laid.kinds or frozenset())
    means = MeansKnown(known, laid)
    sign_in = SignIn(units, clock, lasting=lasting_of(settings.accounts), second_factor=second_factor_of(settings))
    return State(
        engine,
        units,
        LoadEstate(units, clock),
        sign_in,
        Accounts.on(
            units,
            clock,
            RandomIds(),
            sign_in=sign_in,
            means=proofs_of(settings, clock),
            first_estate=first_register,
            set_up=partial(forget_setup_code, settings.setup_code_path),
            organisation=organisation_of(settings, clock.outside if isinstance(clock, SystemClock) else clock),
            limits=limits_of(settings),
        ),
        enrolling,
        NodeQuestions(units, clock),
        ConfigureNode(units, clock),
        CommandNode(units, clock),
        CardKeying(units, clock, RandomIds(), vault_of(settings), rotation_of(settings)),
        ChangeDuties(units, clock, YamlSheet()),
        DutyQuestions(units, clock, means),
        ExportLedger(units, clock),
        ErasePersonal(units, clock),
        ListPersonal(units, clock),
        Crediting(units, clock, RandomIds(), default_credit),
        AmendEstate(units, clock, Countries()),
        ImportEstate(units, clock, files_of_estates),
        known,
        means,
    )


def first_register(place: FirstPlace) -> Register:
    from cloud.adapters.estate_file.first_estate import first_estate

    return first_estate(place)


@cache
def files_of_estates() -> EstateFiles:
    """Read and written once in a building's life: the shapes of tables are made when somebody first asks."""
    from cloud.adapters.estate_file.files import Files

    return Files()


@cache
def default_credit() -> CreditTable:
    """Read when credit is first granted or looked at."""
    from cloud.adapters.estate_file import default_credit_table

    return default_credit_table()


@contextmanager
def open_reader(settings: CloudSettings) -> Iterator[TimeSeriesReader]:
    """Who draws the readings, beside a running cloud. Raises ReadingsUnavailable."""
    reader: EmbeddedReader | InfluxDb
    if settings.influxdb is None:
        from cloud.adapters.timeseries.embedded.reading import EmbeddedReader

        if not settings.readings_path.exists():
            raise ReadingsUnavailable(
                f"{settings.readings_path} is not there: no reading was stored yet in {settings.data}."
            )
        reader = EmbeddedReader(settings.readings_path)
    else:
        from cloud.adapters.timeseries.influxdb.engine import InfluxDb, InfluxSettings

        influx = settings.influxdb
        reader = InfluxDb(InfluxSettings(influx.url, influx.token.get_secret_value(), influx.org, influx.bucket))
    try:
        yield reader
    finally:
        reader.close()


def means_of(settings: CloudSettings) -> Means:
    """Through what anybody is reached by the settings alone: the channels and gateways that stand there."""
    rings = frozenset(kind for kind, one in settings.notify.gateways.items() if one.callback is not None)
    kinds = frozenset(settings.notify.channels) | frozenset(settings.notify.gateways)
    return Means(kinds, settings.duties.console_answers, rings)


def seal_of(settings: CloudSettings) -> Callable[[], ChannelSeal]:
    """Under which the secrets of channels are kept."""
    return partial(FileChannelSeal, settings.authority_path)


def authority_of(settings: CloudSettings, clock: Clock) -> Callable[[], Authority]:
    """Opened, and made where there is none, when a node is first enrolled: most runs never need its library."""

    @cache
    def authority() -> Authority:
        from cloud.adapters.authority import open_authority

        return open_authority(settings.authority_path, now=clock.now(), valid_days=settings.enrolment.certificate_days)

    return authority


def vault_of(settings: CloudSettings) -> Callable[[], CardKeyVault]:
    """Opened when a card key is first made or sent, and made where there is none."""

    @cache
    def vault() -> CardKeyVault:
        from cloud.adapters.card_key_vault import open_vault

        return open_vault(settings.authority_path)

    return vault


def rotation_of(settings: CloudSettings) -> Rotation:
    return Rotation(timedelta(days=settings.card_keys.rotation_days), settings.card_keys.automatic)
