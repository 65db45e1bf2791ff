"""`tocsin backtest` beside a node's configuration and its readings."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.timeseries import SECOND, Origin, StoredBatch, to_micros
from deploy.commandline.root import app
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    engine = fresh_state(folder / "state.db")
    Scene(SqlUnitsOfWork(engine))
    engine.dispose()
    now = to_micros(datetime.now(UTC))
    samples = [
        ("b1/smoke-1/obscuration-per-metre", now - at * SECOND, value, 0)
        for at, value in ((900, 0.0), (600, 40.0), (300, 0.0))
    ]
    with closing(Journal(folder / "readings.db")) as journal:
        journal.record([StoredBatch(Origin("example", "b1-node", "box"), 1, b"1", samples)], now)
    return folder


@pytest.fixture
def document(tmp_path):
    detector = {
        "kind": "smoke_detector",
        "id": "b1/smoke-1",
        "alarm_relay": {"pin": 5},
    }
    ours = {
        "id": "b1/smoke-1/ours",
        "equipment": "b1/smoke-1",
        "hazard": "fire.smoke",
        "when": {"kind": "limit", "point": "obscuration-per-metre", "above": 30.0},
    }
    file = tmp_path / "b1.json"
    file.write_text(json.dumps({"version": 2, "equipment": [detector], "rules": [ours]}))
    return file


def backtest(data, *words):
    return CliRunner().invoke(app, ["backtest", *map(str, words), "--data", str(data)])


def test_a_rule_of_a_file_is_run_over_what_was_stored(data, document):
    done = backtest(data, "b1-node", document, "--days", "1", "--rule", "b1/smoke-1/ours", "--json")
    assert done.exit_code == 0, done.stderr
    (tried,) = json.loads(done.stdout)["rules"]
    assert tried["rule"] == "b1/smoke-1/ours"
    assert tried["in_force"] is None
    assert tried["proposed"]["raised"] == 1
    assert tried["proposed"]["stood_s"] == 300
    assert tried["proposed"]["alarms"][0]["value"] == 40.0
    shown = backtest(data, "b1-node", document, "--days", "1", "--rule", "b1/smoke-1/ours", "--list", "3")
    assert "obscuration-per-metre = 40.0, limit 30" in shown.stdout
    assert "0 alarms in force, 1 as proposed" in shown.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["b1-node"], "Give a FILE with rules"),
        (["nobody", "FILE"], "nobody"),
        (["b1-node", "FILE", "--rule", "none"], "There is no rule none"),
        (["b1-node", "nowhere.json"], "cannot be read"),
    ],
)
def test_what_cannot_be_run_is_said(data, document, words, said):
    done = backtest(data, *(document if word == "FILE" else word for word in words))
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_document_that_is_none_is_told_fault_by_fault(data, tmp_path):
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({"version": "x", "equipment": [{"kind": "lift"}]}))
    done = backtest(data, "b1-node", wrong)
    assert done.exit_code == 2
    assert "is no configuration of a node" in done.stderr
    assert "version" in done.stderr


def test_without_any_reading_it_says_where_there_are_none(data, document):
    (data / "readings.db").unlink()
    done = backtest(data, "b1-node", document)
    assert done.exit_code == 2
    assert "no reading was stored yet" in done.stderr
