"""Everything as a file: complete, streamed, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import httpx
import pytest

from cloud.domain.community.names import Names
from cloud.entrypoints.api import exported_matters, files, reading_export
from tests.integration.cloud_web.house import built_in
from tests.integration.cloud_web.serving import served

API = "/api/v1/exports"


def rows(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


def test_incidents_and_tasks_are_all_there_once(house, program, monkeypatch):
    monkeypatch.setattr(exported_matters, "STRETCH", 2)
    known = []
    for equipment in ("b3/lift-2", "b1/lift-1"):
        for hazard in ("access.held-open", "lift.door-fault"):
            known.append(house.goes_wrong(hazard, equipment))
            house.goes_right(hazard, equipment)
    house.time_passes(timedelta(hours=2))
    known.append(house.goes_wrong("fire.smoke", "b1/detector-7a"))
    told = rows(program.get(f"{API}/tasks"))
    assert sorted(row["task_id"] for row in told) == sorted(known)
    as_json = program.get(f"{API}/incidents", params={"format": "json"}).json()
    assert {row["incident_id"] for row in as_json} == {row["incident_id"] for row in told}
    smoke = next(row for row in as_json if row["hazard"] == "fire.smoke")
    assert (smoke["life_safety"], smoke["address_zh"]) == (True, "1号楼7层走廊烟感")


def test_an_empty_export_is_a_whole_file(program):
    assert rows(program.get(f"{API}/tasks")) == []
    assert program.get(f"{API}/tasks", params={"format": "json"}).json() == []


@pytest.mark.parametrize("nasty", ["=1+1", "+86 1", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_what_a_spreadsheet_would_compute_is_shown_as_text(nasty):
    text = "".join(files._csv(("a",), [{"a": nasty}]))
    assert next(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))["a"] == f"'{nasty}"


def test_names_of_a_register_reach_no_spreadsheet_as_formulas(tmp_path):
    nasty = Names('=HYPERLINK("http://evil")', "=cmd|' /C calc'!A0")
    with built_in(tmp_path, names={"b3/lift-2": nasty}) as house, served(house) as address:
        headers = {"authorization": f"Bearer {house.api_token_of('manager')}"}
        with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=30) as client:
            house.goes_wrong("lift.door-fault", "b3/lift-2")
            (row,) = rows(client.get(f"{API}/incidents"))
    assert not any(value.startswith(("=", "+", "-", "@")) for value in row.values())


def test_numbers_stay_numbers(house, program):
    house.sensor_reports("b3/lift-2/speed", [(timedelta(seconds=9), -1.5), (timedelta(seconds=8), 2.0)])
    now = house.clock.now()
    span = {"point": "b3/lift-2/speed", "from": (now - timedelta(hours=1)).isoformat(), "to": now.isoformat()}
    told = rows(program.get(f"{API}/readings", params=span))
    assert [row["value"] for row in told] == ["-1.5", "2.0"]
    assert datetime.fromisoformat(told[0]["time"]) == now.astimezone(UTC) - timedelta(seconds=9)
    assert [row["value"] for row in program.get(f"{API}/readings", params={**span, "format": "json"}).json()] == [
        -1.5,
        2.0,
    ]


def test_readings_come_whole_over_many_stretches(house):
    course = [(timedelta(seconds=100 - n // 3), float(n)) for n in range(60)]
    house.sensor_reports("b3/lift-2/speed", course)

    class Short:
        """The readings as an engine gives them that gives little at once."""

        def read(self, estate, point, start, end):
            return house.readings.read(estate, point, start, end, limit=7)

    told = list(reading_export._readings(Short(), "example", "b3/lift-2/speed", 0, 2**53))
    assert [row["value"] for row in told] == [value for _, value in course]


@pytest.mark.parametrize("query", ["from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from=x&to=y", "format=xls"])
def test_a_range_or_form_that_is_none_is_refused(program, query):
    assert program.get(f"{API}/readings?point=p&{query}").status_code == 422
