"""A crash between any two statements of any use case neither loses nor doubles anything.

Each step of a long story is begun anew from the state before it as often as it has moments: it dies there, is begun again
by whoever began it (a node sends again, a person tries again, a timer comes round), and what is stored then is, row by
row, what is stored when nothing dies. Ids are compared by their order, for whoever died has used some up.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from sqlalchemy import Engine, select

from cloud.adapters.sql import open_engine, tables
from cloud.application.fleet.watch_losses import WatchLosses
from cloud.application.notices.address import Address
from cloud.application.notices.send_notifications import LEASE
from cloud.application.timeseries import Origin, StoredBatch
from cloud.domain.community.names import Names
from cloud.domain.community.roster import Roster, Shift
from cloud.domain.records.ledger import verify
from cloud.domain.tasks.task import ResolutionReason
from cloud.errors import Conflict, NotAllowed
from tests.fakes.channels import sender, sends_all
from tests.fakes.estate import ESTATE, OUTBOX, cleared, raised
from tests.fakes.mortal import Died, Fate, MortalUnits
from tests.fakes.postgresql import Server
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state
from tests.fakes.timeseries import InMemoryReadings

LONG = int(os.environ.get("TOCSIN_EXAMPLES", "0")) >= 100
STRIDE = {"sqlite": 1 if LONG else 12, "postgresql": 1 if LONG else 60}
"""In the short form one moment in so many is died at, and every commit; in the long form every one."""

_ID = re.compile(r"id-\d{6}")
_NEVER_THE_SAME = {"ledger": {"hash", "previous"}, "personal": {"salt"}, "progress": {"duplicates"}}
"""Chains over other ids, salts, and how often something was said again."""


class Told:
    """Takes messages, and may be the last that the process sees."""

    def __init__(self, fate: Fate) -> None:
        self.fate, self.delivered = fate, []

    carries_links = False
    rings = False

    def deliver(self, message: Any) -> None:
        self.fate.passes("before the sending")
        self.delivered.append(message.id)
        self.fate.passes("after the sending")


class Files:
    """Databases that are files, so that a moment can be copied."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, name: str, like: str | None = None) -> Engine:
        path = self._folder / f"{name}.db"
        if like is None:
            return fresh_state(path)
        shutil.copy(self._folder / f"{like}.db", path)
        return open_engine(f"sqlite:///{path}")

    def drop(self, name: str) -> None:
        for file in self._folder.glob(f"{name}.db*"):
            file.unlink()


@dataclass
class Stage:
    """One cloud on a database of its own, with what is outside of it: its clock, a node, people."""

    scene: Scene
    fate: Fate
    name: str
    shelf: Files | Server
    engine: Engine

    @classmethod
    def set_up(cls, shelf: Files | Server, name: str = "life", like: str | None = None) -> Stage:
        engine, fate = shelf.create(name, like), Fate()
        return cls(Scene(MortalUnits(engine, fate)), fate, name, shelf, engine)

    def fork(self, name: str = "world") -> Stage:
        """The same moment once more, in another world."""
        self.engine.dispose()
        other = Stage.set_up(self.shelf, name, self.name)
        ours, theirs = self.scene, other.scene
        theirs.clock._now, theirs.ids._count = ours.clock._now, ours.ids._count
        theirs.node._seq, theirs._number = ours.node._seq, ours._number
        return other

    def close(self) -> None:
        self.engine.dispose()
        self.shelf.drop(self.name)

    def state(self) -> dict[str, list[str]]:
        """Every row of every table, as text; ids by their order."""
        found: dict[str, list[str]] = {}
        with self.engine.connect() as connection:
            for name, table in sorted(tables.metadata.tables.items()):
                dropped = _NEVER_THE_SAME.get(name, set())
                rows = (row._mapping for row in connection.execute(select(table)))
                found[name] = sorted(repr({k: _plain(v) for k, v in row.items() if k not in dropped}) for row in rows)
        order = {id_: f"#{n}" for n, id_ in enumerate(sorted(set(_ID.findall(repr(found)))))}
        return {name: [_ID.sub(lambda m: order[m.group()], row) for row in rows] for name, rows in found.items()}


def _plain(value: Any) -> Any:
    """A note's digest is salted afresh each time."""
    return re.sub(r'"digest": "[0-9a-f]{64}"', '"digest": "…"', value) if isinstance(value, str) else value


Step = Callable[[Scene], object]


def _of(scene: Scene, hazard: str) -> Any:
    tasks = [task for task in (*scene.board(), *scene.over()) if task.hazard == hazard]
    return tasks[0]


def _deed(name: str, hazard: str, member: str, *facts: object) -> Step:
    """A person acts on what the page showed; whoever tries again does so on the page that is still open."""
    shown: WeakKeyDictionary[Scene, int] = WeakKeyDictionary()

    def act(scene: Scene) -> None:
        task = _of(scene, hazard)
        doing = next(getattr(room, name) for room in (scene.act, scene.aside, scene.joint) if hasattr(room, name))
        doing(task.id, member, *facts, revision=shown.setdefault(scene, task.revision))

    return act


def _merge(hazard: str, into: str, member: str) -> Step:
    shown: WeakKeyDictionary[Scene, int] = WeakKeyDictionary()

    def act(scene: Scene) -> None:
        task, stays = _of(scene, hazard), _of(scene, into)
        scene.merge(task.id, member, stays.id, revision=shown.setdefault(scene, task.revision))

    return act


def _event(seq: int, event: Callable[[], Any]) -> Step:
    """A batch of the node's, which is sent again under the number that it has."""
    return lambda scene: scene.send(event(), seq=seq)


_HOLDS_NOTHING = {"outbox": OUTBOX, "stream": "telemetry", "given": 4}


def _look_for_losses(scene: Scene, *arrived: int) -> None:
    readings = InMemoryReadings()
    readings.record([StoredBatch(Origin(ESTATE, "b1-node", OUTBOX), seq, bytes(8), ()) for seq in arrived], 0)
    WatchLosses(scene.units, scene.clock, scene.ids, readings)()


def _is_rostered(scene: Scene) -> None:
    """Of the lift firm only the technician is on duty, at all hours."""
    shift = Shift(("technician",), time(0), time(0), since=date(2026, 1, 1))
    roster = Roster("lifts", ESTATE, "lift-firm", Names("排班", "Roster"), shifts=(shift,))
    with scene.units.writing() as uow:
        uow.rosters.save(roster)
        uow.commit()


def _addresses(scene: Scene) -> None:
    """Whoever is to be called by now gets a delivery of their own: the transaction in which a worker claims."""
    with scene.units.writing() as uow:
        if Address({"console"}, scene.ids).waiting(uow, scene.clock.now(), 1000):
            uow.commit()


STORY: list[tuple[str, Step | timedelta]] = [
    ("smoke is seen", _event(1, lambda: raised("fire.smoke", "b1/smoke-1", 1))),
    ("nobody is there for a while", timedelta(seconds=11)),
    ("the ladder climbs", lambda scene: scene.timers()),
    ("smoke is seen twice", _event(2, lambda: raised("fire.smoke", "b1/smoke-2", 2))),
    ("the fire room answers", _deed("acknowledge", "fire.presumed", "watch")),
    ("the fire room goes there", _deed("start", "fire.presumed", "watch")),
    ("a minute", timedelta(minutes=1)),
    ("one is quiet", _event(3, lambda: cleared("fire.smoke", "b1/smoke-1", 1))),
    ("both are quiet", _event(4, lambda: cleared("fire.smoke", "b1/smoke-2", 2))),
    ("a photo of the pan", lambda scene: scene.photographs(_of(scene, "fire.presumed").id, "watch")),
    ("it was cooking", _deed("resolve", "fire.presumed", "watch", ResolutionReason.FALSE_ALARM)),
    ("quiet for long", timedelta(minutes=20)),
    ("time tells", lambda scene: scene.timers()),
    ("another has looked", _deed("close", "fire.presumed", "manager")),
    ("a lift stops between floors", _event(5, lambda: raised("lift.door-fault", "b1/lift-1", 3))),
    ("the technician answers", _deed("acknowledge", "lift.door-fault", "technician")),
    ("the technician cannot come", _deed("decline", "lift.door-fault", "technician", "contract, clause 4")),
    ("the property takes it", _deed("acknowledge", "lift.door-fault", "manager")),
    ("the property asks the operator for help", _deed("ask_for_help", "lift.door-fault", "manager", ["operator"])),
    ("the operator comes along", _deed("acknowledge", "lift.door-fault", "engineer")),
    ("the operator is there", _deed("arrive", "lift.door-fault", "engineer")),
    ("the operator has done its part", _deed("finish", "lift.door-fault", "engineer")),
    ("the property hands it back", _deed("transfer", "lift.door-fault", "manager", "lift-firm")),
    ("the lift firm keeps a roster", _is_rostered),
    ("somebody is trapped", _event(6, lambda: raised("lift.entrapment", "b1/lift-2", 4))),
    ("those on duty are called", _addresses),
    ("a quarter of the time to accept", timedelta(seconds=45)),
    ("the rest is called in a second round", _addresses),
    ("what is left of three minutes", timedelta(minutes=2, seconds=16)),
    ("the call sheet sounds", lambda scene: scene.timers()),
    ("two more", timedelta(minutes=2)),
    ("and sounds again", lambda scene: scene.timers()),
    ("it is all one matter", _merge("lift.door-fault", "lift.entrapment", "manager")),
    ("the node is born", lambda scene: scene.is_born(1, (3, "lift.door-fault", "b1/lift-1"))),
    ("the node is well", lambda scene: scene.is_well()),
    ("the node dies", lambda scene: scene.dies()),
    ("ten minutes", timedelta(minutes=10)),
    ("its silence is told", lambda scene: scene.timers()),
    ("it lives again", lambda scene: scene.is_born(2)),
    ("it says what it still holds", lambda scene: scene.is_well(numbering=[_HOLDS_NOTHING])),
    ("what is lost is told", lambda scene: _look_for_losses(scene, 1, 4)),
    ("one of it comes after all", lambda scene: _look_for_losses(scene, 1, 3, 4)),
]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_wherever_the_cloud_dies_it_ends_up_where_it_would_have_been(request, tmp_path, where):
    shelf = Files(tmp_path) if where == "sqlite" else request.getfixturevalue("postgresql_server")
    stage = Stage.set_up(shelf)
    died = 0
    for number, (name, step) in enumerate(STORY):
        if isinstance(step, timedelta):
            stage.scene.clock.advance(seconds=step.total_seconds())
            continue
        before = stage.fork("before")
        step(stage.scene)
        expected = stage.state()
        moments = _moments(step, before.fork())
        assert moments, f"{name}: touched nothing"
        for at in _chosen(moments, number, STRIDE[where]):
            world = before.fork()
            world.fate.strike(at)
            with pytest.raises(Died):
                step(world.scene)
            world.fate.spare()
            _tried_again(step, world.scene, committed="after the commit" in moments[: at + 1])
            died += 1
            found = world.state()
            assert found == expected, f"{name}: died at {moments[at]!r} ({at} of {len(moments)})"
            assert verify(world.scene.ledger()) is None
            world.close()
        before.close()
    stage.close()
    print(f"died {died} times in {len(STORY)} steps on {where}: 0 lost 0 doubled")
    deeds = sum(not isinstance(step, timedelta) for _, step in STORY)
    assert died >= 2 * deeds, "each dies at least before and after a commit"


def _moments(step: Step, world: Stage) -> list[str]:
    world.fate.spare()
    step(world.scene)
    world.close()
    return list(world.fate.moments)


def _chosen(moments: list[str], number: int, stride: int) -> list[int]:
    around = {n for n, moment in enumerate(moments) if "commit" in moment}
    return sorted(around | set(range(number % stride, len(moments), stride)))


def _tried_again(step: Step, scene: Scene, *, committed: bool) -> None:
    """Whoever tries again what was done already is told so: nothing is done twice."""
    try:
        step(scene)
    except (Conflict, NotAllowed):
        assert committed


def test_a_message_that_was_on_its_way_when_the_cloud_died_is_delivered(tmp_path):
    """At least once, and twice only if it had left; the ledger says once that it was sent."""
    living = _about_to_send(tmp_path)
    living.fate.spare()
    wanted, _ = sends_all(sender(living.scene, {"console": Told(living.fate)}))
    moments = len(living.fate.moments)
    living.close()
    for at in range(moments):
        _dies_sending(_about_to_send(tmp_path), at, wanted)
    print(f"died {moments} times while sending: 0 lost")
    assert moments > 10


def test_a_second_round_that_was_due_when_the_cloud_died_is_made_once(tmp_path):
    due = _second_round_due(tmp_path)
    living = due.fork("living")
    living.fate.spare()
    wanted, _ = sends_all(sender(living.scene, {"console": Told(living.fate)}))
    moments = len(living.fate.moments)
    living.close()
    for at in range(moments):
        stage = due.fork()
        told = Told(stage.fate)
        stage.fate.strike(at)
        with pytest.raises(Died):
            sends_all(sender(stage.scene, {"console": told}))
        stage.fate.spare()
        stage.scene.clock.advance(seconds=LEASE.total_seconds())
        sends_all(sender(stage.scene, {"console": told}))
        assert len(set(told.delivered)) == wanted
        assert _grounds(stage) == ["on_duty", "second_round"]
        stage.close()
    print(f"died {moments} times in a second round: 0 lost 0 doubled")
    assert (wanted, moments > 10) == (1, True)


def _second_round_due(folder: Path) -> Stage:
    stage = Stage.set_up(Files(folder))
    _is_rostered(stage.scene)
    stage.scene.rings("lift.entrapment", "b1/lift-1")
    sends_all(sender(stage.scene, {"console": Told(stage.fate)}))
    stage.scene.clock.advance(seconds=45)
    return stage


def _grounds(stage: Stage) -> list[str]:
    timeline = stage.scene.incident(stage.scene.only_task()).timeline
    called = [line.data for line in timeline if line.kind == "notification.called"]
    return [data["ground"] for data in called if data["party"] == "lift-firm"]


def _about_to_send(folder: Path) -> Stage:
    stage = Stage.set_up(Files(folder))
    stage.scene.rings("lift.entrapment", "b1/lift-1")
    return stage


def _dies_sending(stage: Stage, at: int, wanted: int) -> None:
    scene, fate = stage.scene, stage.fate
    told = Told(fate)
    send = sender(scene, {"console": told})
    fate.strike(at)
    with pytest.raises(Died):
        sends_all(send)
    before = set(told.delivered)
    fate.spare()
    scene.clock.advance(seconds=LEASE.total_seconds())
    sends_all(send)
    assert len(set(told.delivered)) == wanted
    assert {id_ for id_, times in Counter(told.delivered).items() if times > 1} <= before
    assert scene.kinds(scene.only_task()).count("notification.sent") == wanted
    stage.close()
