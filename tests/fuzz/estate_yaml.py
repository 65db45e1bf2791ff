"""An estate's file in YAML, by each of its readers: taken, or refused in sentences with a place."""

from __future__ import annotations

from typing import Any

import yaml

from cloud.adapters.estate_file.files import Files
from cloud.adapters.estate_file.node_text import YamlDocument
from cloud.adapters.estate_file.sheet import YamlSheet
from cloud.application.estates.import_estate import GivenFile
from cloud.errors import Invalid
from tests.fakes.estate import description
from tests.fuzz.target import Target, said

FILES = Files()


def one(data: bytes) -> bool:
    try:
        FILES.read([GivenFile("estate.yaml", data)], "example")
    except Invalid as error:
        _refused(error)
        taken = False
    else:
        taken = True
    text = data.decode("utf-8", "replace")
    for read in (YamlDocument().read, YamlSheet().read):
        try:
            read(text)
        except Invalid as error:
            _refused(error)
    return taken


def _refused(error: Invalid) -> None:
    for problem in error.problems:
        said(problem)


def _head(whole: dict[str, Any], key: str) -> bytes:
    """The first two of a table, as an export writes them; a whole estate takes half a second to read."""
    return yaml.safe_dump({key: whole[key][:2]}, allow_unicode=True).encode()


_WHOLE = yaml.safe_load(FILES.write(description())["estate.yaml"])
TARGET = Target(
    [
        b"places:\n  - {id: x, kind: floor, zh: a, en: b}\nnodes: &n []\nduties: *n\n",
        *(_head(_WHOLE, key) for key in ("places", "parties", "members", "nodes", "equipment")),
    ],
    one,
    longest=4 * 1024,
)
