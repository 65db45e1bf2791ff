"""The estate gets a new key for card numbers; which nodes need it is seen afterwards, and seen to (`keep_card_keys`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from cloud.application.card_key_ports import CardKeyVault
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.fleet.card_key import CardKey, Holder, Reason, closes_out, on_its_way, reported_key
from cloud.domain.fleet.credential import Credential, CredentialState
from cloud.domain.fleet.node import Node
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Conflict, NotFound

JUST_NOW: Final = timedelta(minutes=10)
OpenVault = Callable[[], CardKeyVault]


class RotateCardKey:
    """A member, or the command line, asks for a new key. Raises NotFound, Conflict, Invalid, Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock, vault: OpenVault) -> None:
        self._units, self._clock, self._vault = units, clock, vault

    def __call__(self, estate: str, by: str, *, force: bool = False) -> CardKey:
        """`force`: even where cards that gates list would not be known any more - after a leak."""
        vault = self._vault()
        with self._units.writing() as uow:
            if uow.registers.find(estate) is None:
                raise NotFound(f"There is no estate {estate!r} here.", "没有这个小区")
            now = self._clock.now()
            reading = [node.id for node in uow.nodes.of(estate) if reported_key(node)]
            if not reading:
                raise Conflict(
                    f"No node of estate {estate} has said yet that it reads cards, so there is no key to rotate.",
                    "该小区尚无读卡节点，无密钥可换",
                )
            made_now = uow.card_keys.current(estate)
            if made_now is not None and _made_just_now(made_now, by, reading_keys(uow, estate), now):
                return made_now
            shut = hindering(uow, estate, uow.card_keys.holders(estate), now)
            if shut and not force:
                raise Conflict(
                    f"Gates at {', '.join(shut)} list cards by an older key, or what they list is not known: these cards "
                    "would open nothing any more. List them anew (tocsin-edge credential), or rotate by force.",
                    f"节点 {'、'.join(shut)} 的门禁名单仍用旧密钥登记，轮换后这些卡将失效；请重新登记，或强制轮换",
                )
            reason = Reason.FORCED if force else Reason.BY_HAND
            key = make_card_key(uow, vault, estate, now=now, by=by, reason=reason)
            uow.commit()
            return key


def reading_keys(uow: UnitOfWork, estate: str) -> set[str]:
    """The keys that nodes name."""
    return {name for node in uow.nodes.of(estate) if (name := reported_key(node))}


def _made_just_now(key: CardKey, by: str, named: set[str], now: datetime) -> bool:
    """Whether it is what the same person has asked for, and no node has it yet: whoever heard no answer asks again."""
    return (key.by, key.id in named) == (by, False) and now - key.made_at < JUST_NOW


def make_card_key(
    uow: UnitOfWork, vault: CardKeyVault, estate: str, *, now: datetime, by: str, reason: Reason
) -> CardKey:
    """The next version, in force from the commit on; what was kept of the one before goes with that."""
    before = uow.card_keys.current(estate)
    version = before.version + 1 if before else 1
    made = vault.make(estate, version)
    key = CardKey(estate, version, made.id, now, made.kept, by, reason)
    uow.card_keys.add(key)
    data = {"key": key.id, "version": version, "reason": reason.value}
    cause = f"card-key:{version}"
    uow.ledger.append(estate, [Draft(Kind.CARD_KEY_MADE, now, by, None, "card-key", cause, data)])
    return key


def active_credentials(uow: UnitOfWork, estate: str) -> dict[str, Credential]:
    """By node, what the board speaks with that is in its place now."""
    found = uow.enrolments.of_estates([estate])
    return {one.node_id: one for one in found if one.state is CredentialState.ACTIVE}


def hindering(uow: UnitOfWork, estate: str, holders: Iterable[Holder], now: datetime) -> list[str]:
    """Nodes at which cards that gates list would not be known any more with the next key, or where nobody knows.

    Only those that could be given it: no key of ours changes anything at the others.
    """
    credentials, found = active_credentials(uow, estate), []
    for holder in holders:
        node = uow.nodes.get(estate, holder.node_id)
        if node is None or reported_key(node) is None or holder.node_id not in credentials:
            continue
        listed = listed_under(uow, node)
        used = on_its_way(holder, uow.orders.get(holder.order) if holder.order else None, now) or holder.reported
        if listed is None or closes_out(listed, replace(holder, reported=used), used):
            found.append(holder.node_id)
    return found


def listed_under(uow: UnitOfWork, node: Node) -> frozenset[str | None] | None:
    """Names of the keys under which the node's gates list cards: by the newest configuration, and by the one it runs.
    None where neither is known; a hash without a name is None.
    """
    latest = uow.configurations.latest(node.estate, node.id)
    if latest is None:
        return None
    bodies = [latest.body]
    if not latest.is_in_force_at(node):
        running = uow.configurations.get(node.estate, node.id, node.config_version)
        bodies += [running.body] if running else []
    equipment = [item for body in bodies for item in json.loads(body).get("equipment", ())]
    listed = [one for item in equipment for one in item.get("credentials", ())]
    return frozenset(one.partition(":")[0] if ":" in one else None for one in listed)
