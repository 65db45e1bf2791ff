"""People at a gate: cards are decided on, the leaf opens only for those let in, and one passes at a time."""

import random

from firmware_sim.access import Gate
from firmware_sim.wiegand import Card

DT = 0.05
KNOWN, STRANGER = Card(1, 100), Card(1, 200)


def run(gate, seconds):
    """(time, attribute, value) of every change of a terminal."""
    names = ("open", "granted", "rex", "lock_released", "beam")
    seen, changes = {name: getattr(gate, name) for name in names}, []
    begin = gate.now
    for step in range(1, round(seconds / DT) + 1):
        gate.step(begin + step * DT)
        for name in names:
            if getattr(gate, name) != seen[name]:
                seen[name] = getattr(gate, name)
                changes.append((round(gate.now, 2), name, seen[name]))
    return changes


def a_gate():
    gate = Gate("b1/gate-1", random.Random(1))
    gate.cards.add(KNOWN)
    return gate


def test_a_known_card_is_granted_and_the_door_opens_after_it():
    gate = a_gate()
    read = []
    gate.on_card.append(read.append)
    gate.stage.play(gate.enter(KNOWN))
    changes = run(gate, 15)
    order = [(name, value) for _, name, value in changes if name in ("granted", "lock_released", "open")]
    assert read == [KNOWN]
    assert order[0] == ("lock_released", True)
    assert order.index(("granted", True)) < order.index(("open", True))
    assert gate.quiet
    assert not gate.lock_released


def test_a_stranger_stays_outside():
    gate = a_gate()
    gate.stage.play(gate.enter(STRANGER))
    assert run(gate, 15) == []
    assert gate.quiet


def test_people_pass_one_after_the_other():
    gate = a_gate()
    for _ in range(4):
        gate.stage.play(gate.enter(KNOWN))
        gate.stage.play(gate.leave())
    changes = run(gate, 120)
    openings = [time for time, name, value in changes if name == "open" and value]
    closings = [time for time, name, value in changes if name == "open" and not value]
    allowed = [time for time, name, value in changes if name in ("granted", "rex") and value]
    assert len(openings) == len(closings) == len(allowed) == 8
    for permit, opening in zip(allowed, openings, strict=True):
        assert 0 <= opening - permit < 7
    assert all(opening > closing + 1.5 for closing, opening in zip(closings, openings[1:], strict=False))


def test_a_jammed_lock_lets_go_of_nothing_and_the_release_of_everything():
    gate = a_gate()
    gate.released_by_node = True
    assert gate.lock_released
    gate.jammed = True
    assert not gate.lock_released
    gate.stage.play(gate.enter(KNOWN))
    assert ("open", True) not in [(name, value) for _, name, value in run(gate, 15)]
