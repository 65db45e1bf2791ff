"""`python -m cloud` as people and supervisors meet it."""

import os
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from cloud.adapters.timeseries.journal.store import Journal

TESTS = os.environ | {"PYTHONUNBUFFERED": "1"}


def cloud(*arguments, **options):
    command = [sys.executable, "-m", "cloud", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=TESTS, check=False, **options)


@pytest.fixture
def running(tmp_path):
    """A cloud without a broker, and its address."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        command = [sys.executable, "-m", "cloud", "run", "--data", str(tmp_path / "data"), "--port", "0"]
        process = subprocess.Popen(
            [*command, "--broker-port", str(nobody.getsockname()[1])],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=TESTS,
        )
        first = process.stdout.readline()
        url = next((word for word in first.split() if word.startswith("http")), None)
        assert url, process.stderr.read()
        deadline = time.monotonic() + 20
        while True:
            try:
                httpx.get(f"{url}/healthz").raise_for_status()
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline, "it does not answer"
                time.sleep(0.05)
        yield process, url
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_without_a_broker_it_serves_says_so_once_and_is_not_ready(running):
    process, url = running
    deadline = time.monotonic() + 10
    while "no broker answers" not in httpx.get(f"{url}/readyz").text:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert httpx.get(f"{url}/readyz").status_code == 503
    assert httpx.get(f"{url}/sign-in").status_code == 200
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors.count("no broker answers") == 1
    assert "Traceback" not in errors


def test_a_port_in_use_is_said_with_what_to_do(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = cloud("run", "--data", str(tmp_path), "--port", str(port))
    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_estate_is_loaded_and_a_member_let_in(tmp_path):
    data = str(tmp_path / "data")
    assert cloud("db", "upgrade", "--data", data).returncode == 0
    loaded = cloud("estate", "load", "deploy/example_estate/estate.yaml", "--data", data)
    assert "loaded, version 1" in loaded.stdout, loaded.stderr
    again = cloud("estate", "load", "deploy/example_estate/estate.yaml", "--data", data)
    assert "unchanged" in again.stdout
    link = cloud("member", "link", "duty-manager", "--data", data, "--port", "8123")
    assert link.stdout.startswith("http://127.0.0.1:8123/enter/"), link.stderr
    nobody = cloud("member", "link", "nobody", "--data", data)
    assert nobody.returncode == 2
    assert "nobody" in nobody.stderr


def test_settings_that_are_wrong_are_named(tmp_path):
    (tmp_path / "cloud.toml").write_text("[web]\nprot = 1\n")
    done = cloud("run", "--config", str(tmp_path / "cloud.toml"))
    assert done.returncode == 2
    assert "web.prot" in done.stderr
    assert "Traceback" not in done.stderr


def test_projecting_again_needs_an_engine_and_readings(tmp_path):
    done = cloud("reproject", "--data", str(tmp_path))
    assert (done.returncode, "[influxdb]" in done.stderr) == (2, True)
    config = tmp_path / "cloud.toml"
    config.write_text('[influxdb]\nurl = "http://127.0.0.1:1"\norg = "o"\nbucket = "b"\ntoken = "0123456789abcdef"\n')
    done = cloud("reproject", "--data", str(tmp_path), "--config", str(config))
    assert (done.returncode, "--data" in done.stderr, "Traceback" in done.stderr) == (2, True, False)
    Journal(tmp_path / "readings.db").close()
    done = cloud("reproject", "--data", str(tmp_path), "--config", str(config))
    assert (done.returncode, done.stdout.startswith("0 readings")) == (0, True), done.stderr
