"""The real program, serving: backed up beside it, killed, and started again from the backup."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import httpx
import pytest
from typer.testing import CliRunner

from cloud.adapters.sql import SqlUnitsOfWork
from deploy.commandline.root import app
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state


def start(data):
    """A cloud without a broker, and its address."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", "cloud", "run", "--data", str(data), "--port", "0", "--broker-port",
             str(nobody.getsockname()[1])],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        url = next((word for word in process.stdout.readline().split() if word.startswith("http")), None)
        assert url
        deadline = time.monotonic() + 20
        while True:
            try:
                httpx.get(f"{url}/healthz").raise_for_status()
            except httpx.TransportError:
                assert time.monotonic() < deadline, "it does not answer"
                time.sleep(0.05)
            else:
                return process, url


def tocsin(*words):
    return CliRunner().invoke(app, [*map(str, words)])


@pytest.fixture
def data(tmp_path):
    engine = fresh_state(tmp_path / "data" / "state.db")
    Scene(SqlUnitsOfWork(engine)).rings("access.forced-open", "b1/door")
    engine.dispose()
    return tmp_path / "data"


def test_it_is_backed_up_while_it_serves_and_lives_again_from_that(data, tmp_path):
    process, url = start(data)
    try:
        done = tocsin("db", "backup", tmp_path / "backup", "--data", data)
        assert done.exit_code == 0, done.stderr
        refused = tocsin("db", "restore", tmp_path / "backup", "--data", data, "--replace")
        assert refused.exit_code == 2
        assert "A cloud runs on" in refused.stderr
        assert httpx.get(f"{url}/healthz").is_success
    finally:
        process.kill()
        process.communicate()
    for file in data.glob("*.db*"):
        file.unlink()
    done = tocsin("db", "restore", tmp_path / "backup", "--data", data, "--replace")
    assert done.exit_code == 0, done.stderr
    process, url = start(data)
    try:
        assert httpx.get(f"{url}/healthz").is_success
        assert httpx.get(f"{url}/public/example/ledger").is_success
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 0
    exported = tocsin("ledger", "export", "example", "--to", tmp_path / "ledger.jsonl", "--data", data)
    assert exported.exit_code == 0, exported.stderr
    assert tocsin("ledger", "verify", tmp_path / "ledger.jsonl").exit_code == 0
