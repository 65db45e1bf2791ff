"""How the node is: sent at least twice a minute, so that three minutes without one mean something."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from edge.application.alarms import Alarms
from edge.application.card_keyring import CardKeyring
from edge.application.ports import Clock, Connection, Depth, Machine, Outbox
from edge.application.timestamps import Timestamps
from schemas.batch import Stream
from schemas.presence import Health, StreamDepth
from schemas.topics import Channel

EVERY_S = 30.0
_DAY_S = 86400.0
_ENOUGH_TO_JUDGE_S = 60.0
_MOST_STALE = 200
_MOST_OUTBOXES = 64


class ReportHealth:
    """Gathers and sends. `stale` gives full point name → seconds of silence."""

    def __init__(
        self,
        outbox: Outbox,
        clock: Clock,
        timestamps: Timestamps,
        *,
        machine: Machine,
        alarms: Alarms,
        stale: Callable[[float], Mapping[str, float]],
        card_endurance_bytes: float = 10e12,
        keyring: CardKeyring | None = None,
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._timestamps = timestamps
        self._machine = machine
        self._alarms = alarms
        self._stale = stale
        self._card_endurance_bytes = card_endurance_bytes
        self._keyring = keyring
        self._started = clock.mono()

    async def run(self, connection: Connection) -> None:
        """Send at once, and then for as long as the connection holds."""
        while True:
            health = await self.health()
            await connection.publish(Channel.HEALTH, health.model_dump_json(exclude_none=True).encode())
            await self._clock.sleep(EVERY_S)

    async def health(self) -> Health:
        mono = self._clock.mono()
        vitals = self._machine.vitals()
        per_day = self._per_day(vitals.bytes_written, mono)
        # Before the depths: what is dropped in between has its `void` among the events that wait.
        numbering = await self._outbox.numbering()
        stale = sorted(self._stale(mono).items(), key=lambda item: -item[1])[:_MOST_STALE]
        return Health(
            boot=self._clock.boot,
            t=self._timestamps.time_of(mono),
            mono=mono,
            events=_depth(await self._outbox.depth(Stream.EVENTS), mono),
            telemetry=_depth(await self._outbox.depth(Stream.TELEMETRY), mono),
            numbering=numbering[:_MOST_OUTBOXES],
            outage_hours_left=self._hours_left(mono),
            outbox_bytes=self._outbox.used_bytes,
            outbox_quota_bytes=self._outbox.quota_bytes,
            disk_free_bytes=vitals.disk_free_bytes,
            bytes_written_per_day=per_day,
            card_years_left=round(self._card_endurance_bytes / per_day / 365, 1) if per_day else None,
            temperature_c=vitals.temperature_c,
            under_voltage=vitals.under_voltage,
            clock=self._timestamps.state,
            clock_offset_s=await self._clock.offset(),
            card_key=self._keyring.keys.name if self._keyring else None,
            card_key_age_s=self._keyring.age_s if self._keyring else None,
            stale_points=dict(stale),
            active=self._alarms.active,
        )

    def _per_day(self, written: int | None, mono: float) -> float | None:
        ran_s = mono - self._started
        return None if written is None or ran_s < _ENOUGH_TO_JUDGE_S else round(written / ran_s * _DAY_S)

    def _hours_left(self, mono: float) -> float | None:
        """Hours until the outbox is full if nothing is acknowledged, at the rate at which batches were made so far."""
        made = self._outbox.made_bytes
        ran_s = mono - self._started
        if ran_s < _ENOUGH_TO_JUDGE_S or made == 0:
            return None
        left = max(self._outbox.quota_bytes - self._outbox.used_bytes, 0)
        return round(left / (made / ran_s) / 3600, 1)


def _depth(depth: Depth, mono: float) -> StreamDepth:
    age = None if depth.oldest_mono is None else max(mono - depth.oldest_mono, 0.0)
    return StreamDepth(batches=depth.batches, records=depth.records, oldest_age_s=age)
