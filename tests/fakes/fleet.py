"""Nodes, what they send, what they are told and how they are let in, in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from cloud.application.records import BatchKey, DeadLetter, StoredEvent
from cloud.domain.fleet.configuration import Configuration, Rollout
from cloud.domain.fleet.credential import Claim, Credential, CredentialState
from cloud.domain.fleet.node import Node
from cloud.domain.fleet.order import FOR_AN_INCIDENT, Order
from cloud.domain.fleet.progress import Progress

if TYPE_CHECKING:
    from tests.fakes.units import Memory


class FakeBatches:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def progress(self, outbox: str, stream: str) -> Progress | None:
        return deepcopy(self._memory.progress.get((outbox, stream)))

    def progress_of(self, estate: str) -> Sequence[Progress]:
        return [deepcopy(p) for p in self._memory.progress.values() if p.estate == estate]

    def save(self, progress: Progress) -> None:
        self._memory.progress[progress.outbox, progress.stream] = deepcopy(progress)

    def add(self, batch: BatchKey, at: datetime) -> bool:
        del at
        new = batch not in self._memory.batches
        self._memory.batches.add(batch)
        return new

    def keep(self, events: Sequence[StoredEvent]) -> None:
        self._memory.events += events

    def events(self, estate: str, *, limit: int = 100, equipment: str | None = None) -> Sequence[StoredEvent]:
        found = [
            event
            for event in self._memory.events
            if event.estate == estate and (equipment is None or event.body.get("equipment") == equipment)
        ]
        return sorted(found, key=lambda event: event.received_at, reverse=True)[:limit]

    def certain_before(self, outbox: str, seq: int) -> datetime | None:
        found = [e for e in self._memory.events if e.outbox == outbox and e.seq < seq and not e.uncertain]
        return max(found, key=lambda event: (event.seq, event.at)).at if found else None


class FakeNodes:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def get(self, estate: str, node_id: str) -> Node | None:
        return deepcopy(self._memory.nodes.get((estate, node_id)))

    def of(self, estate: str) -> Sequence[Node]:
        return [deepcopy(node) for (of, _), node in sorted(self._memory.nodes.items()) if of == estate]

    def of_estates(self, estates: Collection[str]) -> Sequence[Node]:
        return [node for estate in sorted(estates) for node in self.of(estate)]

    def fallen_silent(self, now: datetime, limit: int = 20) -> Sequence[Node]:
        due = [node for node in self._memory.nodes.values() if node.silent_due_at and node.silent_due_at <= now]
        return deepcopy(sorted(due, key=lambda node: node.silent_due_at)[:limit])

    def save(self, node: Node) -> None:
        self._memory.nodes[node.estate, node.id] = deepcopy(node)


class FakeDeadLetters:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def put(self, letter: DeadLetter) -> None:
        self._memory.letters[letter.id] = letter

    def get(self, letter_id: str) -> DeadLetter | None:
        return self._memory.letters.get(letter_id)

    def replayed(self, letter_id: str, at: datetime, by: str) -> bool:
        letter = self._memory.letters.get(letter_id)
        if letter is None or letter.replayed_at is not None:
            return False
        self._memory.letters[letter_id] = replace(letter, replayed_at=at, replayed_by=by)
        return True

    def latest(
        self, *, estates: Collection[str] | None = None, limit: int = 100, before: str | None = None
    ) -> Sequence[DeadLetter]:
        letters = [x for _, x in sorted(self._memory.letters.items(), reverse=True) if before is None or x.id < before]
        return [x for x in letters if estates is None or x.estate in estates][:limit]

    def empty(self, before: datetime, limit: int) -> int:
        full = [x for x in self._memory.letters.values() if x.payload and x.received_at < before]
        some = sorted(full, key=lambda letter: letter.received_at)[:limit]
        self._memory.letters |= {letter.id: replace(letter, payload=b"") for letter in some}
        return len(some)

    def count(self, estate: str) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for letter in self._memory.letters.values():
            if letter.estate == estate and letter.node_id is not None:
                counts[letter.node_id] = counts.get(letter.node_id, 0) + 1
        return counts


class FakeEnrolments:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def claim(self, claim_id: str) -> Claim | None:
        return self._memory.claims.get(claim_id)

    def open_claims(self, estate: str, node_id: str, now: datetime) -> Sequence[Claim]:
        claims = [c for c in self._memory.claims.values() if (c.estate, c.node_id) == (estate, node_id)]
        return [claim for claim in claims if claim.refusal(now) is None]

    def save_claim(self, claim: Claim) -> None:
        self._memory.claims[claim.id] = claim

    def credential(self, credential_id: str) -> Credential | None:
        return deepcopy(self._memory.credentials.get(credential_id))

    def of_node(self, estate: str, node_id: str) -> Sequence[Credential]:
        return [c for c in self.of_estates([estate]) if c.node_id == node_id]

    def of_estates(self, estates: Collection[str] | None = None) -> Sequence[Credential]:
        found = [c for c in self._memory.credentials.values() if estates is None or c.estate in estates]
        return deepcopy(sorted(found, key=lambda c: (c.estate, c.node_id, c.enrolled_at, c.id)))

    def speaking(self) -> Sequence[Credential]:
        found = [c for c in self._memory.credentials.values() if c.state is not CredentialState.REVOKED]
        return deepcopy(sorted(found, key=lambda c: c.id))

    def enrolled(self) -> Mapping[tuple[str, str], bool]:
        speaking = {(c.estate, c.node_id) for c in self.speaking()}
        return {(c.estate, c.node_id): (c.estate, c.node_id) in speaking for c in self._memory.credentials.values()}

    def revision(self) -> tuple[int, datetime | None]:
        changes = [c.changed_at for c in self._memory.credentials.values()]
        return len(changes), max(changes, default=None)

    def save(self, credential: Credential) -> None:
        self._memory.credentials[credential.id] = deepcopy(credential)

    def revoked(self, now: datetime) -> Sequence[Credential]:
        found = [one for one in self._memory.credentials.values() if one.state is CredentialState.REVOKED]
        return sorted((deepcopy(one) for one in found if one.expires_at > now), key=lambda one: one.id)

    def expiring(self, before: datetime, limit: int = 20) -> Sequence[Credential]:
        active = [c for c in self._memory.credentials.values() if c.state is CredentialState.ACTIVE]
        found = [c for c in active if c.expires_at <= before and c.warned is None]
        return deepcopy(sorted(found, key=lambda c: c.expires_at)[:limit])

    def drain(self, estate: str, node_id: str, outboxes: Collection[str]) -> None:
        del estate, node_id
        self._memory.drained |= set(outboxes)

    def undrain(self, outbox: str) -> None:
        self._memory.drained.discard(outbox)

    def is_drained(self, outbox: str) -> bool:
        return outbox in self._memory.drained

    def outboxes_of(self, estate: str, node_id: str) -> Sequence[str]:
        found = {p.outbox for p in self._memory.progress.values() if (p.estate, p.node_id) == (estate, node_id)}
        return sorted(found)


class FakeConfigurations:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def get(self, estate: str, node_id: str, version: int) -> Configuration | None:
        return deepcopy(self._memory.configurations.get((estate, node_id, version)))

    def latest(self, estate: str, node_id: str) -> Configuration | None:
        return next(iter(self.of(estate, node_id, limit=1)), None)

    def of(self, estate: str, node_id: str, limit: int = 100, before: int | None = None) -> Sequence[Configuration]:
        found = [one for key, one in self._memory.configurations.items() if key[:2] == (estate, node_id)]
        found = [one for one in found if before is None or one.version < before]
        return deepcopy(sorted(found, key=lambda one: -one.version)[:limit])

    def of_rollout(self, estate: str, rollout: str) -> Sequence[Configuration]:
        found = [one for one in self._memory.configurations.values() if (one.estate, one.rollout) == (estate, rollout)]
        return deepcopy(sorted(found, key=lambda one: one.node_id))

    def rollouts(self, estate: str, limit: int, before: tuple[datetime, str] | None = None) -> Sequence[Rollout]:
        ids = {one.rollout for one in self._memory.configurations.values() if one.estate == estate and one.rollout}
        of = {id_: self.of_rollout(estate, id_) for id_ in ids}
        found = [
            Rollout(
                id_,
                min(one.at for one in ours),
                max(one.by for one in ours),
                max(one.reason for one in ours),
                len(ours),
            )
            for id_, ours in of.items()
        ]
        ordered = sorted(sorted(found, key=lambda one: one.id), key=lambda one: one.at, reverse=True)
        if before is not None:
            at, last = before
            ordered = [one for one in ordered if one.at < at or (one.at == at and one.id > last)]
        return ordered[:limit]

    def untold(self) -> Sequence[Configuration]:
        nodes = {key[:2] for key in self._memory.configurations}
        newest = [self.latest(*node) for node in sorted(nodes)]
        return [one for one in newest if one is not None and one.told_at is None]

    def told(self, configuration: Configuration, at: datetime) -> None:
        for one in self._memory.configurations.values():
            same = (one.estate, one.node_id) == (configuration.estate, configuration.node_id)
            if same and one.version <= configuration.version and one.told_at is None:
                one.told_at = at

    def save(self, configuration: Configuration) -> None:
        key = (configuration.estate, configuration.node_id, configuration.version)
        self._memory.configurations[key] = deepcopy(configuration)


class FakeOrders:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def get(self, order_id: str) -> Order | None:
        return deepcopy(self._memory.orders.get(order_id))

    def of(
        self, estate: str, node_id: str, limit: int = 50, before: tuple[datetime, str] | None = None
    ) -> Sequence[Order]:
        found = [one for one in self._memory.orders.values() if (one.estate, one.node_id) == (estate, node_id)]
        if before is not None:
            at, last = before
            found = [one for one in found if one.at < at or (one.at == at and one.id > last)]
        return deepcopy(sorted(sorted(found, key=lambda one: one.id), key=lambda one: one.at, reverse=True)[:limit])

    def untold(self, now: datetime) -> Sequence[Order]:
        found = [one for one in self._memory.orders.values() if one.told_at is None and one.expires_at > now]
        return deepcopy(sorted(found, key=lambda one: one.at))

    def told(self, order: Order, at: datetime) -> None:
        self._memory.orders[order.id].told_at = at

    def lapsed(self, now: datetime) -> Sequence[Order]:
        over = [one for one in self._memory.orders.values() if one.outcome is None and one.expires_at <= now]
        return deepcopy(sorted((o for o in over if o.action in FOR_AN_INCIDENT), key=lambda one: one.at))

    def save(self, order: Order) -> None:
        self._memory.orders[order.id] = deepcopy(order)

    def forget(self, over_before: datetime, limit: int) -> int:
        over = sorted((one.expires_at, one.id) for one in self._memory.orders.values() if one.expires_at < over_before)
        for _, order_id in over[:limit]:
            del self._memory.orders[order_id]
        return len(over[:limit])
