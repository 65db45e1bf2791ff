"""A cloud's stores and use cases in this process, on real files, with nothing between them and the test."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

from cloud.adapters.sql.engine import open_engine
from cloud.adapters.sql.units import SqlUnitsOfWork
from cloud.adapters.timeseries.embedded.reading import EmbeddedReader
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.identifiers import RandomIds
from cloud.application.intake.boot_times import BootTimes
from cloud.application.intake.dead_letters import PutDeadLetter
from cloud.application.intake.identity_conflict import ReportConflict
from cloud.application.intake.record_event import EventArrival, RecordEvents
from cloud.application.intake.record_telemetry import BatchArrived, RecordTelemetry
from cloud.application.timeseries import to_micros
from cloud.entrypoints.ingest.acknowledgements import Acknowledgements
from schemas.batch import Stream, digest
from schemas.delivery import Ack
from schemas.events import EventBatch
from schemas.telemetry import TelemetryBatch
from schemas.topics import NodeAddress
from tests.fakes.clocks import FakeClock
from tests.fakes.estate import ESTATE, description
from tests.fakes.state import fresh_state

ADDRESS = NodeAddress(ESTATE, "b1-node")
_FAR = 2**62


class OneCloud:
    """Stores and use cases on files of its own; `crash` closes all that lived in memory only."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self._folder, self._clock = folder, clock
        folder.mkdir()
        self.arrived: dict[tuple[Stream, int], int] = {}
        engine = fresh_state(folder / "state.db")
        LoadEstate(SqlUnitsOfWork(engine), clock)(description())
        engine.dispose()
        self._open()

    def _open(self) -> None:
        self._engine = open_engine(f"sqlite:///{self._folder / 'state.db'}")
        self.units, ids = SqlUnitsOfWork(self._engine), RandomIds()
        self._journal = Journal(self._folder / "readings.db")
        letters = PutDeadLetter(self.units, self._clock, ids)
        conflicts = ReportConflict(self.units, ids)
        self._telemetry = RecordTelemetry(self._journal, letters, conflicts, BootTimes(self.units))
        self._events = RecordEvents(self.units, self._clock, ids)

    def close(self) -> None:
        self._journal.close()
        self._engine.dispose()

    def crash(self) -> None:
        self.close()
        self._open()

    def hears(self, payload: bytes, stream: Stream) -> Ack:
        now = self._clock.now()
        said: list[Ack] = []
        acks = Acknowledgements(stream, lambda _, ack: bool(said.append(Ack.model_validate_json(ack))) or True)
        batch: EventBatch | TelemetryBatch
        if stream is Stream.EVENTS:
            batch = EventBatch.model_validate_json(payload)
            self._events(EventArrival(ADDRESS, batch, digest(payload), now))
        else:
            batch = TelemetryBatch.model_validate_json(payload)
            self._telemetry([BatchArrived(ADDRESS, batch, digest(payload), "t", payload, now)], now)
        self.arrived.setdefault((stream, batch.seq), to_micros(now))
        acks.note(ADDRESS, batch.outbox, batch.seq, digest(payload), 0.0)
        acks.say(0.0, everything=True)
        return said[0]

    def readings(self) -> dict[float, list[tuple[str, int, int]]]:
        """Value (each was measured once) → where and when it is kept."""
        found: dict[float, list[tuple[str, int, int]]] = {}
        with closing(EmbeddedReader(self._folder / "readings.db")) as reader:
            for point in reader.points(ESTATE):
                for sample in reader.read(ESTATE, point, -_FAR, _FAR, 10**6):
                    found.setdefault(sample.value, []).append((point, sample.time, sample.quality))
        return found

    def latest(self) -> dict[str, int]:
        with closing(EmbeddedReader(self._folder / "readings.db")) as reader:
            return {point: sample.time for point, sample in reader.latest(ESTATE, reader.points(ESTATE)).items()}

    def ask(self, query: str) -> Counter[tuple]:
        with closing(sqlite3.connect(self._folder / "state.db")) as connection:
            return Counter(connection.execute(query).fetchall())

    def boots(self) -> dict[str, tuple[int, int | None, int]]:
        return {boot: tuple(rest) for boot, *rest in self.ask('SELECT boot, "offset", earliest, latest FROM boots')}

    def state(self) -> dict[str, Counter[tuple]]:
        """What of events and governance does not depend on when something arrived."""
        return {
            "events": self.ask('SELECT outbox, seq, "index", kind, body FROM events'),
            "occurrences": self.ask("SELECT id, raised_at IS NOT NULL, ended FROM occurrences"),
            "firing": self.ask("SELECT fingerprint FROM alerts WHERE state = 'firing'"),
            "stored": self.ask("SELECT outbox, stream, stored, conflicts FROM progress"),
        }
