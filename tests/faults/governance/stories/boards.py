"""Boards are enrolled, renewed, replaced and shut out; the estate's card key is made, sent, taken and made anew."""

from __future__ import annotations

import json
from datetime import timedelta

from cloud.application.accounts.guesses import ClaimGuesses
from cloud.application.fleet.card_keying import CardKeying
from cloud.application.fleet.enrol_node import EnrolNode, RenewCredential
from cloud.application.fleet.follow_node import FollowNode
from cloud.application.fleet.issue_claims import IssueClaim, RevokeNode
from cloud.application.fleet.tell_nodes import TellNodes
from cloud.application.fleet.watch_credentials import WatchBrokerCertificate, WatchCredentials
from cloud.application.forget_settled import ForgetSettled
from cloud.domain.fleet.card_key import Rotation
from cloud.domain.fleet.configuration import Configuration, Origin
from schemas.commands import Receipt
from schemas.topics import NodeAddress
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.faults.governance.stories.paper import PaperAuthority, PaperVault
from tests.faults.governance.walking import Story, step
from tests.faults.governance.world import World

_NODE = NodeAddress(ESTATE, "b1-node")
_PAPER = PaperAuthority()


def _issues(code: str, *, replaces: bool = False):
    def act(w: World) -> None:
        number = w.kept["codes"] = w.kept.get("codes", 0) + 1
        issue = IssueClaim(w.units, w.clock, lambda: _PAPER, randomness=lambda size: bytes([number]) * size)
        w.kept[code] = issue(ESTATE, "b1-node", actor="operator:x", replaces=replaces).code

    return act


def _enrols(code: str, key: str, outbox: str | None = None):
    def act(w: World) -> None:
        name = f"node-{key}"
        guesses = ClaimGuesses(w.units, w.clock)
        enrol = EnrolNode(w.units, w.clock, w.ids, lambda: _PAPER, guesses=guesses, new_id=lambda: name)
        w.kept["board"] = enrol(w.kept[code], key, outbox=outbox, source="x").credential

    return act


def _renews(w: World) -> None:
    renew = RenewCredential(w.units, w.clock, w.ids, lambda: _PAPER, guesses=ClaimGuesses(w.units, w.clock))
    renew(b"node-key key", "newer", b"key", source="x")


def _revokes(w: World) -> None:
    RevokeNode(w.units, w.clock, w.ids)(ESTATE, "b1-node", actor="operator:x")


def _watches_broker(days: int):
    return lambda w: WatchBrokerCertificate(w.units, w.clock, w.ids, lambda: START + timedelta(days=days))()


def _keying(w: World) -> CardKeying:
    return CardKeying(w.units, w.clock, w.ids, PaperVault, Rotation())


def _keeps(w: World) -> None:
    while _keying(w).keep():
        pass


def _is_configured(w: World) -> None:
    """What the node's gates list is known: nothing."""
    with w.units.writing() as uow:
        body = json.dumps({"equipment": [{"id": "b1/door", "credentials": []}]})
        now = w.clock.now()
        uow.configurations.save(Configuration(ESTATE, "b1-node", 1, "abc", body, Origin.NODE, "node", now, told_at=now))
        uow.commit()
    w.is_born(1)


def _reads_cards(w: World, key: str) -> None:
    w.is_well(card_key=key, card_key_age_s=1.0)


def _has_it(w: World) -> None:
    with w.units.reading() as uow:
        key = uow.card_keys.current(ESTATE)
        order = uow.orders.get(uow.card_keys.holders(ESTATE)[0].order or "")
    assert key is not None
    assert order is not None
    FollowNode(w.units, w.clock).receipt(_NODE, Receipt(command=order.id, outcome="done"))
    _reads_cards(w, key.id)


def tells_nodes(w: World) -> None:
    def publish(topic: str, payload: bytes, retained: bool) -> bool:
        # Told at least once: a command has an id, a configuration a version, and a repeat is known by it.
        id_ = json.loads(payload).get("id", topic) if payload else topic
        w.outside.takes(id_, topic, retained)
        return True

    TellNodes(w.units, w.clock, publish)()


def _forgets(w: World) -> None:
    ForgetSettled(w.units, w.clock, timedelta(days=1), lambda uow: uow.orders)()


BOARDS: Story = [
    step("a code is given out", _issues("first"), anew="claims ledger"),
    step("it is redeemed", _enrols("first", "key")),
    _is_configured,
    lambda w: _reads_cards(w, "0a0a0a0a"),
    step("the estate gets its first card key, and who lacks it is sent it", _keeps),
    step("nodes are told", tells_nodes),
    step("it is taken", _has_it),
    step("which is noticed", _keeps),
    step("a new one is made by hand", lambda w: _keying(w).rotate(ESTATE, "member:manager")),
    timedelta(days=77),
    step("a certificate ends soon", lambda w: WatchCredentials(w.units, w.clock, w.ids)()),
    step("it is renewed", _renews),
    step("the broker's ends soon", _watches_broker(90)),
    step("it is renewed, too", _watches_broker(800)),
    step("orders are forgotten", _forgets),
    step("a code for another board", _issues("second", replaces=True), anew="claims ledger"),
    step("which takes the old one's place", _enrols("second", "other", "0197a600-0000-7000-8000-0000000000aa")),
    step("the node is shut out", _revokes),
]
