"""Units of work on SQL: one connection, one transaction, rolled back unless committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from copy import copy

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from cloud.adapters.sql.access_log import SqlAccessLog
from cloud.adapters.sql.accounts import SqlAccounts
from cloud.adapters.sql.alerts import SqlAlerts, fires_already
from cloud.adapters.sql.assurance import SqlExercises, SqlPhotos, SqlReports, SqlWindows
from cloud.adapters.sql.batches import SqlBatches
from cloud.adapters.sql.boots import SqlBoots
from cloud.adapters.sql.card_keys import SqlCardKeys
from cloud.adapters.sql.channel_setups import SqlChannelSetups
from cloud.adapters.sql.consultation import SqlConsultation
from cloud.adapters.sql.contacts import SqlContacts
from cloud.adapters.sql.credit import SqlCreditBook, SqlCreditTables, SqlRatedTasks
from cloud.adapters.sql.dead_letters import SqlDeadLetters
from cloud.adapters.sql.engine import BUSY_TIMEOUT_MS, WRITES
from cloud.adapters.sql.enrolments import SqlEnrolments
from cloud.adapters.sql.exchange import SqlExchange
from cloud.adapters.sql.fleet import SqlNodes
from cloud.adapters.sql.kept_requests import SqlKeptRequests
from cloud.adapters.sql.labels import SqlLabels
from cloud.adapters.sql.ledger_book import SqlLedger
from cloud.adapters.sql.losses import SqlLossBook
from cloud.adapters.sql.matters import SqlIncidents, SqlTasks
from cloud.adapters.sql.missives import SqlMissives
from cloud.adapters.sql.node_orders import SqlConfigurations, SqlOrders
from cloud.adapters.sql.notices import SqlNotificationOutbox
from cloud.adapters.sql.people import SqlAccessKeys, SqlNotes
from cloud.adapters.sql.personal import SqlPersonal, SqlPublishedHeads
from cloud.adapters.sql.reach import SqlHandovers, SqlRosters
from cloud.adapters.sql.registers import RegisterShelf, SqlRegisters
from cloud.adapters.sql.report_sources import SqlReportSources
from cloud.adapters.sql.saved_views import SqlSavedViews
from cloud.adapters.sql.screens import SqlScreens
from cloud.adapters.sql.turns import Turns
from cloud.adapters.sql.upkeep import SqlPatrols, SqlUpkeep
from cloud.adapters.sql.webhooks import SqlWebhooks
from cloud.adapters.sql.welfare import SqlConsents
from cloud.adapters.story import tell_story
from cloud.application.once_ports import CARRIED
from cloud.application.ports import Announcer
from cloud.errors import Conflict, Stale, Unavailable


class SqlUnitOfWork:
    """Implements `ports.UnitOfWork`."""

    def __init__(self, connection: Connection, shelf: RegisterShelf, announcer: Announcer | None) -> None:
        self._connection, self._announcer = connection, announcer
        self.registers = SqlRegisters(connection, shelf)
        self.batches = SqlBatches(connection)
        self.boots = SqlBoots(connection)
        self.alerts = SqlAlerts(connection)
        self.incidents = SqlIncidents(connection)
        self.tasks = SqlTasks(connection)
        self.ledger = SqlLedger(connection)
        self.outbox = SqlNotificationOutbox(connection)
        self.webhooks = SqlWebhooks(connection)
        self.nodes = SqlNodes(connection)
        self.dead_letters = SqlDeadLetters(connection)
        self.notes = SqlNotes(connection)
        self.personal = SqlPersonal(connection)
        self.heads = SqlPublishedHeads(connection)
        self.keys = SqlAccessKeys(connection)
        self.accounts = SqlAccounts(connection)
        self.enrolments = SqlEnrolments(connection)
        self.configurations = SqlConfigurations(connection)
        self.orders = SqlOrders(connection)
        self.losses = SqlLossBook(connection)
        self.card_keys = SqlCardKeys(connection)
        self.rosters = SqlRosters(connection)
        self.contacts = SqlContacts(connection)
        self.handovers = SqlHandovers(connection)
        self.credit = SqlCreditBook(connection)
        self.credit_tables = SqlCreditTables(connection)
        self.rated_tasks = SqlRatedTasks(connection)
        self.exchange = SqlExchange(connection)
        self.access = SqlAccessLog(connection)
        self.consultation = SqlConsultation(connection)
        self.reports = SqlReports(connection)
        self.photos = SqlPhotos(connection)
        self.exercises = SqlExercises(connection)
        self.windows = SqlWindows(connection)
        self.upkeep = SqlUpkeep(connection)
        self.patrols = SqlPatrols(connection)
        self.sources = SqlReportSources(connection)
        self.kept = SqlKeptRequests(connection)
        self.views = SqlSavedViews(connection)
        self.screens = SqlScreens(connection)
        self.labels = SqlLabels(connection)
        self.missives = SqlMissives(connection)
        self.consents = SqlConsents(connection)
        self.channels = SqlChannelSetups(connection)

    def commit(self) -> None:
        if (request := CARRIED.get()) is not None:
            self.kept.acted(request)
        self._connection.commit()
        self.ledger.held.clear()
        appended, self.ledger.appended = self.ledger.appended, {}
        if self._announcer is not None:
            for estate, seq in appended.items():
                self._announcer.announce(estate, seq)
        entries, self.ledger.entries = self.ledger.entries, []
        tell_story(entries)


class SqlUnitsOfWork:
    """Implements `ports.UnitsOfWork`. Safe to use from any thread: each unit has a connection of its own."""

    def __init__(self, engine: Engine, announcer: Announcer | None = None) -> None:
        self._engine, self._announcer, self._shelf = engine, announcer, RegisterShelf()
        self._turns = Turns(BUSY_TIMEOUT_MS / 1000) if engine.dialect.name == "sqlite" else None
        self.goes_ahead = False

    @property
    def waiting(self) -> int:
        """How many of this process wait for their turn to write; known for SQLite alone."""
        return self._turns.waiting if self._turns is not None else 0

    def ahead(self) -> SqlUnitsOfWork:
        """The same, for those before whom no other thread may write: who brings alarms."""
        first = copy(self)
        first.goes_ahead = True
        return first

    @contextmanager
    def writing(self) -> Iterator[SqlUnitOfWork]:
        turn = self._turns.turn(ahead=self.goes_ahead) if self._turns is not None else nullcontext()
        # The turn outlasts the connection: what is rolled back on its way to the pool is writing still.
        with turn, told_plainly(), self._engine.connect() as connection:
            connection.begin()
            yield SqlUnitOfWork(connection, self._shelf, self._announcer)

    @contextmanager
    def reading(self) -> Iterator[SqlUnitOfWork]:
        with told_plainly(), self._engine.connect() as bare:
            connection = bare.execution_options(**{WRITES: False})
            connection.begin()
            yield SqlUnitOfWork(connection, self._shelf, None)


@contextmanager
def told_plainly() -> Iterator[None]:
    """Storage errors as ours: what breaks a rule of the data is a conflict, an alarm that another has raised meanwhile is to be
    taken on what is there now, everything else may work later.
    """
    try:
        yield
    except IntegrityError as error:
        if fires_already(str(error.orig)):
            raise Stale(
                "The same alarm was raised by somebody else meanwhile: it fires already.", "该报警已触发"
            ) from error
        raise Conflict(f"The storage refused this because it contradicts what is there: {error.orig}") from error
    except DBAPIError as error:
        raise Unavailable(f"The storage did not take it ({error.orig}). Nothing was stored; try again.") from error
    except SQLAlchemyError as error:
        raise Unavailable(f"The storage could not be reached ({error}). Nothing was stored; try again.") from error
