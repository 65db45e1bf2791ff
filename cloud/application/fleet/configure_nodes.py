"""One change is issued to several nodes: chosen, checked each before any is written, written one by one, and followed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from cloud.application.asking.queries import Viewer
from cloud.application.fleet.configure_node import ConfigureNode
from cloud.application.fleet.document_change import DocumentChange, read_change
from cloud.application.fleet.edit_document import DocumentSheet, in_force, plain
from cloud.application.fleet.node_questions import admit
from cloud.application.ports import UnitOfWork, UnitsOfWork
from cloud.domain.community.faults import Fault, fault, under
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member
from cloud.domain.community.place import PlaceKind, is_within
from cloud.domain.duties.register import EquipmentKind, Register
from cloud.domain.fleet.configuration import Configuration, Rollout
from cloud.domain.fleet.document_difference import DifferentLine, differences
from cloud.domain.fleet.node import Node
from cloud.errors import CloudError, Conflict, Invalid, NotFound

MOST: Final = 200
"""Nodes of one rollout: each is checked while somebody waits for the answer."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which nodes: within a place, with equipment of a kind, that run a version of the program or of their document. What is
    not said, every one has.
    """

    place: str = ""
    kind: EquipmentKind | None = None
    agent: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node that may be chosen."""

    id: str
    names: Names
    address: Names
    place_id: str
    kinds: frozenset[EquipmentKind]
    agent: str
    version: int
    online: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What a change would do at one node. `seen`: its latest version; `faults`: why it cannot be; `lines`: what would differ
    from what is in force there, none where it says the same.
    """

    node: Candidate
    seen: int
    faults: Sequence[str] = ()
    lines: Sequence[DifferentLine] = ()

    @property
    def same(self) -> bool:
        return not self.faults and not self.lines


class Progress(StrEnum):
    """How far a node is with what it was issued, in the order in which somebody looks after it. `away`: it is not heard, and is
    told when it is back; `superseded`: it was issued something newer before it answered.
    """

    REFUSED = "refused"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    AWAY = "away"
    SENT = "sent"
    APPLIED = "applied"


@dataclass(frozen=True, slots=True)
class Followed:
    """One node of a rollout: its version, how far it is with it, and what it answered."""

    node: Candidate
    version: int
    progress: Progress
    detail: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Done:
    """A rollout with how far its nodes are. `unwritten`: those that could not be written although they were checked, with why."""

    rollout: Rollout
    nodes: Sequence[Followed]
    unwritten: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def counts(self) -> Mapping[Progress, int]:
        return {one: found for one in Progress if (found := sum(node.progress is one for node in self.nodes))}


class ConfigureNodes:
    """An estate the viewer has nothing to do with does not exist for them: NotFound. `member` None is the command line."""

    def __init__(self, units: UnitsOfWork, configure: ConfigureNode, sheet: Callable[[], DocumentSheet]) -> None:
        self._units, self._configure, self._sheet = units, configure, sheet

    def read(self, text: str) -> DocumentChange:
        """A change from YAML or JSON. Raises Invalid, which names line and remedy."""
        return read_change(self._sheet().read(text))

    def candidates(self, estate: str, viewer: Viewer, choice: Choice | None = None) -> Sequence[Candidate]:
        """The nodes that may be chosen, by id; those that the choice names."""
        admit(estate, viewer)
        with self._units.reading() as uow:
            found = _candidates(uow, estate)
        return [one for one in found.values() if _is_chosen(one, choice or Choice())]

    def check(self, estate: str, change: DocumentChange, nodes: Sequence[str], viewer: Viewer) -> Sequence[Checked]:
        """What it would do at each, those with faults first. Raises Invalid where none or too many are chosen."""
        admit(estate, viewer)
        found = [self._checked(estate, change, node) for node in self._chosen(estate, nodes)]
        return sorted(found, key=lambda one: (not one.faults, one.same, one.node.id))

    def push(
        self, estate: str, change: DocumentChange, nodes: Mapping[str, int | None], member: Member | None, *,
        rollout: str, reason: str = "",
    ) -> Done:  # fmt: skip
        """Issue it to all of them, each in a unit of work of its own; `nodes`: the version seen of each, None where nobody looked.
        None is written where one has a fault: Invalid names all. The same rollout sent again goes on where it ended. To who says the
        same already nothing is issued; Conflict where that is all of them, or where somebody else was faster at each.
        """
        issued = self._issued(estate, rollout, member, reason)
        wanted = [node for node in self._chosen(estate, list(nodes)) if node.id not in issued]
        checked = {node.id: self._checked(estate, change, node, nodes[node.id]) for node in wanted}
        problems = [under(each, f"{id_}: ", f"{id_}：") for id_, one in checked.items() for each in one.faults]
        if problems:
            raise Invalid("Nothing was issued to any of them.", problems)
        if not issued and all(one.same for one in checked.values()):
            raise Conflict("All of them say the same already: nothing was issued.", "所选节点均已是此内容，未下发")
        unwritten: dict[str, Sequence[str]] = {}
        for id_, one in checked.items():
            if one.same:
                continue
            try:
                self._configure.change(estate, id_, change, member, reason=reason, seen=one.seen, rollout=rollout)
            except (Conflict, Invalid, NotFound) as error:
                unwritten[id_] = _faults(error)  # Somebody was faster, between the check and the writing.
        return self._done(estate, rollout, unwritten)

    def follow(self, estate: str, rollout: str, viewer: Viewer) -> Done:
        """How far it is. Raises NotFound."""
        admit(estate, viewer)
        return self._done(estate, rollout, {})

    def rollouts(
        self, estate: str, viewer: Viewer, limit: int = 10, before: tuple[datetime, str] | None = None
    ) -> Sequence[Rollout]:
        """Newest first, of one moment by id; those that follow (at, id) `before`."""
        admit(estate, viewer)
        with self._units.reading() as uow:
            return uow.configurations.rollouts(estate, limit, before)

    def _chosen(self, estate: str, nodes: Sequence[str]) -> Sequence[Candidate]:
        with self._units.reading() as uow:
            known = _candidates(uow, estate)
        strange = [id_ for id_ in nodes if id_ not in known]
        if strange:
            raise NotFound(f"There is no node {strange[0]!r} in estate {estate!r}.", "没有这个节点")
        if not nodes:
            raise Invalid("Nothing was issued.", [fault("node-chosen-none")])
        if len(nodes) > MOST:
            raise Invalid("Nothing was issued.", [fault("node-chosen-many", count=len(nodes), most=MOST)])
        return [known[id_] for id_ in sorted(set(nodes))]

    def _checked(self, estate: str, change: DocumentChange, node: Candidate, seen: int | None = None) -> Checked:
        with self._units.reading() as uow:
            latest = uow.configurations.latest(estate, node.id)
            standing, _ = in_force(uow, estate, node.id)
        now = latest.version if latest else 0
        try:
            config = self._configure.check_change(estate, node.id, change, latest)
        except (Invalid, NotFound) as error:
            return Checked(node, now, _faults(error))
        if seen not in (None, now):
            return Checked(node, now, [fault("node-moved-on", now=now, seen=seen)])
        after = plain(json.loads(config.model_dump_json(exclude_none=True)))
        # What was issued and is not answered yet counts as well: it would be overtaken.
        befores = [plain(json.loads(one.body)) for one in (standing, latest) if one is not None]
        if all(before == after for before in befores):
            return Checked(node, now)
        return Checked(node, now, lines=self._lines(next(one for one in befores if one != after), after))

    def _lines(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> Sequence[DifferentLine]:
        sheet = self._sheet()
        return differences(sheet.write(before), sheet.write(after))

    def _issued(self, estate: str, rollout: str, member: Member | None, reason: str) -> Mapping[str, Configuration]:
        """What the rollout has issued already, by node. Raises Conflict where it is somebody else's."""
        by = f"member:{member.id}" if member else "system"
        with self._units.reading() as uow:
            found = {one.node_id: one for one in uow.configurations.of_rollout(estate, rollout)}
        if any((one.by, one.reason) != (by, reason) for one in found.values()):
            raise Conflict(
                "There is another rollout of that name: send yours under a name of its own.",
                "该批次编号已被使用，请换一个",
            )
        return found

    def _done(self, estate: str, rollout: str, unwritten: Mapping[str, Sequence[str]]) -> Done:
        with self._units.reading() as uow:
            issued, known = uow.configurations.of_rollout(estate, rollout), _candidates(uow, estate)
            heard = {node.id: node for node in uow.nodes.of(estate)}
            latest = {one.node_id: uow.configurations.latest(estate, one.node_id) for one in issued}
        if not issued and unwritten:
            raise Conflict("None of them could be written: check again.", "全部未能写入，请重新检查")
        if not issued:
            raise NotFound("There is no such change.", "没有这次批量更改")
        nodes = [
            Followed(
                known.get(one.node_id) or _stranger(one.node_id), one.version,
                _progress(one, latest[one.node_id], heard.get(one.node_id)), one.detail, one.answered_at,
            )
            for one in issued
        ]  # fmt: skip
        first, order = min(issued, key=lambda one: one.at), list(Progress)
        whole = Rollout(rollout, first.at, first.by, first.reason, len(issued))
        return Done(whole, sorted(nodes, key=lambda one: (order.index(one.progress), one.node.id)), unwritten)


def _candidates(uow: UnitOfWork, estate: str) -> dict[str, Candidate]:
    register = uow.registers.find(estate)
    if register is None:
        raise NotFound(f"There is no estate {estate!r}.", "没有这个小区")
    heard = {node.id: node for node in uow.nodes.of(estate)}
    ids = sorted(register.nodes.keys() | heard.keys())
    return {id_: _candidate(register, id_, heard.get(id_)) for id_ in ids}


def _candidate(register: Register, id_: str, node: Node | None) -> Candidate:
    entry = register.nodes.get(id_)
    place = entry.place_id if entry else ""
    return Candidate(
        id_, entry.names if entry else Names(id_, id_),
        register.places.address(place, PlaceKind.BUILDING) if place else Names("", ""), place,
        frozenset(one.kind for one in register.equipment.values() if one.node_id == id_),
        node.agent_version if node else "", node.config_version if node else 0, online=bool(node and node.online),
    )  # fmt: skip


def _stranger(id_: str) -> Candidate:
    """A node that was issued something and is in the register no more."""
    return Candidate(id_, Names(id_, id_), Names("", ""), "", frozenset(), "", 0, online=False)


def _is_chosen(one: Candidate, choice: Choice) -> bool:
    said = (not choice.kind or choice.kind in one.kinds) and (not choice.agent or choice.agent == one.agent)
    return said and choice.version in (None, one.version) and is_within(one.place_id, choice.place)


def _progress(one: Configuration, latest: Configuration | None, node: Node | None) -> Progress:
    if one.outcome is not None:
        return Progress(one.outcome.value)
    if latest is not None and latest.version > one.version:
        return Progress.SUPERSEDED
    return Progress.SENT if node is not None and node.online else Progress.AWAY


def _faults(error: CloudError) -> Sequence[str]:
    if isinstance(error, Invalid) and error.problems:
        return error.problems
    return [Fault(str(error), error.zh or str(error))]
