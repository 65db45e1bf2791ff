"""A table of an estate in CSV; the first byte chooses which. What is taken goes out and comes in the same."""

from __future__ import annotations

from cloud.adapters.estate_file.files import Files
from cloud.application.estates.import_estate import GivenFile
from cloud.errors import Invalid
from tests.fakes.estate import description
from tests.fuzz.target import Target, said

FILES = Files()
TABLES = ("places", "parties", "members", "nodes", "equipment", "duties")
_WRITTEN = FILES.write(description())


def one(data: bytes) -> bool:
    if not data:
        return False
    table = TABLES[data[0] % len(TABLES)]
    try:
        FILES.read([GivenFile(f"{table}.csv", data[1:])], "example")
    except Invalid as error:
        for problem in error.problems:
            said(problem)
        return False
    return True


TARGET = Target([bytes([number]) + _WRITTEN[f"{table}.csv"] for number, table in enumerate(TABLES)], one)
