"""A cloud that dies at any moment of a rotation: one key afterwards, none lost, and every node has it."""

from __future__ import annotations

import shutil

import pytest

from cloud.adapters.sql import open_engine
from tests.fakes.card_nodes import KeyRoom
from tests.fakes.mortal import Died, Fate, MortalUnits
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

WRITES = ("INTO card_key", "UPDATE card_key", "INTO orders", "UPDATE orders")


class Rotation180:
    """An estate of one node with a key, on the day on which the next is due."""

    def __init__(self, folder, template):
        folder.mkdir()
        shutil.copy(template, folder / "state.db")
        self.engine, self.fate = open_engine(f"sqlite:///{folder / 'state.db'}"), Fate()
        self.room = KeyRoom(Scene(MortalUnits(self.engine, self.fate)), folder)
        self.room.node("b1-node")
        self.room.pass_on()
        self.room.pass_on(days=180, looks=False)
        self.fate.spare()

    def goes_on(self):
        """Every moment at which the process may die: what was written then, or asked for."""
        self.room.pass_on()
        return self.fate.moments


def test_a_crash_between_any_two_steps_of_a_rotation_leaves_one_key_and_loses_none(tmp_path):
    """Before and after each statement and commit that changes keys, holders or orders, one after the other."""
    template = tmp_path / "template.db"
    engine = fresh_state(template)
    engine.dispose()
    dry = Rotation180(tmp_path / "dry", template)
    moments = dry.goes_on()
    dry.engine.dispose()
    assert dry.room.versions() == [2, 1]
    writes = [n for n, moment in enumerate(moments) if any(what in moment for what in WRITES)]
    commits = [next(n for n in range(at, len(moments)) if moments[n] == "after the commit") for at in writes]
    chosen = sorted({*writes, *commits, *(at - 1 for at in commits)})
    assert len(chosen) > 10
    for at in chosen:
        one = Rotation180(tmp_path / str(at), template)
        one.fate.strike(at)
        with pytest.raises(Died):
            one.goes_on()
        one.fate.spare()
        for _ in range(2):
            one.room.pass_on(minutes=11)
        assert one.room.versions() == [2, 1], f"died at moment {at}: {moments[at]}"
        assert {node.keys.name for node in one.room.nodes} == {one.room.current()}, f"died at {at}: {moments[at]}"
        assert [task for task in one.room.scene.board() if task.hazard == "node.card-key-old"] == []
        one.engine.dispose()
