"""Reports are found by the member who made them, those of before the column too."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import text

from cloud.adapters.sql import SqlUnitsOfWork, open_engine, upgrade
from cloud.domain.incidents.report import Concern, Report
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.fakes.state import fresh_state


def report(number: int, member: str | None, estate: str = ESTATE) -> Report:
    at = START + timedelta(minutes=number)
    return Report(f"r{number}", estate, Concern.SMOKE, "b1/lift-1", "x", at, f"hash-{number}", member_id=member)


def test_a_member_finds_their_own_newest_first_and_goes_on_where_they_were(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    with SqlUnitsOfWork(engine).writing() as uow:
        for number in range(5):
            uow.reports.save(report(number, "ann"))
        uow.reports.save(report(5, "ben"))
        uow.reports.save(report(6, None))
        uow.reports.save(report(7, "ann", "another"))
        uow.commit()
    with SqlUnitsOfWork(engine).reading() as uow:
        first = uow.reports.of_member(ESTATE, "ann", 2)
        rest = uow.reports.of_member(ESTATE, "ann", 9, (first[-1].at, first[-1].id))
    engine.dispose()
    assert [one.id for one in first] == ["r4", "r3"]
    assert [one.id for one in rest] == ["r2", "r1", "r0"]


def test_those_of_before_are_found_too(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(engine, "0044")
    insert = "INSERT INTO reports (id, estate, token_hash, at, body) VALUES (:id, 'example', :id, '2026-01-01 00:00:00', :body)"
    with engine.begin() as connection:
        for number, member in enumerate(("ann", None)):
            one = report(number, member)
            body = {
                "id": one.id, "estate": ESTATE, "concern": "smoke", "equipment_id": "b1/lift-1", "place_id": "x",
                "at": one.at.isoformat(), "token_hash": one.token_hash, "member_id": member,
            }  # fmt: skip
            connection.execute(text(insert), {"id": one.id, "body": json.dumps(body)})
    upgrade(engine)
    with SqlUnitsOfWork(engine).reading() as uow:
        assert [one.id for one in uow.reports.of_member(ESTATE, "ann", 9)] == ["r0"]
    engine.dispose()
