"""One cloud on a database of its own whose moments can be copied, with everything outside of it: clock, node, people."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from cloud.adapters.sql import open_engine, tables, upgrade
from cloud.application.estates.sign_in import Identity
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, PartyRef, Role
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.escalation import EscalationPolicy
from cloud.domain.duties.target import Narrowed, Only
from cloud.errors import NotFound
from tests.fakes.channels import FakeChannel
from tests.fakes.clocks import MachineClock, MachineThatIsSet
from tests.fakes.estate import HOME
from tests.fakes.mortal import Fate, MortalUnits
from tests.fakes.neighbours import neighbourhood
from tests.fakes.postgresql import Server
from tests.fakes.scene import Scene

_ID = re.compile(r"id-\d{6}")
_RANDOM = re.compile(
    r"\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b|\b[0-9a-f]{16}\b|whsec_[\w+/=-]+"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)
"""Digests over salts and ids, tokens, secrets: made afresh each time, so that they say nothing of what was done."""

_MOMENT = re.compile(r"datetime\.datetime\([^)]*\)|\d{4}-\d\d-\d\d[T ][\d:.]+(?:\+\d\d:\d\d|Z)?")
_NEVER_THE_SAME = {
    "ledger": {"hash", "previous"},
    "personal": {"salt"},
    "photos": {"salt"},
    "votes": {"salt"},
    "progress": {"duplicates"},
    "report_sources": {"id"},
    "sign_in_tries": {"level", "at"},
}
"""Chains over other ids, salts, and how often something was said again or tried."""

_LONG = "duty_matrices"

_TRIES = {"attempts", "claims", "rounds", "tried"}
"""How often something was tried or taken in hand is no matter of what came of it: who dies with it in hand leaves it to another."""
_TRIED = re.compile(r'"(?:attempts|claims|rounds)":\d+,?')
"""The same in rows that are kept as one document."""

State = dict[str, list[str]]


class Files:
    """Databases that are files, so that a moment can be copied."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, name: str, like: str | None = None) -> Engine:
        path = self._folder / f"{name}.db"
        if like is not None:
            shutil.copy(self._folder / f"{like}.db", path)
        engine = open_engine(f"sqlite:///{path}")
        if like is None:
            upgrade(engine)
        return engine

    def mourn(self, name: str) -> None:
        """What a dead process held of a file is free at once."""

    def drop(self, name: str) -> None:
        for file in self._folder.glob(f"{name}.db*"):
            file.unlink()


@cache
def people() -> EstateDescription:
    """The neighbourhood with who convenes, who can be whistled for, and an arbiter."""
    known = neighbourhood()
    parties = (
        Party("owners", PartyKind.OWNERS_COMMITTEE, Names("业主委员会", "Owners' committee"), (HOME,)),
        Party("police", PartyKind.POLICE, Names("派出所", "Police"), (HOME,), capabilities=frozenset({"enforcement"})),
    )
    members = (
        ("chair", "owners", Role.MANAGER),
        ("secretary", "owners", Role.MANAGER),
        ("constable", "police", Role.RESPONDER),
    )
    return replace(
        known,
        estate=replace(known.estate, arbiter_party_id="street", arbitrate_within=timedelta(minutes=20)),
        parties=(*known.parties, *parties),
        members=(*known.members, *(Member(id_, party, Names(id_, id_), role) for id_, party, role in members)),
        duties=tuple(replace(duty, ladder=narrowed(duty.ladder)) for duty in known.duties),
    )


PROPERTY: Final = PartyRef("kind", "property_manager")
SOME: Final = (
    Narrowed(Only("role", Role.OPERATOR), PROPERTY),
    Narrowed(Only("role", Role.MANAGER), PROPERTY),
    Narrowed(Only("member", "guard")),
)
"""In place of the whole property: people whom it does not have, its managers, one person."""


def narrowed(ladder: EscalationPolicy) -> EscalationPolicy:
    """Step by step another part of the property is called, and some of it is nobody."""
    steps = (
        replace(step, targets=tuple(SOME[number % len(SOME)] if one == PROPERTY else one for one in step.targets))
        for number, step in enumerate(ladder.steps)
    )
    return EscalationPolicy(tuple(steps))


class Outside:
    """What has left the process, and cannot be taken back: its death comes before it or after it."""

    def __init__(self, fate: Fate) -> None:
        self._fate, self.sent = fate, []

    def takes(self, id_: str, *what: object) -> None:
        self._fate.passes("before the sending")
        self.sent.append((id_, what))
        self._fate.passes("after the sending")

    def received(self) -> list[str]:
        """What arrived, each message once: whoever gets one twice knows it by its id."""
        return sorted(repr(what) for what in dict(self.sent).values())


class Channel(FakeChannel):
    """A channel whose messages are the last that the process may see. Cut, it takes nothing."""

    def __init__(self, outside: Outside, **kind: bool) -> None:
        super().__init__(**kind)
        self._outside = outside

    def deliver(self, message: Any) -> None:
        super().deliver(message)
        # A link and a callback are made afresh for every try, and the one before is void.
        self._outside.takes(message.id, message.address, message.name)


class Stage:
    """A world, and the shelf that its database stands on."""

    def __init__(self, shelf: Files | Server, name: str = "life", like: str | None = None) -> None:
        self._shelf, self.name = shelf, name
        self.engine, self.fate = shelf.create(name, like), Fate()
        self.units = MortalUnits(self.engine, self.fate)
        self.scene = World(self.units, self.fate, load=like is None)

    def fork(self, name: str) -> Stage:
        """The same moment once more, in another world."""
        self.engine.dispose()
        other = Stage(self._shelf, name, self.name)
        other.scene.remembers(self.scene)
        return other

    def reborn(self) -> World:
        """The process starts anew: what it held in memory is gone, what people hold in their hands is not."""
        self.engine.dispose()
        self._shelf.mourn(self.name)
        last, self.units = self.scene, self.units.reborn()
        self.scene = World(self.units, self.fate, load=False)
        self.scene.remembers(last)
        return self.scene

    def close(self) -> None:
        self.engine.dispose()
        self._shelf.drop(self.name)

    def state(self, *, timeless: bool = False) -> State:
        """Every row of every table, as text; ids by their order. `timeless`: without moments and what counts tries."""
        found: State = {}
        with self.engine.connect() as connection:
            for name, table in sorted(tables.metadata.tables.items()):
                dropped = _NEVER_THE_SAME.get(name, set()) | (_TRIES if timeless else set())
                columns = ", ".join(f'"{one.name}"' for one in table.columns if one.name not in dropped)
                rows = connection.exec_driver_sql(f'SELECT {columns} FROM "{name}"')
                # Without the types' own reading, and a long matrix by its print: this is done thousands of times.
                found[name] = [repr([hash(v) if name == _LONG else v for v in row]) for row in rows]
        order = {id_: f"#{n}" for n, id_ in enumerate(sorted(set(_ID.findall(repr(found)))))}

        def plain(row: str) -> str:
            row = _RANDOM.sub("…", _ID.sub(lambda m: order[m.group()], row))
            return _MOMENT.sub("T", _TRIED.sub("", row)) if timeless else row

        return {name: sorted(plain(row) for row in rows) for name, rows in found.items()}


class World(Scene):
    """The scene, with what people have in their hands: what pages showed them, links, codes."""

    def __init__(self, units: MortalUnits, fate: Fate, *, load: bool) -> None:
        clock = MachineClock(MachineThatIsSet())
        super().__init__(units, people(), load=load, clock=clock, doubted_until=clock.doubted_until)
        self.fate, self.outside = fate, Outside(fate)
        self.kept: dict[str, Any] = {}

    def remembers(self, other: World) -> None:
        """As of the other's moment."""
        self.clock.goes_on_as(other.clock)
        self.ids._count = other.ids._count
        self.node._seq, self._number = other.node._seq, other._number
        self.kept, self.outside.sent = deepcopy(other.kept), list(other.outside.sent)
        self.pictures.kept = dict(other.pictures.kept)

    def identity(self, member: str) -> Identity:
        with self.units.reading() as uow:
            if uow.registers.member(member) is None:
                raise NotFound(f"{member} has left.")
        return super().identity(member)

    def once(self, key: str, ask: Callable[[], Any]) -> Any:
        """What a page showed when it was opened; whoever tries again does so on the page that is still open."""
        if key not in self.kept:
            self.kept[key] = ask()
        return self.kept[key]

    def task(self, hazard: str) -> Any:
        """The newest about that, open ones first."""
        return next(task for task in (*self.board(), *self.over()) if task.hazard == hazard)
