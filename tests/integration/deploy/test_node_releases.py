"""`deploy/node` as an operator uses it, under a root of its own: install, upgrade, roll back; the outbox stays."""

from __future__ import annotations

import os
import site
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
WHO = """[node]
estate = "example"
name = "b1-node"
[broker]
host = "127.0.0.1"
"""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def machine(tmp_path):
    # The releases borrow the dependencies of this environment, so that a test installs nothing but Tocsin itself.
    borrowed = os.pathsep.join([str(ROOT), *site.getsitepackages()])
    environment = {
        **os.environ,
        "TOCSIN_ROOT": str(tmp_path),
        "TOCSIN_PIP_OPTIONS": "--no-deps --no-build-isolation",
        "PYTHONPATH": borrowed,
    }

    def node(command: str, *, well: bool = True) -> str:
        said = subprocess.run(
            [ROOT / "deploy" / "node", command], env=environment, capture_output=True, text=True, check=False
        )
        assert (said.returncode == 0) is well, said.stdout + said.stderr
        return said.stdout + said.stderr

    node.environment = environment
    return tmp_path, node


def test_install_upgrade_and_roll_back_keep_settings_and_outbox(machine):
    root, node = machine
    said = node("install")
    assert "Next:" in said
    config, outbox = root / "etc/tocsin/node.toml", root / "var/lib/tocsin/outbox.db"
    assert f'path = "{outbox}"' in config.read_text(encoding="utf-8")
    assert f'card_key_file = "{root / "var/lib/tocsin/card.key"}"' in config.read_text(encoding="utf-8")
    first = (root / "opt/tocsin/current").resolve()
    agent = [first / "bin/tocsin-edge", "check", "--config", config]
    unenrolled = subprocess.run(agent, env=node.environment, capture_output=True, text=True, check=False)
    assert "or enrol this node: tocsin-edge enroll" in unenrolled.stderr
    config.write_text(WHO + config.read_text(encoding="utf-8"), encoding="utf-8")
    assert b"good" in subprocess.run(agent, env=node.environment, capture_output=True, check=True).stdout
    outbox.write_bytes(b"what waits")
    config.write_text(config.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")

    node("upgrade")
    second = (root / "opt/tocsin/current").resolve()
    assert second != first
    assert (outbox.read_bytes(), config.read_text(encoding="utf-8")[-7:]) == (b"what waits", "# mine\n")

    node("rollback")
    assert (root / "opt/tocsin/current").resolve() == first
    assert outbox.read_bytes() == b"what waits"
    assert f"* {first.name}" in node("status")

    config.write_text("nonsense", encoding="utf-8")
    said = node("upgrade", well=False)
    assert "no TOML" in said
    assert (root / "opt/tocsin/current").resolve() == first, "a release that cannot read the settings never runs"
    assert len(list((root / "opt/tocsin/releases").iterdir())) == 2


def test_each_mistake_says_what_to_do(machine):
    _, node = machine
    assert "sudo deploy/node install" in node("upgrade", well=False)
    assert "no release before" in node("rollback", well=False)
    assert "no command 'instal'" in node("instal", well=False)
    assert "upgrade" in node("help")
