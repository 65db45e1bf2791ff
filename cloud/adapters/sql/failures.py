"""Why something was not taken, as its two columns: `why`, the sentence, and `failure`, its code and values as JSON."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row

from cloud.domain.records.failure import coded, known_again


def columns_of(why: str | None) -> dict[str, str | None]:
    failure = coded(why)
    return {
        "why": None if why is None else str(why),
        "failure": json.dumps(failure, ensure_ascii=False, sort_keys=True) if failure else None,
    }


def fields_of(row: Row[Any]) -> dict[str, Any]:
    """The row's columns, the two as one field."""
    columns = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    failure = columns.pop("failure")
    if failure is not None:
        columns["why"] = known_again(columns["why"], json.loads(failure))
    return columns
