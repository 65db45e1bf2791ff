"""The electoral roll as a table: a row a unit, read from any spreadsheet like the tables of an estate."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from io import StringIO
from typing import Annotated, Final

from pydantic import Field, ValidationError

from cloud.adapters.estate_file.table_reading import cell_fault, head_problems, lines_in
from cloud.application.consultation.take_roll import RollRead
from cloud.domain.community.faults import fault, in_file
from cloud.domain.consultation.roll import LARGEST_M2, Unit
from cloud.errors import Invalid
from schemas.base import DocumentModel

COLUMNS: Final = ("unit", "owner", "area_m2", "member")
NEEDED: Final = ("unit", "owner", "area_m2")
HEADINGS: Final[Mapping[str, str]] = {
    "单元": "unit", "房号": "unit", "业主": "owner", "业主编号": "owner", "专有面积": "area_m2", "面积": "area_m2", "成员": "member",
}  # fmt: skip
"""How columns may be headed in Chinese."""
_REMARKS: Final = (
    "One row a unit; the whole roll, which replaces the one before 每行一个专有部分；整份名册，将取代原有名册",
    "owner: a key of your own making, never a name; the same for all units of one owner 业主编号（勿写姓名），同一业主的各单元编号相同",
    "area_m2: exclusive area in square metres, for example 88.50 专有面积（平方米）",
    "member: who signs in as this owner, by the member's id; may stay empty 以该业主身份登录的成员编号，可空",
)

Key = Annotated[str, Field(min_length=1, max_length=128)]


class UnitRow(DocumentModel):
    """`member`: who signs in as the owner; on one of the owner's rows, or the same on several."""

    unit: Key
    owner: Key
    area_m2: Annotated[Decimal, Field(gt=0, le=LARGEST_M2, decimal_places=4, max_digits=11)]
    member: Key | None = None


class RollTable:
    """Implements `take_roll.RollTables`."""

    def read(self, file: str, content: bytes) -> RollRead:
        lines = list(lines_in(file, content))
        if not lines:
            raise Invalid(f"{file} is empty.", [in_file(fault("no-heads"), file, 1)])
        (first, heads), body = lines[0], lines[1:]
        columns = [HEADINGS.get(head.strip(), head.strip().lower()) for head in heads]
        problems = list(head_problems(file, COLUMNS, NEEDED, columns, first))
        rows: list[tuple[int, UnitRow]] = []
        for line, cells in body if not problems else ():
            if any(cells[len(columns) :]):
                problems.append(in_file(fault("no-heading"), file, line, len(columns) + 1))
                continue
            try:
                rows.append((line, _row(columns, cells)))
            except ValidationError as error:
                problems += [
                    in_file(cell_fault(wrong), file, line, str(wrong["loc"][0]))
                    for wrong in error.errors(include_url=False)
                ]
        if not problems:
            problems += [in_file(fault("roll-empty"), file)] if not rows else _contradictions(file, rows)
        if problems:
            raise Invalid(f"{file} is not as expected; nothing was taken.", problems)
        named = [(line, row.owner, row.member) for line, row in rows if row.member]
        return RollRead(
            file,
            [Unit(row.unit, row.owner, row.area_m2) for _, row in rows],
            {owner: member for _, owner, member in named},
            {member: line for line, _, member in reversed(named)},
        )

    def template(self) -> bytes:
        """With the mark by which spreadsheets in China know that this is UTF-8."""
        text = StringIO()
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        writer.writerows([f"# {remark}"] for remark in _REMARKS)
        return text.getvalue().encode("utf-8-sig")


def _row(columns: Sequence[str], cells: Sequence[str]) -> UnitRow:
    said = {column: cell for column, cell in zip(columns, cells, strict=False) if column and cell}
    return UnitRow.model_validate(said)


def _contradictions(file: str, rows: Sequence[tuple[int, UnitRow]]) -> Iterator[str]:
    """What no row shows by itself: a unit twice, an owner with two members, a member for two owners."""
    units: dict[str, int] = {}
    members: dict[str, tuple[int, str]] = {}
    owners: dict[str, tuple[int, str]] = {}
    for line, row in rows:
        before = units.setdefault(row.unit, line)
        if before != line:
            yield in_file(fault("roll-unit-twice", unit=row.unit, line=before), file, line, "unit")
        if row.member is None:
            continue
        at, member = owners.setdefault(row.owner, (line, row.member))
        if member != row.member:
            yield in_file(fault("roll-owner-shared", owner=row.owner, line=at, member=member), file, line, "member")
        at, owner = members.setdefault(row.member, (line, row.owner))
        if owner != row.owner:
            yield in_file(fault("roll-member-shared", member=row.member, line=at, owner=owner), file, line, "member")
