"""A node's document as a text: read, checked against what is in force, and issued - by the one use case that issues any."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from cloud.application.asking.queries import Viewer
from cloud.application.fleet.configure_node import ConfigureNode, known_node
from cloud.application.fleet.node_questions import admit
from cloud.application.ports import UnitOfWork, UnitsOfWork
from cloud.domain.community.faults import Fault, under
from cloud.domain.community.party import Member
from cloud.domain.fleet.configuration import Configuration
from cloud.domain.fleet.document_difference import DifferentLine, differences
from cloud.errors import Invalid, NotFound
from schemas.node_config import NodeConfig

Way = tuple[str | int, ...]

_REMEDIES: Final = {
    "missing": "add it",
    "union_tag_invalid": "correct the kind",
    "union_tag_not_found": "say which kind it is",
}
_OF_PYDANTIC: Final = "Input should be"
"""What to do about what pydantic says in English; the rest says so itself, and so does all of it in Chinese."""


class DocumentSheet(Protocol):
    """A document as a text that people edit."""

    def read(self, text: str) -> dict[str, Any]:
        """Raises Invalid, which names line and remedy."""
        ...

    def write(self, document: Mapping[str, Any]) -> str:
        """A text that reads back as the same."""
        ...

    def lines(self, text: str) -> Mapping[Way, int]:
        """The line (from 1) at which each value begins; of a text that can be read."""
        ...


@dataclass(frozen=True, slots=True)
class DocumentText:
    """`text` to begin with: the latest, an earlier version that was asked for, or, where none is known, the node's equipment as
    the register has it. `seen`: the latest version then; 0 where there is none.
    """

    text: str
    seen: int


@dataclass(frozen=True, slots=True)
class CheckedText:
    """What a text would change. `against`: the version that it is compared with, the one the node `runs`, or else the latest that was
    issued; None where none is known.
    """

    against: int | None
    runs: bool
    lines: Sequence[DifferentLine]


class EditDocument:
    """An estate the viewer has nothing to do with does not exist for them: NotFound."""

    def __init__(self, units: UnitsOfWork, configure: ConfigureNode, sheet: Callable[[], DocumentSheet]) -> None:
        self._units, self._configure, self._sheet = units, configure, sheet

    def text(self, estate: str, node_id: str, viewer: Viewer, *, version: int | None = None) -> DocumentText:
        admit(estate, viewer)
        with self._units.reading() as uow:
            register, _ = known_node(uow, estate, node_id)
            latest = uow.configurations.latest(estate, node_id)
            shown = latest if version is None else uow.configurations.get(estate, node_id, version)
        if version is not None and shown is None:
            raise NotFound(f"Node {node_id} has no version {version}.", "没有这个版本")
        if shown is not None:
            return DocumentText(self._sheet().write(_document(shown)), latest.version if latest else 0)
        wired = [
            {"id": one.id, "kind": one.kind.value} for one in register.equipment.values() if one.node_id == node_id
        ]
        return DocumentText(self._sheet().write({"equipment": wired}), 0)

    def check(self, estate: str, node_id: str, text: str, viewer: Viewer) -> CheckedText:
        """What the text would change, where it holds together. Raises Invalid with every fault, its line and what to do."""
        admit(estate, viewer)
        config = self._checked(estate, node_id, text)
        with self._units.reading() as uow:
            standing, runs = in_force(uow, estate, node_id)
        before = self._sheet().write(plain(json.loads(standing.body))) if standing else ""
        after = self._sheet().write(plain(json.loads(config.model_dump_json(exclude_none=True))))
        return CheckedText(standing.version if standing else None, runs, differences(before, after))

    def issue(
        self, estate: str, node_id: str, text: str, member: Member, *, reason: str = "", seen: int | None = None
    ) -> Configuration:
        """Issue it as the next version. Raises as ConfigureNode does, faults with their lines."""
        self._checked(estate, node_id, text)
        return self._configure.put(estate, node_id, self._sheet().read(text), member, reason=reason, seen=seen)

    def _checked(self, estate: str, node_id: str, text: str) -> NodeConfig:
        document = self._sheet().read(text)
        try:
            return self._configure.check(estate, node_id, document)
        except Invalid as error:
            lines = self._sheet().lines(text)
            problems = [located(problem, document, lines) for problem in error.problems]
            raise Invalid("The document does not hold together.", problems) from None


def located(problem: str, document: Mapping[str, Any], lines: Mapping[Way, int]) -> str:
    """The problem with its line and, where it does not say so itself, what to do."""
    if not isinstance(problem, Fault):
        return problem
    remedy = _REMEDIES.get(problem.code) or ("correct the value" if _OF_PYDANTIC in problem else None)
    said = Fault(f"{problem}; {remedy}", problem.zh, problem.code, problem.values) if remedy else problem
    way = _way(problem.values.get("at", ()), document)
    line = lines.get(way) if way else _of_id(problem, document, lines)
    return under(said, f"line {line}: ", f"第 {line} 行：") if line else said


def _way(at: Sequence[str | int], document: Mapping[str, Any]) -> Way:
    """How one comes to what a fault names. It also names kinds, which are no keys of the document, and what is missing."""
    way: list[str | int] = []
    value: Any = document
    for part in at:
        there = part in value if isinstance(value, Mapping) else isinstance(value, list) and part in range(len(value))
        if there:
            way.append(part)
            value = value[part]
    return tuple(way)


def _of_id(problem: str, document: Mapping[str, Any], lines: Mapping[Way, int]) -> int | None:
    """The line of the thing whose id the problem names; of several the one with the longest."""
    named: list[tuple[int, Way]] = []
    for key in ("equipment", "rules", "outputs", "reflexes"):
        for number, item in enumerate(document.get(key) or ()):
            known = item.get("id") if isinstance(item, Mapping) else None
            if isinstance(known, str) and known in problem:
                named.append((len(known), (key, number)))
    return lines.get(max(named)[1]) if named else None


def in_force(uow: UnitOfWork, estate: str, node_id: str) -> tuple[Configuration | None, bool]:
    """What the node says to run, where it is known here; else the latest that was issued. And which of both it is."""
    node = uow.nodes.get(estate, node_id)
    running = uow.configurations.get(estate, node_id, node.config_version) if node else None
    if node is not None and running is not None and running.is_in_force_at(node):
        return running, True
    return uow.configurations.latest(estate, node_id), False


def _document(one: Configuration) -> Mapping[str, Any]:
    return plain(json.loads(one.body))


def plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """Without its version, which it is given when it is issued."""
    return {key: value for key, value in document.items() if key != "version"}
