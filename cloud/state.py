"""The database, and what operators do on it without a running cloud: the command line's side of the wiring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from sqlalchemy import Engine

from cloud.adapters.clock import SystemClock
from cloud.adapters.estate_file import default_credit_table
from cloud.adapters.estate_file.sheet import YamlSheet
from cloud.adapters.sql.engine import open_engine
from cloud.adapters.sql.migrating import upgrade
from cloud.adapters.sql.units import SqlUnitsOfWork
from cloud.application.announcers import Announcers
from cloud.application.asking.duty_questions import DutyQuestions
from cloud.application.card_key_ports import CardKeyVault
from cloud.application.credit.crediting import Crediting
from cloud.application.enrolment_ports import Authority
from cloud.application.estates.change_duties import ChangeDuties
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
from cloud.application.ports import Clock
from cloud.domain.community.means import Means
from cloud.domain.fleet.card_key import Rotation
from cloud.settings import CloudSettings


@dataclass(frozen=True)
class State:
    """The database brought up to date, and the use cases of operators on it. `close` gives it back."""

    engine: Engine
    units: SqlUnitsOfWork
    load_estate: LoadEstate
    sign_in: SignIn
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

    def close(self) -> None:
        self.engine.dispose()


def open_state(settings: CloudSettings, *, clock: Clock | None = None, announcers: Announcers | None = None) -> State:
    """Raises cloud.errors.Unavailable when the data directory or the database cannot be used."""
    clock = clock or SystemClock()
    settings.prepare_data()
    engine = open_engine(settings.database_url)
    upgrade(engine)
    units = SqlUnitsOfWork(engine, announcers)
    enrolling = Enrolling(
        units,
        clock,
        RandomIds(),
        authority_of(settings, clock),
        broker=settings.broker_for_nodes,
        url=settings.web.url,
        claim_lasts=timedelta(hours=settings.enrolment.claim_hours),
    )
    return State(
        engine,
        units,
        LoadEstate(units, clock),
        SignIn(units, clock),
        enrolling,
        NodeQuestions(units, clock),
        ConfigureNode(units, clock),
        CommandNode(units, clock),
        CardKeying(units, clock, RandomIds(), vault_of(settings), rotation_of(settings)),
        ChangeDuties(units, clock, YamlSheet()),
        DutyQuestions(units, clock, means_of(settings)),
        ExportLedger(units, clock),
        ErasePersonal(units, clock),
        ListPersonal(units, clock),
        Crediting(units, clock, RandomIds(), default_credit_table()),
    )


def means_of(settings: CloudSettings) -> Means:
    """Through what anybody is reached: the channels and gateways that are set up."""
    kinds = frozenset(settings.notify.channels) | frozenset(settings.notify.gateways)
    return Means(kinds, settings.duties.console_answers)


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
