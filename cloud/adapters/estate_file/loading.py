"""YAML from people who may mean harm: no more deep, no more repeated and no more costly than what anybody writes by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError

MOST_DEEP: Final = 32
"""PyYAML looks at every open bracket for every word: 50 kB of nothing but brackets cost it a minute."""
MOST_REPEATED: Final = 10_000
"""Values that references (*) bring in. Sixty of them, each to the one before, unfold without end when a fault quotes them."""
MOST_NODES: Final = 250_000
"""An estate of 200 buildings has fewer; four megabytes of the smallest there are would take a minute and a gigabyte."""
MOST_DIGITS: Final = 64
"""Of a number: what is longer overflows where it is computed with, or cannot be written down again."""

MOST_SAID: Final = 200
"""Of what is wrong, which may quote a megabyte."""


class GuardedLoader(yaml.SafeLoader):
    """Whatever is wrong with a text is a `yaml.MarkedYAMLError` that knows its line."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = self._deepest = 0
        self._nodes = self._repeated = 0
        self._measured: dict[yaml.Node, tuple[int, int]] = {}
        """Of what is composed to its end: how many nodes it has and how deep it goes."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        referred = self.check_event(yaml.AliasEvent)
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call] # PyYAML has no types
        nodes, deepest = self._nodes, self._deepest
        self._depth += 1
        self._deepest = self._depth
        if self._depth > MOST_DEEP:
            raise ComposerError(None, None, f"it is nested more than {MOST_DEEP} deep", mark)
        node = super().compose_node(parent, index)
        if node is not None:
            self._measure(node, nodes, mark, referred=referred)
        self._depth -= 1
        self._deepest = max(deepest, self._deepest)
        return node

    def _measure(self, node: yaml.Node, before: int, mark: yaml.Mark | None, *, referred: bool) -> None:
        if not referred:
            self._nodes += 1
            if self._nodes > MOST_NODES:
                raise ComposerError(None, None, f"it holds more than {MOST_NODES} values; divide it", mark)
            self._measured[node] = self._nodes - before, self._deepest - self._depth
            return
        if node not in self._measured:
            raise ComposerError(None, None, "it refers to what it is part of; write it out", mark)
        size, height = self._measured[node]
        self._nodes += size
        self._repeated += size
        self._deepest = max(self._deepest, self._depth + height)
        if self._repeated > MOST_REPEATED or self._deepest > MOST_DEEP:
            raise ComposerError(None, None, "too much is repeated by reference (*); write it out", mark)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            kind = node.tag.rpartition(":")[2]
            said = f"{str(node.value)[:MOST_DIGITS]!r} cannot be read ({kind})"
            raise ConstructorError(None, None, said, node.start_mark) from error

    def construct_number(self, node: yaml.ScalarNode) -> int | float:
        if len(node.value) > MOST_DIGITS:
            raise ValueError
        kind = super().construct_yaml_int if node.tag.endswith(":int") else super().construct_yaml_float
        number: int | float = kind(node)
        return number


for _kind in ("int", "float"):
    GuardedLoader.add_constructor(f"tag:yaml.org,2002:{_kind}", GuardedLoader.construct_number)


def load(text: str) -> Any:
    """Raises yaml.YAMLError, also for a key that stands twice: of those YAML keeps one and says nothing."""
    loader = GuardedLoader(text)
    try:
        node = loader.get_single_node()
        for key, line, first in twice_in(node):
            said = f"the key {key[:MOST_DIGITS]!r} stands in line {first} already"
            raise ConstructorError(None, None, said, yaml.Mark("", 0, line - 1, 0, None, 0))
        return None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


def twice_in(node: yaml.Node | None) -> Iterator[tuple[str, int, int]]:
    """Each key that stands in one mapping already, with its line and that of the first."""
    waiting, looked_at = [node], set()
    while waiting:
        one = waiting.pop()
        if id(one) in looked_at:
            continue  # referred to
        looked_at.add(id(one))
        if isinstance(one, yaml.SequenceNode):
            waiting += one.value
        elif isinstance(one, yaml.MappingNode):
            seen: dict[str, int] = {}
            for key, value in one.value:
                waiting.append(value)
                if not isinstance(key, yaml.ScalarNode):
                    continue  # the loader refuses it
                line = key.start_mark.line + 1
                if key.value in seen:
                    yield key.value, line, seen[key.value]
                seen[key.value] = line
