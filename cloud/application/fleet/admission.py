"""Which nodes are heard: never one that was revoked, and none but enrolled ones where enrolment is in force."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.errors import Unavailable
from schemas.topics import NodeAddress

FRESH: Final = timedelta(seconds=1)
"""How old what is known may be: after a revocation the broker has shut the node out already, this is the second bolt."""


@dataclass(frozen=True, slots=True)
class _Known:
    """`speaking` may, `revoked` may not; in the estates `in_force` nobody else may either. `stamp`: what it was read from."""

    at: datetime
    stamp: Hashable = None
    in_force: frozenset[str] = frozenset()
    speaking: frozenset[NodeAddress] = frozenset()
    revoked: frozenset[NodeAddress] = frozenset()


class Admission:
    """Asked for every message, so it answers from memory, looked at anew when older than a second. From any thread.

    Enrolment is in force for an estate when every node of its register was enrolled - until then those that were not are
    heard as before, so that enrolling the first of fifty nodes silences no other - or at once where the cloud keeps the
    broker's access list (`managed`), for there nobody else is let in at all. The broker is the first bolt; this is the
    second, for one that was set up wrongly.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, *, managed: bool = False) -> None:
        self._units, self._clock, self._managed = units, clock, managed
        self._known: _Known | None = None
        self._lock = Lock()

    def refuses(self, address: NodeAddress) -> bool:
        """Whether that node may not speak now. While the storage cannot say, what was last known counts, and before
        anything was known everybody is heard: trouble of ours must not silence a building.
        """
        known = self._known
        if known is None or not timedelta() <= self._clock.now() - known.at < FRESH:
            known = self._look()
        if address in known.speaking:
            return False
        return address in known.revoked or address.estate in known.in_force

    def _look(self) -> _Known:
        with self._lock:
            now, last = self._clock.now(), self._known
            if last is not None and timedelta() <= now - last.at < FRESH:
                return last
            try:
                with self._units.reading() as uow:
                    known = self._read(uow, now, last)
            except Unavailable:
                known = _Known(now) if last is None else replace(last, at=now)
            self._known = known
            return known

    def _read(self, uow: UnitOfWork, now: datetime, last: _Known | None) -> _Known:
        registers = [
            register for one in uow.registers.estates() if (register := uow.registers.find(one.id)) is not None
        ]
        stamp = (uow.enrolments.revision(), tuple((register.estate.id, register.version) for register in registers))
        if last is not None and last.stamp == stamp:
            return replace(last, at=now)
        enrolled = uow.enrolments.enrolled()
        begun = {estate for estate, _ in enrolled}
        complete = {
            register.estate.id
            for register in registers
            if self._managed or all((register.estate.id, node) in enrolled for node in register.nodes)
        }
        return _Known(
            now,
            stamp,
            frozenset(begun & complete),
            frozenset(NodeAddress(*who) for who, speaks in enrolled.items() if speaks),
            frozenset(NodeAddress(*who) for who, speaks in enrolled.items() if not speaks),
        )
