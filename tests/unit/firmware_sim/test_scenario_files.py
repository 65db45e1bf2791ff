"""A scenario file that is wrong is answered with the key, what was expected, and an example."""

import pytest

from firmware_sim.errors import ScenarioError, WiringError
from firmware_sim.estate import load_node
from firmware_sim.scenario import load_scenario, parse_scenario

GOOD = """
nodes = ["b1.toml"]
seed = 7
duration = 300.0
faults = [{ at = 30.0, kind = "entrapment", equipment = "b1/lift-1", for = 60.0 }]
"""


def test_a_good_file_is_read(tmp_path):
    path = tmp_path / "evening.toml"
    path.write_text(GOOD)
    scenario = load_scenario(path)
    assert (scenario.name, scenario.seed, scenario.faults[0].for_) == ("evening", 7, 60.0)


@pytest.mark.parametrize(
    ("was", "becomes", "parts"),
    [
        ('nodes = ["b1.toml"]', "", ["nodes", "is missing", 'Example: nodes = ["../nodes/b1-node.toml"]']),
        ("seed = 7", "sead = 7", ["sead", "nobody knows this key", "seed"]),
        ("seed = 7", 'seed = "x"', ["seed", "'x' will not do", "integer"]),
        ("at = 30.0", "at = -1", ["faults.0.at", "greater than or equal to 0", "at = 30.0"]),
        ('"entrapment"', '"entrapmint"', ["faults.0.kind", "'entrapmint'", "'entrapment'", "Example: kind ="]),
        ('"b1/lift-1"', '"B1 lift"', ["faults.0.equipment", "b1/lift-1"]),
        ("for = 60.0", "four = 60.0", ["faults.0.four", "nobody knows this key", "for"]),
        ("duration = 300.0", "duration = 300.0.0", ["not TOML"]),
    ],
)
def test_a_mistake_is_named(tmp_path, was, becomes, parts):
    path = tmp_path / "bad.toml"
    path.write_text(GOOD.replace(was, becomes))
    with pytest.raises(ScenarioError) as refused:
        load_scenario(path)
    for part in ("bad.toml", *parts):
        assert part in str(refused.value)


def test_a_file_that_is_not_there_is_said_so(tmp_path):
    with pytest.raises(ScenarioError, match="cannot be read"):
        load_scenario(tmp_path / "none.toml")


def test_defaults_make_a_quiet_day():
    scenario = parse_scenario({"nodes": ["n"]})
    assert scenario.faults == []
    assert scenario.background


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read"),
        ("x =", "not TOML"),
        ("[config]\nequipment = []", "'node' is missing"),
        ('[node]\nname = "n"\n[config]\nequipment = []', "config.equipment"),
    ],
)
def test_a_bad_node_file_is_explained(tmp_path, text, said):
    path = tmp_path / "node.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(WiringError, match=said):
        load_node(path)
