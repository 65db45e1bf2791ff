"""Exports of outboxes that somebody laid down for the running cloud, which alone may write readings: taken piece by piece."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final, TypeVar

import structlog

from cloud.application.intake.record_telemetry import BatchArrived, BatchUnreadable, Recorded
from cloud.entrypoints.ingest.importing import Imported, ImportOutbox
from cloud.entrypoints.ingest.storing import LATER
from cloud.entrypoints.ingest.telemetry_lane import TelemetryLane
from cloud.errors import CloudError, Unavailable
from schemas.events import SequenceVoided
from schemas.topics import NodeAddress

T = TypeVar("T")

LOOK_S: Final = 1.0
PATIENCE_S: Final = 30.0
"""For the lane to store a piece; longer and ingest is in trouble, which it says itself."""

WAITING: Final = ".jsonl"
TOLD: Final = ".json"


class ThroughLane:
    """Telemetry made durable by the thread that owns the store. Implements `importing.Telemetry`."""

    def __init__(self, lane: TelemetryLane) -> None:
        self._lane = lane

    def __call__(self, group: Sequence[BatchArrived | BatchUnreadable], now: datetime) -> list[Recorded]:
        del now
        # A list of its own: who gave it empties theirs afterwards.
        return _result(self._lane.record(list(group)))

    def void(self, address: NodeAddress, outbox: str, voided: SequenceVoided, now: datetime) -> None:
        del now
        _result(self._lane.void(address, outbox, voided))


def _result(done: Future[T]) -> T:
    try:
        return done.result(PATIENCE_S)
    except TimeoutError as late:
        raise Unavailable(
            f"Ingest did not store a piece of an import within {PATIENCE_S:.0f} s; it is tried again."
        ) from late


class SpooledImports:
    """Takes `NAME.jsonl` from the folder, tells in `NAME.json` how far it is, and removes the file when all of it is durable.

    What interrupts it - a stop, storage in trouble - costs nothing: the file is read again, and what is known stays as it is.
    """

    def __init__(self, folder: Path, take: ImportOutbox) -> None:
        self._folder, self._take = folder, take
        self._path: Path | None = None
        self._file: IO[str] | None = None
        self._steps: Iterator[Imported] | None = None
        self._log = structlog.get_logger("cloud.imports")

    def step(self) -> float:
        """Stores one piece; the seconds until the next look. Raises what storage raises."""
        if self._steps is None and not self._begin():
            return LOOK_S
        assert self._path is not None
        assert self._file is not None
        assert self._steps is not None
        try:
            done = next(self._steps, None)
        except LATER:
            self._forget()
            raise
        except Exception as refused:  # noqa: BLE001 - it would fail for ever; who laid it down has the file, and is told
            why = str(refused) if isinstance(refused, CloudError) else f"{type(refused).__name__}: {refused}"
            self._end({"state": "refused", "why": why})
        else:
            if done is None:
                self._end({**_told(self._path), "state": "done"})
            else:
                self._tell({"state": "taking", **asdict(done)})
        return 0.0

    def _begin(self) -> bool:
        found = sorted(self._folder.glob(f"*{WAITING}")) if self._folder.is_dir() else []
        if not found:
            return False
        self._path = found[0]
        self._file = self._path.open(encoding="utf-8")
        self._steps = self._take.steps(self._file)
        self._log.info("an export is being imported", file=self._path.name)
        return True

    def _end(self, told: dict[str, Any]) -> None:
        assert self._path is not None
        self._tell(told)
        self._path.unlink()
        self._log.info("an import is over", file=self._path.name, **told)
        self._forget()

    def _forget(self) -> None:
        if self._file is not None:
            self._file.close()
        self._path = self._file = self._steps = None

    def _tell(self, told: dict[str, Any]) -> None:
        assert self._path is not None
        write_whole(self._path.with_suffix(TOLD), json.dumps(told))


def _told(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        told: dict[str, Any] = json.loads(path.with_suffix(TOLD).read_text(encoding="utf-8"))
        return told
    return {}


def write_whole(path: Path, text: str) -> None:
    """A reader sees what was there before or all of this."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
