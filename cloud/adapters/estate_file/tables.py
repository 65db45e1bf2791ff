"""The tables an estate is written in: which columns each has, and how a row of text becomes a document and comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from cloud.adapters.estate_file.documents import (
    EquipmentDocument,
    Id,
    MemberDocument,
    NodeDocument,
    PartyDocument,
    Pattern,
    PlaceDocument,
    Span,
)
from cloud.adapters.estate_file.references import Ref
from schemas.base import DocumentModel
from schemas.hazards import Severity

COMPUTED: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "'")
"""Before a cell that begins so an apostrophe is written, or a spreadsheet computes it (OWASP, CSV injection)."""

NOTHING: Final = "-"
"""In a table of duties, where an empty cell leaves what there is: this one says that there is nothing."""


def _or_nothing(value: Any) -> Any:
    return None if value == NOTHING else value


class DutyRow(DocumentModel):
    """A row of the matrix, as much of it as goes into a table; what is left out stays as it is."""

    id: Id
    like: Id | None = None
    hazards: list[Pattern] | None = None
    place: str | None = None
    severity: Severity | None = None
    lead: list[Ref] | None = None
    supports: list[Ref] | None = None
    observers: list[Ref] | None = None
    tto: Span | None = None
    ttr: Span | None = None
    arrive: Annotated[Span | None, BeforeValidator(_or_nothing)] = None
    resolve_delay: Span | None = None
    zh: Annotated[str | None, Field(min_length=1)] = None
    en: Annotated[str | None, Field(min_length=1)] = None


COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "places": ("id", "kind", "zh", "en"),
    "parties": ("id", "kind", "zh", "en", "serves", "phone", "capabilities", "days", "start", "end"),
    "members": ("id", "party", "role", "zh", "en", "language", "also"),
    "nodes": ("id", "place", "zh", "en"),
    "equipment": ("id", "kind", "place", "node", "zh", "en", "maintained_on", "inspected_until"),
    "duties": (
        "id", "like", "hazards", "place", "severity", "lead", "supports", "observers", "tto", "ttr", "arrive",
        "resolve_delay", "zh", "en",
    ),
}  # fmt: skip
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "places": ("id", "kind"),
    "parties": ("id", "kind"),
    "members": ("id", "party"),
    "nodes": ("id", "place"),
    "equipment": ("id", "kind", "place"),
    "duties": ("id",),
}
DOCUMENTS: Final[Mapping[str, type[DocumentModel]]] = {
    "places": PlaceDocument,
    "parties": PartyDocument,
    "members": MemberDocument,
    "nodes": NodeDocument,
    "equipment": EquipmentDocument,
    "duties": DutyRow,
}
SORTS: Final[Mapping[str, str]] = {
    "places": "place",
    "parties": "party",
    "members": "member",
    "nodes": "node",
    "equipment": "equipment",
    "duties": "duty",
}
"""What one row of a table is called in messages."""

HEADINGS: Final[Mapping[str, str]] = {
    "编号": "id", "类型": "kind", "中文名": "zh", "名称": "zh", "英文名": "en", "服务范围": "serves", "电话": "phone",
    "能力": "capabilities", "星期": "days", "开始": "start", "结束": "end", "单位": "party", "角色": "role", "语言": "language",
    "兼任": "also", "位置": "place", "节点": "node", "上次维保": "maintained_on", "检验有效期": "inspected_until",
    "参照": "like", "险情": "hazards", "级别": "severity", "牵头": "lead", "协办": "supports", "知会": "observers",
    "响应时限": "tto", "处置时限": "ttr", "到场时限": "arrive", "平静时长": "resolve_delay",
}  # fmt: skip
"""How columns may be headed in Chinese."""

_LISTS: Final = {"serves", "capabilities", "hazards", "lead", "supports", "observers", "days", "also"}
_SEPARATOR: Final = re.compile(r"\s*[;；|]\s*")
_HOURS: Final = ("days", "start", "end")


def document_of(table: str, cells: Mapping[str, str]) -> dict[str, Any]:
    """The cells of a row that say something, in the shape of its document."""
    row: dict[str, Any] = {column: _value(column, text) for column, text in cells.items() if text}
    if table == "duties":
        return {key: _nothing(key, value) for key, value in row.items()}
    if "zh" in row or "en" in row:
        row.setdefault("zh", row.get("en"))
        row.setdefault("en", row.get("zh"))
    hours = {key: row.pop(key) for key in _HOURS if key in row}
    if hours:
        row["hours"] = hours
    if "also" in row:
        row["also"] = [_membership(one) for one in row["also"]]
    return row


def column_of(way: tuple[Any, ...]) -> str:
    """In which column a value of the document stands."""
    head, *rest = way or ("id",)
    return str(rest[0]) if head == "hours" and rest else str(head)


def _value(column: str, text: str) -> Any:
    return [part for part in _SEPARATOR.split(text) if part] if column in _LISTS else text


def _nothing(column: str, value: Any) -> Any:
    if value == [NOTHING]:
        return []
    return "" if column == "place" and value == NOTHING else value


def _membership(text: str) -> dict[str, str]:
    party, _, role = text.partition(":")
    return {"party": party.strip(), **({"role": role.strip()} if role.strip() else {})}
