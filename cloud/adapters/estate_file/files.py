"""Files of an estate in and out: YAML and CSV beside one another, each thing remembered with the place where it was said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Final

import yaml
from pydantic import ValidationError

from cloud.adapters.estate_file.documents import (
    DutyDocument,
    EquipmentDocument,
    EstateFile,
    MemberDocument,
    NodeDocument,
    PartyDocument,
    PlaceDocument,
)
from cloud.adapters.estate_file.lines import Lines, lines_of
from cloud.adapters.estate_file.loading import MOST_SAID, load
from cloud.adapters.estate_file.reading import (
    contacts_of,
    description_of,
    duty_of,
    equipment_of,
    member_of,
    node_of,
    party_of,
    place_of,
    upkeep_of,
)  # fmt: skip
from cloud.adapters.estate_file.table_reading import read_table
from cloud.adapters.estate_file.table_writing import write_table, write_tables
from cloud.adapters.estate_file.tables import COLUMNS, SORTS, DutyRow
from cloud.adapters.estate_file.templates import write_templates
from cloud.adapters.estate_file.whole_writing import write_estate, write_rows
from cloud.adapters.estate_file.yaml_text import problems_of
from cloud.application.estates.import_estate import GivenFile
from cloud.application.estates.table_files import Form
from cloud.domain.community.faults import called, fault, first_of, in_file, under
from cloud.domain.community.names import Names
from cloud.domain.duties.amending import Amendment, DutyEdit
from cloud.domain.duties.description import EstateDescription, NamedContact
from cloud.errors import Invalid
from schemas.base import DocumentModel

_YAML: Final = {".yaml", ".yml", ".json"}


class TablesFile(DocumentModel):
    """A YAML file that adds to an estate instead of being one."""

    places: list[PlaceDocument] = []
    parties: list[PartyDocument] = []
    members: list[MemberDocument] = []
    nodes: list[NodeDocument] = []
    equipment: list[EquipmentDocument] = []
    duties: list[DutyDocument] = []


@dataclass
class ReadFiles:
    """Implements `import_estate.Read`. `at`: file, line and column of each thing by (sort, id)."""

    whole: EstateDescription | None = None
    amendment: Amendment = field(default_factory=Amendment)
    contacts: tuple[NamedContact, ...] = ()
    at: dict[tuple[str, str], tuple[str, int, int | None]] = field(default_factory=dict)
    tables: dict[tuple[str, str], str] = field(default_factory=dict)

    def located(self, problem: str) -> str:
        sort, _, rest = problem.partition(" ")
        quoted = rest.split("'")
        key = (sort, quoted[1] if len(quoted) > 1 else "")
        if key not in self.at:
            return problem
        file, line, column = self.at[key]
        if column is not None:
            return in_file(problem, file, line, column)
        word = rest.partition("': ")[2].partition(" ")[0]
        named = word if word in COLUMNS[self.tables[key]] else "id"
        return in_file(problem, file, line, named)


class Files:
    """Implements `import_estate.EstateFiles`."""

    def read(self, files: Sequence[GivenFile], estate: str | None) -> ReadFiles:
        found, rows = ReadFiles(), _Rows()
        problems: list[str] = []
        for file in files:
            try:
                if PurePath(file.name).suffix.lower() in _YAML:
                    _take_yaml(file, found, rows)
                else:
                    _take_table(file, found, rows)
            except Invalid as error:
                problems += error.problems or (str(error),)
        if problems:
            raise Invalid("The files are not as expected; nothing was taken.", first_of(problems))
        name = found.whole.estate.id if found.whole else estate or ""
        found.amendment = rows.amendment(name)
        with _placed(found):
            found.contacts = tuple(contacts_of(rows.members))
        return found

    def write_one(self, description: EstateDescription, table: str, form: Form) -> bytes:
        return write_table(description, table) if form == "csv" else write_rows(description, table, form)

    def write(self, description: EstateDescription) -> Mapping[str, bytes]:
        return {"estate.yaml": write_estate(description), **write_tables(description)}

    def templates(self) -> Mapping[str, bytes]:
        return write_templates()


@contextmanager
def _placed(found: ReadFiles) -> Iterator[None]:
    try:
        yield
    except Invalid as error:
        raise Invalid(str(error).partition("\n")[0], [found.located(one) for one in error.problems]) from error


@dataclass
class _Rows:
    """What the tables of all files say."""

    places: list[PlaceDocument] = field(default_factory=list)
    parties: list[PartyDocument] = field(default_factory=list)
    members: list[MemberDocument] = field(default_factory=list)
    nodes: list[NodeDocument] = field(default_factory=list)
    equipment: list[EquipmentDocument] = field(default_factory=list)
    duties: list[DutyRow | DutyDocument] = field(default_factory=list)

    def take(self, table: str, document: Any) -> None:
        getattr(self, table).append(document)

    def amendment(self, estate: str) -> Amendment:
        return Amendment(
            places=tuple(map(place_of, self.places)),
            parties=tuple(map(party_of, self.parties)),
            members=tuple(map(member_of, self.members)),
            nodes=tuple(map(node_of, self.nodes)),
            equipment=tuple(map(equipment_of, self.equipment)),
            upkeep=upkeep_of(estate, self.equipment),
            duties=tuple(map(_edit, self.duties)),
        )


def _take_table(file: GivenFile, found: ReadFiles, rows: _Rows) -> None:
    table = read_table(file.name, file.content)
    for row in table.rows:
        document: Any = row.document
        _note(found, (SORTS[table.name], document.id), (file.name, row.line, None), table.name)
        rows.take(table.name, document)


def _take_yaml(file: GivenFile, found: ReadFiles, rows: _Rows) -> None:
    text, raw = _read_text(file)
    raw = {"duties": raw} if isinstance(raw, list) else raw
    whole = isinstance(raw, dict) and "estate" in raw
    if whole and found.whole is not None:
        raise Invalid(f"{file.name}: a second estate.", [in_file(fault("second-estate"), file.name)])
    if whole and "credit" in raw:
        line = lines_of(text).at(("credit",))
        told = in_file(fault("credit-here"), file.name, line, 1)
        raise Invalid(f"{file.name}: it has a credit table.", [told])
    try:
        document = EstateFile.model_validate(raw) if whole else TablesFile.model_validate(raw)
    except ValidationError as error:
        told_of = raw if isinstance(raw, (dict, list)) else {}
        problems = [
            under(problem, f"{file.name}, ", f"{file.name} ")
            for problem in problems_of(error, told_of, text, columns=True)
        ]
        raise Invalid(f"{file.name} is not as expected.", problems) from error
    _note_ids(found, file.name, document, lines_of(text))
    if isinstance(document, EstateFile):
        # A file that says all duties itself says all parties as well, as an export does.
        found.whole = description_of(document, externals=document.duties is None)
        return
    for table in COLUMNS:
        for one in getattr(document, table):
            rows.take(table, one)


def _note_ids(found: ReadFiles, file: str, document: DocumentModel, lines: Lines) -> None:
    if isinstance(document, EstateFile):
        found.at["estate", document.estate.id] = (file, lines.at(("estate",)) or 1, lines.column_at(("estate",)) or 1)
        for number, roster in enumerate(document.rosters):
            way = ("rosters", number)
            found.at["roster", roster.id] = (file, lines.at(way) or 1, lines.column_at(way) or 1)
    for table in (*COLUMNS, "more_duties"):
        for number, one in enumerate(getattr(document, table, None) or ()):
            way = (table, number)
            sort = SORTS.get(table, "duty")
            place = (file, lines.at(way) or 1, lines.column_at(way) or 1)
            if isinstance(document, EstateFile):
                found.at[sort, one.id] = place  # twice in one estate the description itself notices
            else:
                _note(found, (sort, one.id), place, table)


def _note(found: ReadFiles, key: tuple[str, str], place: tuple[str, int, int | None], table: str) -> None:
    file, line, column = place
    if key in found.tables:
        before = found.at[key]
        said = fault("stands-already", sort=key[0], sort_zh=called(key[0]), name=key[1], file=before[0], line=before[1])
        raise Invalid("", [in_file(said, file, line, "id" if column is None else column)])
    found.at[key], found.tables[key] = place, table


def _read_text(file: GivenFile) -> tuple[str, Any]:
    """The text and what it says."""
    try:
        text = file.content.decode("utf-8-sig")
        return text, load(text)
    except UnicodeDecodeError as error:
        raise Invalid(f"{file.name} is no text.", [in_file(fault("no-utf8"), file.name)]) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = (mark.line + 1, mark.column + 1) if mark else ()
        said = fault("not-yaml-here", what=str(error.problem)[:MOST_SAID])
        raise Invalid(f"{file.name} is no YAML.", [in_file(said, file.name, *where)]) from error
    except yaml.YAMLError as error:
        raise Invalid(f"{file.name} is no YAML.", [in_file(fault("not-yaml-at-all", what=error), file.name)]) from error


def _edit(document: DutyRow | DutyDocument) -> DutyEdit:
    if isinstance(document, DutyDocument):
        duty = duty_of(document)
        return DutyEdit(duty.id, whole=duty)
    said = document.model_fields_set - {"id", "like", "zh", "en"}
    given = {_NAMES.get(key, key): _plain(getattr(document, key)) for key in said}
    if document.zh or document.en:
        given["basis"] = Names(document.zh or document.en or "", document.en or document.zh or "")
    return DutyEdit(document.id, document.like, given)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


_NAMES: Final = {"place": "place_id", "lead": "leads"}
