"""Whatever an import or the matrix editor refuses is Chinese for Chinese readers: each value is spoilt in turn, none stays English."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from cloud.adapters.estate_file.documents import EstateFile
from cloud.adapters.estate_file.files import Files
from cloud.adapters.estate_file.reading import description_of
from cloud.adapters.estate_file.sheet import YamlSheet
from cloud.adapters.estate_file.tables import COLUMNS
from cloud.adapters.estate_file.yaml_text import problems_of
from cloud.application.estates.import_estate import GivenFile
from cloud.domain.community.faults import Fault
from cloud.domain.community.value_faults import UNKNOWN
from cloud.errors import Invalid
from tests.fakes.refusals import faults_of

SENTENCE = re.compile(r"[A-Za-z]{2,}(?: [a-z]{2,}){2,}")
"""Three words in a row, none of them a key, a value or a name."""

DUTY: dict[str, Any] = {
    "id": "lifts", "hazards": ["lift.*"], "place": "s/e", "severity": "minor", "lead": "party:firm", "tto": "3 min", "ttr": "1 h",
    "supports": {"property_manager": {"accept": "1 min", "arrive": "2 min", "finish": "1 h"}}, "observers": ["street_office"],
    "arrive": "30 min", "needs": ["sensor"], "resolve_delay": "5 min", "pause_reasons": ["parts"], "call_sheet": ["119"],
    "hours": {"days": [1, 2], "start": "08:00", "end": "20:00"}, "calendar": "working-days", "basis": {"zh": "甲", "en": "A", "seen": True},
    "ladder": [
        {"after": "1 min", "unless": "acknowledged", "call": ["party:firm/responder", "roster:week", "member:tech"], "every": "5 min",
         "times": 2, "importance": "high", "multi_ack": True, "call_sheet": True},
    ],
}  # fmt: skip
WHOLE: dict[str, Any] = {
    "estate": {
        "id": "e", "place": "s/e", "fallback": "firm", "arbiter": "firm", "zh": "甲", "en": "A", "time_zone": "Asia/Shanghai",
        "arbitrate_within": "30 min", "reopen_window": "30 min",
        "calendar": {"region": "CN", "holidays": ["2026-12-24"], "workdays": ["2026-12-26"], "working_from": "09:00", "working_until": "18:00"},
    },
    "places": [
        {"id": "s", "kind": "street", "zh": "街", "en": "Street"}, {"id": "s/e", "kind": "estate", "zh": "区", "en": "Estate"},
        {"id": "s/e/b", "kind": "building", "zh": "楼", "en": "Building"},
    ],
    "parties": [
        {"id": "firm", "kind": "property_manager", "zh": "甲", "en": "A", "serves": ["s"], "phone": "010 1234", "capabilities": ["lift-rescue"],
         "hours": {"days": [1], "start": "08:00", "end": "20:00"}},
        {"id": "street", "kind": "street_office", "zh": "乙", "en": "B", "serves": ["s"]},
        {"id": "brigade", "kind": "fire_rescue", "zh": "消防", "en": "Brigade", "serves": ["s"], "phone": "119"},
    ],
    "members": [
        {"id": "tech", "party": "firm", "role": "responder", "zh": "甲", "en": "A", "language": "zh",
         "also": [{"party": "street", "role": "manager"}], "contacts": [{"channel": "sms", "address": "+8612345678"}]},
    ],
    "rosters": [
        {"id": "week", "party": "firm", "zh": "值班", "en": "Week",
         "rotations": [{"participants": ["tech"], "starts_on": "2026-11-02", "handoff": "08:00", "every_days": 7, "only": "every_day"}],
         "shifts": [{"members": ["tech"], "days": [1], "start": "08:00", "end": "20:00", "since": "2026-11-02", "until": "2026-12-02"}]},
    ],
    "nodes": [{"id": "n", "place": "s/e/b", "zh": "点", "en": "Node"}],
    "equipment": [
        {"id": "b/lift", "kind": "lift", "place": "s/e/b", "node": "n", "zh": "梯", "en": "Lift", "maintained_on": "2026-11-02",
         "inspected_until": "2026-12-02"},
    ],
    "duties": [DUTY],
}  # fmt: skip
STRANGE: Sequence[Any] = (
    None, True, -1, 10**30, 2.5, "x", "", "Not A Name " * 12, "no-such-thing", "9999-99-99", [], ["a"], {}, {"colour": "red"}, [{"a": 1}],
)  # fmt: skip
CELLS: Sequence[str] = (
    "x",
    "-",
    "no such thing at all",
    "9999-99-99",
    "=1+1",
    "party:nobody",
    "member:nobody",
    "a;b",
    "soon",
    "99",
)
ROWS = {
    "places": ("s/e/c", "building", "楼", "C"),
    "parties": ("other", "property_manager", "甲", "A", "s", "010 1234", "lift-rescue", "1;2", "08:00", "20:00"),
    "members": ("new", "firm", "responder", "甲", "A", "zh", "street:manager"),
    "nodes": ("m", "s/e/b", "点", "M"),
    "equipment": ("b/other", "lift", "s/e/b", "n", "梯", "L", "2026-11-02", "2026-12-02"),
    "duties": ("lifts", "", "lift.*", "s/e", "minor", "party:firm", "-", "-", "3 min", "1 h", "-", "5 min", "甲", "A"),
}


def refused(*files: tuple[str, str]) -> list[Fault]:
    """None, where they are taken."""
    try:
        read = Files().read([GivenFile(name, content.encode()) for name, content in files], "e")
        if read.whole:
            read.whole.register(1)
    except Invalid as error:
        return faults_of(error)
    return []


def refused_estate(whole: dict[str, Any]) -> list[Fault]:
    """The same of what a file would say, without writing and reading it."""
    try:
        description_of(EstateFile.model_validate(whole), externals=False).register(1)
    except ValidationError as error:
        return problems_of(error, whole, "")
    except Invalid as error:
        return faults_of(error)
    return []


def assert_chinese(found: Sequence[Fault]) -> None:
    for one in found:
        assert not SENTENCE.search(re.sub(r"'[^']*'", "", one.of("zh"))), one.of("zh")
        assert not one.of("zh").endswith(UNKNOWN), (one, "has a code of pydantic that nobody has put into Chinese")
        assert re.search("[\u4e00-\u9fff]", one.of("zh")), one.of("zh")


def ways(value: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if way:
        yield way
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from ways(part, (*way, key))


def spoilt(whole: Any, way: tuple[str | int, ...]) -> Iterator[Any]:
    *path, last = way
    for value in (*STRANGE, ...):
        changed = deepcopy(whole)
        part = changed
        for key in path:
            part = part[key]
        if value is ...:
            del part[last]
        else:
            part[last] = value
        yield changed


def test_the_estate_that_is_spoilt_is_sound():
    assert refused(("estate.yaml", json.dumps(WHOLE))) == []


@pytest.mark.parametrize("way", list(ways({**WHOLE, "duties": []})), ids=lambda way: ".".join(map(str, way)))
def test_each_value_of_an_estate_is_refused_in_chinese(way):
    found = [fault for one in spoilt(WHOLE, way) for fault in refused_estate(one)]
    assert found, "whatever stands there is taken"
    assert_chinese(found)


@pytest.mark.parametrize("way", list(ways([DUTY]))[1:], ids=lambda way: ".".join(map(str, way)))
def test_each_value_of_a_matrix_is_refused_in_chinese(way):
    found = [fault for rows in spoilt([DUTY], way) for fault in refused_estate({**WHOLE, "duties": rows})]
    assert found, "whatever stands there is taken"
    assert_chinese(found)


@pytest.mark.parametrize("table", sorted(COLUMNS))
def test_each_cell_of_a_table_is_refused_in_chinese(table):
    found = []
    for column in range(len(COLUMNS[table])):
        for cell in (*CELLS, ""):
            row = [cell if number == column else text for number, text in enumerate(ROWS[table])]
            found += refused((f"{table}.csv", f"{','.join(COLUMNS[table])}\n{','.join(row)}\n"))
    assert found
    assert_chinese(found)


@pytest.mark.parametrize("region", ["FR", "ZZ", "cn"])
def test_a_country_without_a_matrix_is_refused_in_chinese(region):
    whole = {key: value for key, value in WHOLE.items() if key != "duties"}
    whole["estate"] = {**WHOLE["estate"], "calendar": {"region": region}}
    found = refused(("estate.yaml", json.dumps(whole)))
    assert found
    assert_chinese(found)


@pytest.mark.parametrize("text", ["", "a: [", "- x", "- 1\n-", "{}", "a: *x", "\x00", "- {id: a, id: b", "[" * 50])
def test_what_is_no_matrix_is_refused_in_chinese(text):
    with pytest.raises(Invalid) as refusal:
        YamlSheet().read(text)
    assert_chinese([*faults_of(refusal.value), *refused(("estate.yaml", text))])
