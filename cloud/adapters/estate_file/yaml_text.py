"""YAML as text: read safely, and what is wrong in it told with its line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml
from pydantic import ValidationError

from cloud.adapters.estate_file.lines import lines_of
from cloud.adapters.estate_file.loading import MOST_SAID, load
from cloud.domain.community.faults import Fault, fault, under
from cloud.domain.community.value_faults import value_fault
from cloud.errors import Invalid


def read_yaml(text: str, name: str) -> Any:
    try:
        return load(text)
    except yaml.YAMLError as error:
        mark, what = getattr(error, "problem_mark", None), getattr(error, "problem", None) or str(error)
        said = fault("not-yaml", what=str(what)[:MOST_SAID])
        problem = said if mark is None else under(said, f"line {mark.line + 1}: ", f"第 {mark.line + 1} 行：")
        raise Invalid(f"{name} is no YAML.", [problem]) from error


def problems_of(error: ValidationError, raw: Any, text: str, *, columns: bool = False) -> list[Fault]:
    """Each fault with its line and the way to it: `line 12: equipment[2] 'b1/lift-1'.place: …`."""
    found, lines = [], lines_of(text)
    for wrong in error.errors(include_url=False):
        where, here = "", raw
        for step in wrong["loc"]:
            here = _inside(here, step)
            where += f"[{step}]" if isinstance(step, int) else f".{step}" if where else str(step)
            if isinstance(step, int) and isinstance(here, dict) and "id" in here:
                where += f" {here['id']!r}"
        way = tuple(wrong["loc"])
        line, column = lines.at(way), lines.column_at(way) if columns else None
        en = f"line {line}{f', column {column}' if column else ''}: " if line else ""
        zh = f"第 {line} 行{f'第 {column} 列' if column else ''}：" if line else ""
        found.append(under(value_fault(wrong), f"{en}{where or 'the file'}: ", f"{zh}{where or '文件'}："))
    return found


def _inside(here: Any, step: int | str) -> Any:
    if isinstance(here, dict):
        return here.get(step)
    if isinstance(here, list) and isinstance(step, int) and step < len(here):
        return here[step]
    return None


@contextmanager
def located(text: str) -> Iterator[None]:
    """What is found to be wrong within, with the line of the text at which it stands."""
    try:
        yield
    except Invalid as error:
        lines = lines_of(text)
        raise Invalid(str(error).partition("\n")[0], [lines.located(problem) for problem in error.problems]) from error
