"""Every node that reads cards comes to the estate's key, and the key never grows old: looked at again and again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from cloud.application.fleet.command_node import order_for
from cloud.application.fleet.rotate_card_key import (
    OpenVault,
    active_credentials,
    hindering,
    listed_under,
    make_card_key,
)
from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.node_hazards import gone, lasting, noticed
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.duties.register import Register
from cloud.domain.fleet.card_key import (
    ACCEPT,
    CardKey,
    Holder,
    Reason,
    Rotation,
    Situation,
    Step,
    is_heard,
    is_neglected,
    may_follow,
    next_step,
    reported_age,
    reported_key,
)
from cloud.domain.fleet.credential import Credential
from cloud.domain.fleet.node import Node
from cloud.domain.records.ledger import Draft, Kind
from schemas.topics import NodeAddress

OLD: Final = "node.card-key-old"
CARD_KEY: Final = "card-key"
"""Under which the estate's key stands on the board: `node/card-key`, one alert for the estate, however many nodes."""

ORDER_LASTS: Final = timedelta(minutes=10)
MOST_AT_ONCE: Final = 20
"""Keys sealed in one unit of work: nobody else writes meanwhile."""


@dataclass
class Seen:
    """What a look found. `needs`: the nodes that are to be sent the key, each with what it is sealed for."""

    key: CardKey | None
    changed: list[Holder] = field(default_factory=list)
    arrived: list[Holder] = field(default_factory=list)
    needs: list[tuple[Holder, Situation, Credential]] = field(default_factory=list)
    steps: dict[str, Step] = field(default_factory=dict)
    make: Reason | None = None
    overdue: bool = False
    standing: list[str] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        told = bool(self.standing) == self.overdue
        return bool(self.changed or self.needs or self.make) or not told


class KeepCardKeys:
    """Makes the estate's first key and, when it is due, the next; sends it to whoever names another; reminds.

    What is to be done is seen from what nodes say now, never from what was done before: a lost, expired or refused order,
    a node that was away or is new, a restored card and a crash between any two steps are all one case.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids, vault: OpenVault, rotation: Rotation) -> None:
        self._units, self._clock, self._ids, self._vault, self._rotation = units, clock, ids, vault, rotation

    def __call__(self) -> int:
        """How many keys were made or sent. Raises Unavailable, Invalid where the vault cannot be opened."""
        with self._units.reading() as uow:
            estates = [estate.id for estate in uow.registers.estates()]
        return sum(self._estate(estate) for estate in estates)

    def _estate(self, estate: str) -> int:
        with self._units.reading() as uow:
            if not look(uow, estate, self._rotation, self._clock.now()).anything:
                return 0
        with self._units.writing() as uow:
            register, now = uow.registers.find(estate), self._clock.now()
            if register is None:
                return 0
            seen = look(uow, estate, self._rotation, now)
            done = self._act(uow, estate, seen, now)
            self._tell(uow, register, seen, now)
            uow.commit()
            return done

    def _act(self, uow: UnitOfWork, estate: str, seen: Seen, now: datetime) -> int:
        for holder in seen.changed:
            uow.card_keys.save(holder)
        for holder in seen.arrived:
            data = {"node": holder.node_id, "key": holder.reported}
            draft = Draft(Kind.CARD_KEY_IN_USE, now, f"node:{holder.node_id}", None, holder.node_id, holder.order, data)
            uow.ledger.append(estate, [draft])
        if seen.make is not None:
            make_card_key(uow, self._vault(), estate, now=now, by="clock", reason=seen.make)
            return 1
        if seen.key is None or not seen.needs:
            return 0
        if not self._vault().opens(seen.key):
            # The vault's file was lost or put back from an older day: nobody can be given that key any more.
            make_card_key(uow, self._vault(), estate, now=now, by="clock", reason=Reason.UNREADABLE)
            return 1
        for holder, found, credential in seen.needs[:MOST_AT_ONCE]:
            self._send(uow, seen.key, holder, found, credential)
        return len(seen.needs[:MOST_AT_ONCE])

    def _send(self, uow: UnitOfWork, key: CardKey, holder: Holder, found: Situation, credential: Credential) -> None:
        order = order_for(found.node, ACCEPT, {}, by="system", clock=self._clock)
        address = NodeAddress(holder.estate, holder.node_id)
        sealed = self._vault().seal(key, address, order.id, credential.certificate)
        order.arguments, order.expires_at = sealed.model_dump(), order.at + ORDER_LASTS
        uow.orders.save(order)
        last = found.order
        goes_on = last is not None and (last.boot, last.arguments.get("sealed_for"), last.arguments.get("key_id")) == (
            order.boot,
            sealed.sealed_for,
            key.id,
        )
        uow.card_keys.save(replace(holder, order=order.id, tries=holder.tries + 1 if goes_on else 1))
        data = {"node": holder.node_id, "action": ACCEPT, "command": order.id}
        draft = Draft(Kind.COMMAND_ASKED, order.at, "clock", None, holder.node_id, f"card-key:{key.version}", data)
        uow.ledger.append(holder.estate, [draft])

    def _tell(self, uow: UnitOfWork, register: Register, seen: Seen, now: datetime) -> None:
        """One alert for the estate, however many nodes are behind and for whatever reason; it ends by itself."""
        if bool(seen.standing) == seen.overdue:
            return
        estate = register.estate.id
        consequences = Consequences(uow, register, self._ids, now, "clock")
        for occurrence in seen.standing or [f"{CARD_KEY}:{estate}:{now.isoformat()}"]:
            sighting = noticed(estate, CARD_KEY, OLD, occurrence=occurrence, at=now, cause=CARD_KEY)
            if seen.overdue:
                consequences.raised(sighting)
            else:
                consequences.cleared(gone(sighting, now, CARD_KEY))
        consequences.settle()


def look(uow: UnitOfWork, estate: str, rotation: Rotation, now: datetime) -> Seen:
    """How the estate stands with its key. Changes nothing."""
    return _Look(uow, estate, rotation, now)()


class _Look:
    def __init__(self, uow: UnitOfWork, estate: str, rotation: Rotation, now: datetime) -> None:
        self._uow, self._estate, self._rotation, self._now = uow, estate, rotation, now
        self._seen = Seen(uow.card_keys.current(estate))
        self._nodes = [node for node in uow.nodes.of(estate) if reported_key(node)]
        self._known = {holder.node_id: holder for holder in uow.card_keys.holders(estate)}
        self._credentials = active_credentials(uow, estate) if self._nodes else {}

    def __call__(self) -> Seen:
        seen = self._seen
        for node in self._nodes:
            before = self._known.get(node.id)
            holder = self._known[node.id] = self._at(node, before)
            if before != holder:
                seen.changed.append(holder)
            if seen.key and before and before.reported != holder.reported == seen.key.id:
                seen.arrived.append(holder)
        if self._rotation.automatic:
            seen.make = self._due()
        seen.overdue = self._is_overdue()
        seen.standing = lasting(self._uow, self._estate, OLD, CARD_KEY)
        return seen

    def _at(self, node: Node, before: Holder | None) -> Holder:
        """The holder as it is now. What is to be done about it stands in `seen` then."""
        named = reported_key(node) or ""
        holder = before.named(named) if before else Holder(node.estate, node.id, named, named)
        key, credential = self._seen.key, self._credentials.get(node.id)
        if key is None:
            return holder
        lacks = holder.reported != key.id
        order = self._uow.orders.get(holder.order) if holder.order and lacks else None
        listed = listed_under(self._uow, node) if credential and lacks else None
        found = Situation(node, credential.key_digest if credential else None, listed, order)
        step = self._seen.steps[node.id] = next_step(key, holder, found, self._now)
        holder = holder.stands(step, node, self._now)
        if step is Step.ISSUE and credential is not None:
            self._seen.needs.append((holder, found, credential))
        return holder

    def _due(self) -> Reason | None:
        """Whether a key is to be made now, and why. None as long as a card would be shut out by it."""
        enrolled = [self._known[node.id] for node in self._nodes if node.id in self._credentials]
        key, reason = self._seen.key, None
        if not enrolled:
            return None
        if key is None:
            return Reason.FIRST
        if any(may_follow(key, step, self._now) for step in self._seen.steps.values()):
            reason = Reason.USED_BEFORE
        elif key.is_due(self._rotation.period, self._now):
            reason = Reason.DUE
        return None if reason is None or hindering(self._uow, self._estate, enrolled, self._now) else reason

    def _is_overdue(self) -> bool:
        """Whether somebody has to see to the key: what is due was not made, or a node does not come to it."""
        key, period, now = self._seen.key, self._rotation.period, self._now
        heard = [node for node in self._nodes if is_heard(node, now)]
        if not heard or self._seen.make is not None:
            return False
        if key is None:
            ages = [reported_age(node) for node in heard]
            return any(age >= period for age in ages if age is not None)
        return key.is_due(period, now) or is_neglected((self._known[node.id] for node in heard), now)
