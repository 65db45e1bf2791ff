"""What a node last said of itself, taken apart for the fleet page; it is the node that says it, so nothing is believed to be
there or to be a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cloud.application.intake.record_health import STORAGE_LOW

SKEWED: Final = 1.0
"""Seconds: what is off by more is no time that two records of different nodes can be put in order by."""

CARD_SOON: Final = 1.0
"""Years: of so short a life a card is replaced at the next visit."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What of one stream was not acknowledged; `oldest_s`: how long the first of it has waited, in seconds."""

    batches: int
    records: int
    oldest_s: float | None


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """Its last health report; None where it did not say. `older_stores`: outboxes beside its own of which something waits;
    `hours_left`: how long an outage it could still cover; `card_years`: how long its storage bears what it writes a day;
    `offset_s`: from its clock to its reference, positive where it is behind; `stale`: points that are not observed, with for
    how many seconds, the longest first; `alarms`: how many stand there.
    """

    boot: str | None = None
    events: Backlog | None = None
    telemetry: Backlog | None = None
    older_stores: int = 0
    hours_left: float | None = None
    outbox_bytes: float | None = None
    quota_bytes: float | None = None
    disk_free_bytes: float | None = None
    written_bytes: float | None = None
    card_years: float | None = None
    temperature_c: float | None = None
    under_voltage: bool | None = None
    synchronised: bool | None = None
    offset_s: float | None = None
    card_key: str | None = None
    card_key_age_s: float | None = None
    stale: tuple[tuple[str, float], ...] = ()
    alarms: int | None = None

    @property
    def waiting(self) -> int | None:
        """Batches not yet acknowledged."""
        known = [one.batches for one in (self.events, self.telemetry) if one is not None]
        return sum(known) if known else None

    @property
    def fills(self) -> bool:
        """Its outbox is nearly full, or the disk has not the room that the outbox may still take."""
        if self.outbox_bytes is None or not self.quota_bytes:
            return False
        short = self.disk_free_bytes is not None and self.disk_free_bytes < self.quota_bytes - self.outbox_bytes
        return short or self.outbox_bytes >= STORAGE_LOW * self.quota_bytes

    @property
    def ails(self) -> bool:
        return self.under_voltage is True or (self.card_years is not None and self.card_years < CARD_SOON)

    @property
    def drifts(self) -> bool:
        """Its clock is not believed, or off."""
        return self.synchronised is False or (self.offset_s is not None and abs(self.offset_s) > SKEWED)


def node_health(health: Mapping[str, Any]) -> NodeHealth:
    stale, clock = health.get("stale_points"), health.get("clock")
    named = stale.items() if isinstance(stale, Mapping) else ()
    points = [(str(point), seconds) for point, given in named if (seconds := _number(given)) is not None]
    numbering, active = _list(health.get("numbering")), health.get("active")
    outboxes = {one.get("outbox") for one in numbering if isinstance(one, Mapping)}
    voltage = health.get("under_voltage")
    return NodeHealth(
        boot=_text(health.get("boot")),
        events=_backlog(health.get("events")),
        telemetry=_backlog(health.get("telemetry")),
        older_stores=max(len(outboxes) - 1, 0),
        hours_left=_number(health.get("outage_hours_left")),
        outbox_bytes=_number(health.get("outbox_bytes")),
        quota_bytes=_number(health.get("outbox_quota_bytes")),
        disk_free_bytes=_number(health.get("disk_free_bytes")),
        written_bytes=_number(health.get("bytes_written_per_day")),
        card_years=_number(health.get("card_years_left")),
        temperature_c=_number(health.get("temperature_c")),
        under_voltage=voltage if isinstance(voltage, bool) else None,
        synchronised=None if clock is None else clock == "synchronised",
        offset_s=_number(health.get("clock_offset_s")),
        card_key=_text(health.get("card_key")),
        card_key_age_s=_number(health.get("card_key_age_s")),
        stale=tuple(sorted(points, key=lambda one: (-one[1], one[0]))),
        alarms=len(active) if isinstance(active, list) else None,
    )


def sized(count: float) -> str:
    """Bytes as people read them: `512 kB`, `61 MB`, `29.4 GB`."""
    for unit, of in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= of:
            amount = count / of
            return f"{amount:.1f} {unit}" if amount < 100 and unit == "GB" else f"{amount:.0f} {unit}"  # noqa: PLR2004 - tenths of more mean nothing
    return f"{count:.0f} B"


def offset(seconds: float) -> str:
    """By how much a clock is off, signed: `+0.8 s`; of less than a tenth in milliseconds: `−12 ms`."""
    sign = "−" if seconds < 0 else "+"
    off = abs(seconds)
    return f"{sign}{off * 1000:.0f} ms" if off < 0.1 else f"{sign}{off:,.1f} s"  # noqa: PLR2004 - a tenth


def _backlog(given: object) -> Backlog | None:
    if not isinstance(given, Mapping) or (batches := _number(given.get("batches"))) is None:
        return None
    return Backlog(int(batches), int(_number(given.get("records")) or 0), _number(given.get("oldest_age_s")))


def _number(found: object) -> float | None:
    return float(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else None


def _text(found: object) -> str | None:
    return found if isinstance(found, str) else None


def _list(found: object) -> list[Any]:
    return found if isinstance(found, list) else []
