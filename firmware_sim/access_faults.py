"""What is done to gates, as scripts."""

from __future__ import annotations

from itertools import islice

from firmware_sim.access import Gate
from firmware_sim.script import Script
from firmware_sim.staging import Staging
from firmware_sim.wiegand import Card

_SINCE_LAST_GRANT_S = 10.0
"""Longer than the seven seconds in which an opening would be taken for an authorised one."""
_HELD_OPEN_AFTER_S = 30.0
_BETWEEN_CARDS_S = 3.0
_DENIALS_THAT_COUNT = 5
_LEAF_FALLS_TO_S = 1.3
"""Longer than the second in which a leaf that falls to and opens again is taken for one opening."""


def _take(gate: Gate) -> Script:
    yield from gate.take()
    last = gate.last_allowed
    yield lambda: gate.now - last >= _SINCE_LAST_GRANT_S


def forced_open(on: Staging[Gate]) -> Script:
    """Onset: the contact opens, with no grant or request to exit for ten seconds."""
    gate = on.equipment
    yield from _take(gate)
    gate.open = True
    on.onset()
    on.defined()
    yield on.seconds
    gate.open = False
    on.ended()
    gate.give_back()


def held_open(on: Staging[Gate]) -> Script:
    """Onset: the door opens after a grant or a request to exit; defined thirty seconds later, when it still is open."""
    gate = on.equipment
    yield from _take(gate)
    gate.admit()
    yield 1.0
    gate.open = True
    on.onset()
    on.defined(after=_HELD_OPEN_AFTER_S)
    yield on.seconds
    gate.open = False
    on.ended()
    gate.give_back()


def tailgating(on: Staging[Gate]) -> Script:
    """Onset: the second of two openings (crossings of the beam) that one grant paid for."""
    gate = on.equipment
    yield from _take(gate)
    gate.admit(by_card=on.known_card)
    yield 1.5
    for passage in range(2):
        gate.open = True
        if passage:
            on.onset()
            on.defined()
        gate.beam = True
        yield 0.5
        gate.beam = False
        yield 0.8
        gate.open = False
        yield _LEAF_FALLS_TO_S
    on.ended()
    yield 2.0
    gate.give_back()


def denied_burst(on: Staging[Gate]) -> Script:
    """Onset: the first of `count` cards that nobody knows; defined at the fifth."""
    gate = on.equipment
    yield from _take(gate)
    site = on.known_card.site if on.known_card else 1
    strangers = (card for card in (Card(site, number) for number in range(1, 1 << 16)) if card not in gate.cards)
    for count, stranger in enumerate(islice(strangers, on.spec.count), 1):
        gate.stage.play(gate.present(stranger))
        on.onset()
        if count == _DENIALS_THAT_COUNT:
            on.defined()
        yield _BETWEEN_CARDS_S
    on.ended()
    gate.give_back()


def reader_tamper(on: Staging[Gate]) -> Script:
    """Onset: the tamper loop opens."""
    on.equipment.tamper = True
    on.onset()
    on.defined(after=1.0)
    yield on.seconds
    on.equipment.tamper = False
    on.ended()


def release_failed(on: Staging[Gate]) -> Script:
    """Onset: the fire input closes while the lock is jammed; defined two seconds later."""
    gate = on.equipment
    yield from _take(gate)
    gate.jammed = True
    gate.fire_input = True
    on.onset()
    on.defined(after=2.0)
    yield on.seconds
    gate.fire_input = False
    gate.jammed = False
    on.ended()
    gate.give_back()


def contact_chatter(on: Staging[Gate]) -> Script:
    """The contact shakes for milliseconds, again and again, and the door stays shut: nothing is wrong."""
    gate = on.equipment
    yield from _take(gate)
    on.onset()
    end = on.now + on.seconds
    while on.now < end:
        gate.chatter()
        yield gate.rng.uniform(0.3, 1.0)
    on.ended()
    gate.give_back()
