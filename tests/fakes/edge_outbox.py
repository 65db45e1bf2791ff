"""An outbox that forgets everything when the process ends, and can be told that its disk is full."""

from __future__ import annotations

import uuid
from dataclasses import replace

from edge.adapters.outbox_sealing import event_drafts, telemetry_drafts, void_of
from edge.application.ports import Depth, Entries, RuleMemory, Sealed
from edge.errors import OutboxError
from schemas.batch import Stream
from schemas.delivery import Ack
from schemas.events import SequenceVoided
from schemas.presence import Numbered


class MemoryOutbox:
    """Keeps the promises of the port with lists and dictionaries."""

    def __init__(self, quota_bytes: int = 1_000_000, boot: str = "") -> None:
        self.identity = str(uuid.uuid4())
        self._spare = str(uuid.uuid4())
        self._next_held = 1
        self.salvaged: str | None = None
        self.volatile_instead_of: str | None = None
        self.alive_at: tuple[str, float] | None = None
        self.quota_bytes = quota_bytes
        self.made_bytes = 0
        self.disk_is_full = False
        self.room_for_a_file = True
        self._boot = boot
        self._next = dict.fromkeys(Stream, 1)
        self._batches: dict[int, Sealed] = {}
        self._life_safety: set[int] = set()
        self._went_out: set[int] = set()
        self._place = 0
        self._connections = 0
        self._rules: dict[str, RuleMemory] = {}
        self._memory: dict[str, dict[str, float]] = {}
        self._commands: dict[str, str] = {}

    @property
    def used_bytes(self) -> int:
        return sum(len(batch.payload) + 160 for batch in self._batches.values())

    async def recover(self) -> None:
        if self.volatile_instead_of is None:
            return
        if not self.room_for_a_file:
            raise OutboxError("no room yet")
        # The file begins with an identity of its own, and everything takes new places in it.
        self.identity, self.volatile_instead_of = str(uuid.uuid4()), None
        self._next = dict.fromkeys(Stream, 1)
        moved = [replace(batch, place=place + 1) for place, (_, batch) in enumerate(sorted(self._batches.items()))]
        critical = [place in self._life_safety for place in sorted(self._batches)]
        self._batches = {batch.place: batch for batch in moved}
        self._life_safety = {batch.place for batch, urgent in zip(moved, critical, strict=True) if urgent}
        self._went_out, self._place = set(), len(moved)

    async def depth(self, stream: Stream) -> Depth:
        found = [batch for batch in self._batches.values() if batch.stream is stream]
        oldest = min(found, key=lambda batch: batch.place, default=None)
        mono = oldest.sealed_mono if oldest is not None and oldest.boot == self._boot else None
        return Depth(len(found), sum(batch.records for batch in found), mono)

    async def numbering(self) -> list[Numbered]:
        boxes = dict.fromkeys((self.identity, *(batch.outbox for batch in self._batches.values())))
        found = []
        for outbox in boxes:
            for stream in Stream:
                seqs = [b.seq for b in self._batches.values() if (b.outbox, b.stream) == (outbox, stream)]
                given = self._next[stream] - 1 if outbox == self.identity else None
                if given is not None or seqs:
                    found.append(Numbered(outbox=outbox, stream=stream, given=given, oldest=min(seqs, default=None)))
        return found

    async def commit(self, entries: Entries) -> list[Sealed]:
        if self.disk_is_full:
            raise OutboxError("the outbox cannot be used: database or disk is full")
        placed: list[Sealed] = []
        for pack in entries.packs:
            for draft in telemetry_drafts(pack, entries, self.identity, self._next[Stream.TELEMETRY]):
                voided = self._make_room(draft.size, int(self.quota_bytes * 0.9), entries.mono, lesser_events=False)
                if self.used_bytes + draft.size <= int(self.quota_bytes * 0.9):
                    placed.append(self._place_in(draft))
                else:
                    self._next[draft.stream] = draft.seq + 1
                    voided.append(void_of(draft, entries.mono, "no room left beside what may not be dropped"))
                placed += self._append_events(voided, entries)
        placed += self._append_events(entries.events, entries)
        for rule in entries.rules:
            self._rules[rule.rule] = rule
        for name in entries.forgotten_rules:
            self._rules.pop(name, None)
        for equipment, known in entries.memory.items():
            self._memory.setdefault(equipment, {}).update(known)
        self.alive_at = (entries.boot, entries.mono)
        return placed

    async def hold(self, entries: Entries) -> list[Sealed]:
        drafts = list(event_drafts(entries.events, entries, self._spare, self._next_held))
        self._next_held += len(drafts)
        following = self._next[Stream.EVENTS]
        held = [self._place_in(draft, self._spare) for draft in drafts]
        self._next[Stream.EVENTS] = following
        return held

    async def waiting(self, stream: Stream, after: int, limit: int) -> list[Sealed]:
        found = [batch for place, batch in sorted(self._batches.items()) if place > after and batch.stream is stream]
        return found[:limit]

    def sent(self, batch: Sealed) -> None:
        self._went_out.add(batch.place)

    def acknowledge(self, ack: Ack) -> None:
        for stream in ack.streams:
            for place, batch in list(self._batches.items()):
                mine = batch.outbox == ack.outbox and batch.stream == stream.stream
                if mine and any(stored.has(batch.seq, batch.mark) for stored in stream.ranges()):
                    del self._batches[place]

    async def tidy(self) -> None:
        pass

    async def next_connection(self) -> int:
        self._connections += 1
        return self._connections

    async def answered(self, command: str) -> str | None:
        return self._commands.get(command)

    async def answer(self, command: str, receipt: str) -> None:
        if self.disk_is_full:
            raise OutboxError("the outbox cannot be used: database or disk is full")
        self._commands[command] = receipt

    async def rules(self) -> list[RuleMemory]:
        return list(self._rules.values())

    async def memory(self) -> dict[str, dict[str, float]]:
        return {equipment: dict(known) for equipment, known in self._memory.items()}

    async def close(self) -> None:
        pass

    def _append_events(self, events, entries) -> list[Sealed]:
        placed: list[Sealed] = []
        voided: list[SequenceVoided] = []
        for draft in event_drafts(events, entries, self.identity, self._next[Stream.EVENTS]):
            voided += self._make_room(draft.size, self.quota_bytes, entries.mono, lesser_events=True)
            placed.append(self._place_in(draft))
        return placed + self._append_events(voided, entries) if voided else placed

    def _place_in(self, draft, outbox: str = "") -> Sealed:
        self._place += 1
        sealed = Sealed(
            self._place,
            outbox or self.identity,
            draft.stream,
            draft.seq,
            draft.boot,
            draft.sealed_mono,
            draft.records,
            draft.payload,
        )
        self._batches[self._place] = sealed
        if draft.life_safety:
            self._life_safety.add(self._place)
        self._next[draft.stream] = draft.seq + 1
        self.made_bytes += draft.size
        return sealed

    def _make_room(self, size: int, limit: int, mono: float, *, lesser_events: bool) -> list[SequenceVoided]:
        if self.used_bytes + size <= limit:
            return []
        target = limit - size - int(self.quota_bytes * 0.01)
        dropped = []
        for place in self._in_order_of_dropping(lesser_events=lesser_events):
            if self.used_bytes <= target:
                break
            dropped.append(self._batches.pop(place))
        return _voids(dropped, mono)

    def _in_order_of_dropping(self, *, lesser_events: bool) -> list[int]:
        telemetry = [place for place, batch in sorted(self._batches.items()) if batch.stream is Stream.TELEMETRY]
        unsent = [place for place in telemetry if place not in self._went_out]
        sent = [place for place in telemetry if place in self._went_out]
        events = [
            place
            for place, batch in sorted(self._batches.items())
            if batch.stream is Stream.EVENTS and place not in self._life_safety
        ]
        return unsent + sent + (events if lesser_events else [])


def _voids(dropped: list[Sealed], mono: float) -> list[SequenceVoided]:
    voids: list[SequenceVoided] = []
    for batch in sorted(dropped, key=lambda batch: (batch.stream, batch.seq)):
        if voids and voids[-1].stream is batch.stream and voids[-1].last == batch.seq - 1:
            longer = {"last": batch.seq, "records": voids[-1].records + batch.records}
            voids[-1] = voids[-1].model_copy(update=longer)
        else:
            voids.append(
                SequenceVoided(
                    mono=mono,
                    stream=batch.stream,
                    first=batch.seq,
                    last=batch.seq,
                    records=batch.records,
                    reason="dropped",
                )
            )
    return voids
