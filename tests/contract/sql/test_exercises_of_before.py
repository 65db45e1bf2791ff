"""Exercises that were planned before they named hazards stay what they were announced as."""

import json
from datetime import timedelta

from sqlalchemy import text

from cloud.adapters.sql import SqlUnitsOfWork, open_engine, upgrade
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE


def test_an_exercise_of_before_takes_all_that_its_points_raise_as_it_was_announced(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(engine, "0036")
    hour = timedelta(hours=1)
    body = {
        "id": "e1", "estate": ESTATE, "party_id": "property", "planned_by": "manager", "equipment": ["b1/lift-1", "b1/smoke-1"],
        "starts_at": START.isoformat(), "ends_at": (START + hour).isoformat(), "ended_at": None, "told": ["street"], "by_phone": [],
    }  # fmt: skip
    kept = "%Y-%m-%d %H:%M:%S.000000"
    row = {"starts": START.strftime(kept), "ends": (START + hour).strftime(kept), "body": json.dumps(body)}
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO exercises (id, estate, starts_at, ends_at, body) VALUES ('e1', 'example', :starts, :ends, :body)"
            ),
            row,
        )
    upgrade(engine)
    with SqlUnitsOfWork(engine).reading() as uow:
        (exercise,) = uow.exercises.running(ESTATE, START)
    engine.dispose()
    assert exercise.told == ("street",)
    assert exercise.covers("lift.entrapment", "b1/lift-1", START)
    assert exercise.covers("fire.smoke", "b1/smoke-1", START)
    assert not exercise.covers("fire.smoke", "b1/smoke-2", START)
