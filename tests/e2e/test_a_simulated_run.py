"""`tocsin sim` as a command: what it reports, how it ends, and what it says when it cannot."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = ROOT / "tests/e2e/scenarios/five-hazards.toml"
RUN_S = 180
"""The most that one run may take; who runs two of them must be given twice as long, or says less of what hung."""
EXPECTED = {
    ("b1/lift-1", "lift.entrapment", "lift_maintainer"),
    ("b2/gate-2", "access.held-open", "property_manager"),
    ("b2/smoke-1", "fire.smoke", "fire_control_room"),
    ("b2/lift-1", "lift.door-fault", "lift_maintainer"),
    ("b1/gate-1", "access.forced-open", "property_manager"),
}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "deploy.cli", "sim", *map(str, arguments)]


def sim(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=RUN_S, check=False)


@pytest.mark.slow
@pytest.mark.timeout(2 * RUN_S + 30)
def test_two_runs_of_one_seed_answer_everything_and_have_the_same_truth(tmp_path):
    truths = []
    for again, run in enumerate(("first", "second")):
        data, out = tmp_path / run, tmp_path / f"{run}.json"
        done = sim("--scenario", SCENARIO, "--seed", "5", "--report", out, "--data", data, *(["--json"] * again))
        report = json.loads(out.read_text("utf-8"))
        assert done.returncode == 0, done.stdout + done.stderr
        assert report["good"] is True
        assert report["seed"] == 5
        assert {(each["equipment"], each["hazard"], each["lead"]) for each in report["answers"]} == EXPECTED
        assert all(each["detected"] and each["lead_right"] for each in report["answers"])
        assert (report["false_tasks"], report["missed"], report["unfinished"]) == ([], [], [])
        assert report["nuisances"] == 2
        books = report["readings"]
        assert books["sent"] == books["stored"] > 0
        assert (books["lost"], books["refused"], books["void"]) == (0, 0, 0)
        assert report["pace"]["asked"] == 10
        assert 0 < report["pace"]["reached"] <= 10.1
        assert (json.loads(done.stdout) == report) if again else ("0 lost" in done.stdout)
        truths.append((data / "truth.jsonl").read_text("utf-8"))
    assert truths[0] == truths[1]


def test_ctrl_c_ends_it_in_order_with_a_sentence(tmp_path):
    truth = tmp_path / "truth.jsonl"
    with subprocess.Popen(
        command("--scenario", SCENARIO, "--speed", 1, "--data", tmp_path),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            deadline = time.monotonic() + 60
            while not (truth.exists() and truth.read_text("utf-8")):
                assert time.monotonic() < deadline, "it did not begin"
                assert running.poll() is None
                time.sleep(0.1)
            running.send_signal(signal.SIGINT)
            _, said = running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode == 130
    assert "Stopped before the scenario was over" in said
    assert "Traceback" not in said


def test_a_report_that_could_not_be_written_is_refused_before_the_run(tmp_path):
    done = sim("--scenario", SCENARIO, "--report", tmp_path / "nowhere" / "report.json")
    assert done.returncode == 2
    assert "its folder does not exist" in done.stderr


@pytest.mark.parametrize(
    ("scenario", "speed", "said"),
    [
        (None, "10", "cannot be read (No such file or directory)"),
        ("nodes = [", "10", "is not TOML"),
        ('nodes = ["a.toml"]\nfaults = [{ at = 1.0, kind = "smok", equipment = "b1/smoke-1" }]', "10", "faults.0.kind"),
        ('nodes = ["a.toml"]', "0", "--speed"),
    ],
)
def test_what_cannot_be_played_is_said_in_a_sentence(tmp_path, scenario, speed, said):
    path = tmp_path / "scenario.toml"
    if scenario is not None:
        path.write_text(scenario, encoding="utf-8")
    done = sim("--scenario", path, "--speed", speed, "--data", tmp_path / "data")
    assert done.returncode == 2
    assert said in " ".join(re.sub(r"[│╭╮╰╯─]|\x1b\[[0-9;]*m", " ", done.stderr).split())
    assert "Traceback" not in done.stderr
