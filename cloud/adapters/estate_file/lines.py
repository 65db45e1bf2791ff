"""Where in a YAML file something stands, so that an error can name the line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from cloud.adapters.estate_file.loading import GuardedLoader
from cloud.domain.community.faults import under

Way = tuple[str | int, ...]
"""How one comes to a value from the top: keys and places in lists."""

_SUBJECT: Final = re.compile(r"(estate|place|party|member|node|equipment|roster|duty) '([^']+)'")
_LISTS: Final = {
    "place": ("places",), "party": ("parties",), "member": ("members",), "node": ("nodes",), "equipment": ("equipment",),
    "roster": ("rosters",), "duty": ("duties", "more_duties", ""),
}  # fmt: skip
"""Under which keys such things stand; the empty one is the top, for a matrix by itself."""


@dataclass(frozen=True)
class Lines:
    """The line (from 1) at which each value begins."""

    of: Mapping[Way, int]
    ids: Mapping[tuple[str, str], int]
    """The line of each row by (list, id)."""
    columns: Mapping[Way, int]
    """The column (from 1) at which each value begins."""

    def at(self, way: Way) -> int | None:
        """The line of the value, or of the nearest thing around it that is there."""
        while way and way not in self.of:
            way = way[:-1]
        return self.of.get(way)

    def column_at(self, way: Way) -> int | None:
        """The same as `at`, of the column."""
        while way and way not in self.columns:
            way = way[:-1]
        return self.columns.get(way)

    def located(self, problem: str) -> str:
        """The problem with its line, where it begins by naming what it is about."""
        subject = _SUBJECT.match(problem)
        if subject is None:
            return problem
        kind, name = subject.groups()
        line = next((found for key in _LISTS.get(kind, ()) if (found := self.ids.get((key, name)))), None)
        line = self.at(("estate",)) if kind == "estate" else line
        return under(problem, f"line {line}: ", f"第 {line} 行：") if line else problem


def lines_of(text: str) -> Lines:
    """Of a text that is YAML. A part that is repeated by reference is known where it stands first."""
    of: dict[Way, int] = {}
    columns: dict[Way, int] = {}
    ids: dict[tuple[str, str], int] = {}
    waiting: list[tuple[Way, Any]] = [((), yaml.compose(text, Loader=GuardedLoader))]
    seen: set[int] = set()
    while waiting:
        way, node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        # References to one part may stand inside one another without end: each is walked once.
        seen.add(id(node))
        of[way], columns[way] = node.start_mark.line + 1, node.start_mark.column + 1
        if isinstance(node, yaml.SequenceNode):
            waiting += [((*way, number), value) for number, value in enumerate(node.value)]
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode):
                    waiting.append(((*way, key.value), value))
                    of[(*way, key.value)] = key.start_mark.line + 1
                    if key.value == "id" and isinstance(value, yaml.ScalarNode) and way:
                        where = way[0] if isinstance(way[0], str) and len(way) > 1 else ""
                        ids.setdefault((str(where), value.value), of[way])
    return Lines(of, ids, columns)
