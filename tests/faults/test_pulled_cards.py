"""The card of a dead node is read on another machine and given to the cloud: the rest of it is stored, exactly once."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.e2e.programs import ROOT, until
from tests.faults.stage import stage_in

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow]


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("damage", "beside"),
    [(True, True), (True, False), pytest.param(False, True, marks=pytest.mark.soak)],
)
def test_what_a_pulled_card_holds_is_exported_and_imported_once(tmp_path, damage, beside):
    """`beside`: the cloud goes on running, and takes it from the command's hands."""
    with stage_in(tmp_path) as stage:
        node = stage.node(seed=21, speed=8.0)
        node.start(60.0, alarms=True)
        until(lambda: stage.ask("SELECT 1 FROM progress"), 30, "it is connected", node.program)
        stage.broker.kill()
        aim = len(node.diary()) + 40
        until(lambda: len(node.diary()) > aim, 30, "it works on without a network", node.program)
        node.kill()
        if not beside:
            stage.cloud.kill()
        if damage:
            with node.outbox.open("r+b") as file:
                file.seek(-100, 2)
                file.write(b"\xa5" * 100)
        before = {path: path.read_bytes() for path in node.folder.glob("outbox.db*")}
        lines = tmp_path / "card.jsonl"
        exported = _run("-m", "edge", "outbox", "export", "--path", node.outbox, "--to", lines)
        assert exported.returncode == 0, exported.stderr
        print(exported.stderr)
        assert "acknowledged" in exported.stderr
        assert before == {path: path.read_bytes() for path in node.folder.glob("outbox.db*")}, "a card is only read"
        assert json.loads(lines.read_text().splitlines()[0])["node"] == "example/b1-node"
        for round_ in range(2):
            imported = _run("-m", "cloud", "import-outbox", lines, "--data", stage.data)
            assert imported.returncode == 0, imported.stderr
            print(imported.stdout)
            assert ("A cloud runs on this data" in imported.stderr) is beside
            assert ("0 batches stored" in imported.stdout) is (round_ == 1)
        stage.balance().check()


def test_what_is_no_export_is_refused_in_a_sentence(tmp_path):
    for text, said in (
        ("", "no export"), ("{}", "no export"), ("[", "Line 1 is no JSON"), ('{"format": "tocsin-outbox"}', "version"),
        ('{"format": "tocsin-outbox", "version": 1}', "--node"),
        ('{"format": "tocsin-outbox", "version": 1, "node": "example/b1-node"}\n{"stream": 1}', "Line 2"),
    ):  # fmt: skip
        (tmp_path / "x.jsonl").write_text(text)
        refused = _run("-m", "cloud", "import-outbox", tmp_path / "x.jsonl", "--data", tmp_path / "data")
        assert refused.returncode == 2
        assert said in refused.stderr
        assert "Traceback" not in refused.stderr
    missing = _run("-m", "edge", "outbox", "export", "--path", tmp_path / "none.db")
    assert missing.returncode == 1
    assert "does not exist" in missing.stderr
