"""`tocsin node config push` and `pushed`, as whoever sits at the machine meets them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.fleet.configure_node import ConfigureNode
from cloud.commands.rollouts import app
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

TEXT = "rules: [{rule: held-open, set: {on_delay_s: 90}}]\n"


@pytest.fixture
def scene(tmp_path):
    (tmp_path / "data").mkdir()
    engine = fresh_state(tmp_path / "data" / "state.db")
    scene = Scene(SqlUnitsOfWork(engine))
    door = {"id": "b1/door", "kind": "access_gate", "contact": {"pin": 4}}
    ConfigureNode(scene.units, scene.clock).put("example", "b1-node", {"equipment": [door]}, None)
    yield scene
    engine.dispose()


@pytest.fixture
def config(scene, tmp_path):
    (tmp_path / "change.yaml").write_text(TEXT, encoding="utf-8")

    def command(*words, file=True):
        given = [str(tmp_path / "change.yaml")] if file else []
        return CliRunner().invoke(app, [words[0], "example", *given, *words[1:], "--data", str(tmp_path / "data")])

    return command


def versions(scene):
    with scene.units.reading() as uow:
        return [one.version for one in uow.configurations.of("example", "b1-node")]


def test_what_would_change_is_shown_and_nothing_is_sent_until_it_is_said(scene, config):
    done = config("push", "--node", "b1-node", "--check")
    assert done.exit_code == 0, done.output
    assert "b1-node: version 1 would become" in done.output
    assert "+   on_delay_s: 90" in done.output
    assert config("push", "--node", "b1-node").exit_code == 1, "nobody said yes"
    assert versions(scene) == [1]


def test_it_is_sent_once_and_followed(scene, config):
    done = config("push", "--node", "b1-node", "--json", "--reason", "less noise")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [(one["node"], one["version"]) for one in told["nodes"]] == [("b1-node", 2)]
    assert json.loads(config("pushed", "--json", file=False).stdout) == told
    assert "says the same already" in config("push", "--node", "b1-node", "--yes").output
    assert versions(scene) == [2, 1]


def test_where_one_cannot_take_it_none_is_sent_it_unless_it_is_left_out(scene, config):
    done = config("push", "--kind", "access_gate", "--yes")
    assert (done.exit_code, "b2-node: cannot take it" in done.output) == (1, True)
    assert versions(scene) == [1]
    assert config("push", "--kind", "access_gate", "--yes", "--leave-out-faulty").exit_code == 0
    assert versions(scene) == [2, 1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("push", "--kind", "boat"), "not 'boat'"),
        (("push", "--node", "none"), "There is no node 'none'"),
        (("push", "--agent", "9.9"), "no node is chosen"),
    ],
)
def test_what_was_wrong_is_said(config, words, said):
    done = config(*words)
    assert (done.exit_code, said in done.output) == (2, True), done.output
