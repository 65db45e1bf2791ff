"""A node's document as a text that people edit: YAML, or JSON, which is YAML too, with errors that name the line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import yaml

from cloud.adapters.estate_file.lines import Way, lines_of
from cloud.adapters.estate_file.loading import MOST_SAID, GuardedLoader, load, twice_in
from cloud.domain.community.faults import Fault, fault, under
from cloud.errors import Invalid

REFUSED: Final = "The document cannot be read."


class YamlDocument:
    """Implements `edit_document.DocumentSheet`."""

    def read(self, text: str) -> dict[str, Any]:
        try:
            # Composed first: what that refuses takes no time, and the rest is looked through after it.
            _once_each(yaml.compose(text, Loader=GuardedLoader))
            for event in yaml.parse(text, Loader=yaml.SafeLoader):
                if isinstance(event, yaml.AliasEvent):
                    where = event.start_mark.line + 1 if event.start_mark else 1
                    raise Invalid(REFUSED, [_at(where, fault("document-refers", anchor=event.anchor))])
            document = load(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            told = fault("not-yaml", what=(getattr(error, "problem", None) or "this is no YAML")[:MOST_SAID])
            raise Invalid(REFUSED, [told if mark is None else _at(mark.line + 1, told)]) from None
        if not isinstance(document, dict):
            raise Invalid(REFUSED, [_at(1, fault("document-empty"))])
        return document

    def write(self, document: Mapping[str, Any]) -> str:
        return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=100)

    def lines(self, text: str) -> Mapping[Way, int]:
        return lines_of(text).of


def _at(line: int, told: Fault) -> Fault:
    return under(told, f"line {line}: ", f"第 {line} 行：")


def _once_each(node: yaml.Node | None) -> None:
    for key, line, first in twice_in(node):
        raise Invalid(REFUSED, [_at(line, fault("document-key-twice", key=key, first=first))])
