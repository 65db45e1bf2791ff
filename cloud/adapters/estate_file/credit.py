"""The credit table of an estate's YAML, and the list of regulated work, as people write them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from cloud.adapters.estate_file.documents import CreditDocument, EstateFile, Id, Named
from cloud.adapters.estate_file.reading import problems_of, read_yaml
from cloud.domain.community.names import Names
from cloud.domain.credit.table import CreditTable, Row, StepWorth
from cloud.domain.exchange.regulated import RegulatedList, RegulatedWork
from cloud.errors import Invalid
from schemas.base import DocumentModel

Phrases = list[Annotated[str, Field(min_length=1)]]


class RegulatedDocument(Named):
    id: Id
    basis: Named
    capabilities: list[Id]
    things: Phrases = []
    phrases: Phrases = []
    deeds: Phrases = []


class RegulatedListDocument(DocumentModel):
    deeds: Phrases
    rows: list[RegulatedDocument]


_CREDIT: Final = TypeAdapter(CreditDocument)
_REGULATED: Final = TypeAdapter(RegulatedListDocument)


def credit_table_of(path: Path) -> CreditTable | None:
    """The table in an estate's file, its key `credit`; None where it has none. Raises Invalid, which names line and remedy.

    Its version is given when it is published.
    """
    text = path.read_text(encoding="utf-8")
    raw = read_yaml(text, str(path))
    try:
        document = EstateFile.model_validate(raw)
    except ValidationError as error:
        raise Invalid(f"The estate's file {path} is not as expected.", problems_of(error, raw, text)) from error
    return None if document.credit is None else _table(document.credit)


def default_credit_table() -> CreditTable:
    """The table of a new estate."""
    return _table(_CREDIT.validate_python(read_yaml(_own("default_credit.yaml"), "the default credit table")))


def regulated_work() -> RegulatedList:
    """The published list of work that is for those qualified for it."""
    document = _REGULATED.validate_python(read_yaml(_own("regulated_work.yaml"), "the list of regulated work"))
    return RegulatedList(
        tuple(
            RegulatedWork(
                row.id,
                Names(row.zh, row.en),
                Names(row.basis.zh, row.basis.en),
                frozenset(row.capabilities),
                tuple(row.things),
                tuple(row.phrases),
                tuple(row.deeds),
            )
            for row in document.rows
        ),
        tuple(document.deeds),
    )


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
    return CreditTable(rows, document.daily_cap)
