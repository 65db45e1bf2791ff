"""A broken node.toml and a port in use: a clear error, a code that is not zero, and nothing half started."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.programs import GRACE_S, Program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

BROKEN = """
[node]
estate = "Example Estate"
name = "b1-node"
[broker]
port = 99999
[outbox]
path = "outbox.db"
quota = 200
[config]
[[config.equipment]]
kind = "smoke_detector"
id = "b1/smoke-1"
alarm_relay = { pin = 99 }
"""


def ended(program: Program) -> tuple[int, str]:
    program.start()
    try:
        return program.ended(GRACE_S * 2), "\n".join(program.lines)
    finally:
        program.close()


def test_every_mistake_in_node_toml_is_listed_with_its_key_what_was_expected_and_an_example(tmp_path: Path):
    file = tmp_path / "node.toml"
    file.write_text(BROKEN, "utf-8")
    code, said = ended(Program("node", "-m", "edge", "run", "--config", file))
    assert code == 2
    assert "node.toml is not right yet" in said
    problems = {line.split(":")[0].strip(" -"): line for line in said.splitlines() if line.startswith("  - ")}
    assert set(problems) == {
        "node.estate",
        "broker.host",
        "broker.port",
        "outbox.quota",
        "config.equipment[0].alarm_relay.pin",
    }
    assert 'for example estate = "example"' in problems["node.estate"]
    assert 'is missing - for example host = "192.0.2.10"' in problems["broker.host"]
    assert "less than or equal to 65535, not 99999 - for example port = " in problems["broker.port"]
    assert "is no key that is known here" in problems["outbox.quota"]
    assert "less than or equal to 27, not 99 - for example pin = 17" in problems["config.equipment[0].alarm_relay.pin"]
    assert "Traceback" not in said
    assert not (tmp_path / "outbox.db").exists()


def test_what_is_no_toml_at_all_is_said_with_its_line(tmp_path: Path):
    file = tmp_path / "node.toml"
    file.write_text("[node]\nestate = example\n", "utf-8")
    code, said = ended(Program("node", "-m", "edge", "run", "--config", file))
    assert code == 2
    assert "it is no TOML" in said
    assert "line 2" in said
    assert 'for example host = "192.0.2.10"' in said
    assert "Traceback" not in said


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which another program listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_the_cloud_says_which_port_is_taken_and_what_to_do(tmp_path: Path, taken: int):
    data = tmp_path / "data"
    arguments = ("--data", data, "--port", str(taken))
    code, said = ended(Program("cloud", "-m", "deploy.cli", "cloud", "run", *arguments))
    assert code == 2
    assert f"cannot be served at 127.0.0.1:{taken} (Address already in use)" in said
    assert (
        f"Another Tocsin may be running already, or another program uses this port (`ss -ltnp 'sport = :{taken}'`"
        in said
    )
    assert "choose another port with --port (TOCSIN_WEB__PORT)" in said
    assert "Traceback" not in said
    assert not list(data.glob("*")), "nothing was begun"


@pytest.mark.parametrize(("option", "what"), [("--port", "The board"), ("--broker-port", "The broker")])
def test_the_one_command_run_says_so_too_before_it_starts_anything(tmp_path: Path, taken: int, option: str, what: str):
    data = tmp_path / "data"
    free = {"--port": "18481", "--broker-port": "18831"} | {option: str(taken)}
    arguments = [word for pair in free.items() for word in pair]
    code, said = ended(Program("all in one", "-m", "deploy.cli", "run", "--data", data, *arguments))
    assert code == 2
    assert f"{what} cannot listen on 127.0.0.1:{taken}: another program does. Stop that program" in said
    assert f"tocsin run {option} " in said
    assert "Traceback" not in said
    assert not data.exists(), "nothing was begun"
