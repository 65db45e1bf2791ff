"""What is wrong with what somebody wrote, or why something was not taken: a code with its values, which each language says in
its own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Self

from cloud.domain.community.fault_texts import TEXTS
from cloud.domain.community.names import Language

MOST_TOLD: Final = 100
"""Of what is wrong with one file: a wrong file of a few megabytes would be answered with a hundred."""

_THINGS: Final = {
    "estate": "小区",
    "place": "位置",
    "party": "单位",
    "member": "成员",
    "node": "节点",
    "equipment": "设备",
    "roster": "值班表",
    "override": "替班",
    "duty": "职责",
}


class Fault(str):
    """The fault in English, as programs, logs and the command line have it; `zh` is the same in Chinese. `code` stands for the
    sentence without its place and its values, which are in `values`.
    """

    __slots__ = ("code", "values", "zh")

    code: str
    values: Mapping[str, Any]
    zh: str

    def __new__(cls, en: str, zh: str, code: str = "", values: Mapping[str, Any] | None = None) -> Self:
        fault = super().__new__(cls, en)
        fault.zh, fault.code, fault.values = zh, code, values or {}
        return fault

    def __deepcopy__(self, _memo: object) -> Self:
        """Itself: nothing of it changes."""
        return self

    def cut(self, most: int) -> Self:
        """At most so many characters of each language."""
        return type(self)(self[:most], self.zh[:most], self.code, self.values)

    def of(self, language: Language) -> str:
        return self.zh if language == "zh" else str(self)


def fault(code: str, about: tuple[str, str] | None = None, **values: Any) -> Fault:
    """The fault of that code, `about` a thing by its sort and id. In Chinese a value may differ: give it as `name_zh` too."""
    en, zh = TEXTS[code]
    chinese = {**values, **{key.removesuffix("_zh"): value for key, value in values.items() if key.endswith("_zh")}}
    said = Fault(en.format(**values), zh.format(**chinese), code, values)
    if about is None:
        return said
    sort, name = about
    return under(said, f"{sort} {name!r}: ", f"{_THINGS[sort]} {name!r}：")


def called(sort: str) -> str:
    """What such a thing is called in Chinese."""
    return _THINGS[sort]


def under(problem: str, en: str, zh: str) -> Fault:
    """The problem after what says where it is. One without a code is the same in every language."""
    if isinstance(problem, Fault):
        return Fault(f"{en}{problem}", f"{zh}{problem.zh}", problem.code, problem.values)
    return Fault(f"{en}{problem}", f"{zh}{problem}")


def joined(problems: Sequence[str]) -> Fault:
    """Several as one. A single one stays what it is."""
    if len(problems) == 1 and isinstance(problems[0], Fault):
        return problems[0]
    return Fault("; ".join(problems), "；".join(all_of(problems, "zh")))


def first_of(problems: Sequence[str], most: int = MOST_TOLD) -> list[str]:
    """As many as somebody reads, and how many more there are."""
    more = len(problems) - most
    return [*problems[:most], fault("and-more", more=more)] if more > 0 else list(problems)


def in_file(problem: str, file: str, line: int | None = None, column: int | str | None = None) -> Fault:
    """The problem after the file, and as far as known the line and the column, in which it stands."""
    en = file + ("" if line is None else f", line {line}") + ("" if column is None else f", column {column}")
    zh = file + ("" if line is None else f" 第 {line} 行") + ("" if column is None else f" {_column(column)}")
    return under(problem, f"{en}: ", f"{zh}：")


def _column(column: int | str) -> str:
    return f"第 {column} 列" if isinstance(column, int) else f"{column} 列"


def all_of(problems: Iterable[str], language: Language) -> list[str]:
    """Each in that language, as far as it has a code."""
    return [problem.of(language) if isinstance(problem, Fault) else problem for problem in problems]
