"""The electoral roll as a table."""

from __future__ import annotations

from cloud.adapters.estate_file.roll_table import RollTable
from cloud.errors import Invalid
from tests.fuzz.target import Target, said

HEAD = "unit,owner,area_m2,member\n"


def one(data: bytes) -> bool:
    try:
        RollTable().read("roll.csv", data)
    except Invalid as error:
        for problem in error.problems:
            said(problem)
        return False
    return True


TARGET = Target(
    [
        f"{HEAD}1-101,o1,88.50,guard\n1-102,o1,90,\n".encode(),
        "房号;业主;面积\n1-101;o1;88,5\n".replace("88,5", "88.5").encode("gb18030"),
    ],
    one,
)
