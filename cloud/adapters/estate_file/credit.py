"""The credit table of an estate's YAML, as people write it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from cloud.adapters.estate_file.documents import CreditDocument, EstateFile
from cloud.adapters.estate_file.yaml_text import problems_of, read_yaml
from cloud.domain.community.names import Names
from cloud.domain.credit.table import CreditTable, Row, StepWorth
from cloud.domain.credit.together import Together
from cloud.errors import Invalid

_CREDIT: Final = TypeAdapter(CreditDocument)


def credit_table_of(path: Path) -> CreditTable | None:
    """The table in an estate's file, its key `credit`; None where it has none. Raises Invalid, which names line and remedy.

    Its version is given when it is published.
    """
    text = path.read_text(encoding="utf-8-sig")
    raw = read_yaml(text, str(path))
    try:
        document = EstateFile.model_validate(raw)
    except ValidationError as error:
        raise Invalid(f"The estate's file {path} is not as expected.", problems_of(error, raw, text)) from error
    return None if document.credit is None else _table(document.credit)


def default_credit_table() -> CreditTable:
    """The table of a new estate."""
    return _table(_CREDIT.validate_python(read_yaml(_own("default_credit.yaml"), "the default credit table")))


def _own(name: str) -> str:
    return resources.files("cloud.adapters.estate_file").joinpath(name).read_text(encoding="utf-8")


def _table(document: CreditDocument) -> CreditTable:
    rows = tuple(
        Row(
            row.act,
            Names(row.zh, row.en),
            tuple(StepWorth(step.step, step.points, Names(step.zh, step.en)) for step in row.steps),
            row.daily_cap,
        )
        for row in document.acts
    )
    together = tuple(Together(tuple(one.capabilities), one.points, Names(one.zh, one.en)) for one in document.together)
    return CreditTable(rows, document.daily_cap, together=together)
