"""What the domain can say has a word on the pages: a value without one would stand there raw, in no language."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import pytest

from cloud.domain.credit.rates import Measure
from cloud.entrypoints.web.rendering import TABLES


def enumerations(table: Mapping[str, str]) -> set[type[StrEnum]]:
    return {type(key) for key in table if isinstance(key, StrEnum)}


COVERING = {
    (name, enumeration.__name__): (table, enumeration)
    for name, table in TABLES.items()
    for enumeration in enumerations(table)
}


def test_the_tables_are_seen() -> None:
    assert ("measure", Measure.__name__) in COVERING


@pytest.mark.parametrize("which", sorted(COVERING))
def test_every_table_has_a_word_for_each_value_of_its_enumeration(which: tuple[str, str]) -> None:
    table, enumeration = COVERING[which]
    assert not [value for value in enumeration if value not in table]
