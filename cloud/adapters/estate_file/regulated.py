"""The lists of regulated work: the words by which it is known, and in each country the law on which each row rests."""

from __future__ import annotations

from importlib import resources
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter

from cloud.adapters.estate_file.documents import Id, Named
from cloud.adapters.estate_file.yaml_text import read_yaml
from cloud.domain.community.names import Names
from cloud.domain.exchange.regulated import RegulatedList, RegulatedLists, RegulatedWork
from cloud.errors import Invalid
from schemas.base import DocumentModel

Phrases = list[Annotated[str, Field(min_length=1)]]


class WordsDocument(Named):
    """By what one sort of work is known, whatever the country."""

    id: Id
    capabilities: list[Id]
    things: Phrases = []
    phrases: Phrases = []
    deeds: Phrases = []


class WorkDocument(WordsDocument):
    """A row that only one country has."""

    basis: Named


class ListDocument(DocumentModel):
    deeds: Phrases
    rows: list[WordsDocument]


class LawDocument(DocumentModel):
    """`bases`: on what law the rows that hold there rest, by id. `rows`: what is regulated there besides."""

    bases: dict[str, Named]
    rows: list[WorkDocument] = []


_LIST: Final = TypeAdapter(ListDocument)
_LAW: Final = TypeAdapter(LawDocument)
_COUNTRIES: Final = {"CN": "regulated_cn.yaml", "GB": "regulated_gb.yaml"}
NO_LIST: Final = Names(
    "该国家或地区尚无清单，为安全起见不在此发布（请按当地规定确认）",
    "there is no list for this country yet, so for safety it stays off the board (confirm locally)",
)


def regulated_work() -> RegulatedLists:
    """The published lists, by country. Where there is none, every row is refused all the same, and says so."""
    words = _LIST.validate_python(_own("regulated_work.yaml"))
    of = {region: _of(words, _LAW.validate_python(_own(name)), name) for region, name in _COUNTRIES.items()}
    return RegulatedLists(of, RegulatedList(tuple(_row(row, NO_LIST) for row in words.rows), tuple(words.deeds)))


def _of(words: ListDocument, law: LawDocument, name: str) -> RegulatedList:
    unknown = sorted(law.bases.keys() - {row.id for row in words.rows})
    if unknown:
        problems = [
            f"bases: there is no row {id_!r} in regulated_work.yaml; correct it or write it under rows"
            for id_ in unknown
        ]
        raise Invalid(f"The list of regulated work in {name} does not hold together.", problems)
    common = [_row(row, _names(law.bases[row.id])) for row in words.rows if row.id in law.bases]
    return RegulatedList((*common, *(_row(row, _names(row.basis)) for row in law.rows)), tuple(words.deeds))


def _row(row: WordsDocument, basis: Names) -> RegulatedWork:
    return RegulatedWork(
        row.id, _names(row), basis, frozenset(row.capabilities), tuple(row.things), tuple(row.phrases), tuple(row.deeds)
    )


def _names(document: Named) -> Names:
    return Names(document.zh, document.en)


def _own(name: str) -> Any:
    text = resources.files("cloud.adapters.estate_file").joinpath(name).read_text(encoding="utf-8")
    return read_yaml(text, name)
