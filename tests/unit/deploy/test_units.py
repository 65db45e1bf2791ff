"""The systemd units: hardened, restarted for ever, and still allowed what the programs need."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.mosquitto_setup import BrokerSetup

UNITS = Path(__file__).resolve().parents[3] / "deploy" / "systemd"
SAFE_BELOW = 20
"""Tenths: systemd calls up to 2.0 'OK'."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="UNITS NOT ANALYSED: systemd-analyze is absent"
)


def settings(unit: str) -> list[tuple[str, str]]:
    lines = (UNITS / unit).read_text(encoding="utf-8").splitlines()
    return [(k, v) for line in lines if "=" in line and not line.startswith("#") for k, _, v in [line.partition("=")]]


def calls_in(group: str) -> set[str]:
    said = subprocess.run(
        ["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True
    ).stdout.splitlines()[1:]
    names = [line.strip() for line in said if line.strip() and not line.strip().startswith("#")]
    return {call for name in names for call in (calls_in(name) if name.startswith("@") else {name})}


def allowed_by(unit: str) -> set[str]:
    """What is left when the filters are applied in their order (systemd.exec(5), SystemCallFilter=)."""
    allowed: set[str] = set()
    for key, value in settings(unit):
        if key != "SystemCallFilter":
            continue
        names = {call for name in value.lstrip("~").split() for call in (calls_in(name) if name[0] == "@" else {name})}
        allowed = allowed - names if value.startswith("~") else allowed | names
    return allowed


@needs_systemd
@pytest.mark.parametrize("unit", ["tocsin-edge.service", "tocsin-cloud.service"])
def test_exposure_is_in_the_safe_range(unit, tmp_path):
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--json=short", f"--threshold={SAFE_BELOW}", UNITS / unit],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    bad = [row["name"] for row in json.loads(said.stdout or "[]") if row.get("exposure")] if said.stdout else []
    assert said.returncode == 0, f"{unit} is exposed by {bad}: {said.stderr}"


@needs_systemd
def test_the_agent_may_ask_whether_its_clock_is_synchronised():
    """Neither the filter nor ProtectClock, which refuses adjtimex even for reading, may stand in the way."""
    assert {"adjtimex", "clock_adjtime"} <= allowed_by("tocsin-edge.service")
    assert ("ProtectClock", "yes") not in settings("tocsin-edge.service")
    assert "clock_settime" not in allowed_by("tocsin-edge.service")


@needs_systemd
@pytest.mark.parametrize("unit", ["tocsin-edge.service", "tocsin-cloud.service"])
def test_what_python_and_sqlite_call_is_allowed(unit):
    needed = {"fdatasync", "fsync", "flock", "epoll_wait", "sendto", "recvfrom", "pwrite64", "futex", "mmap"}
    assert needed <= allowed_by(unit)


@needs_systemd
@pytest.mark.parametrize(
    "unit",
    ["tocsin-edge.service", "tocsin-cloud.service", "tocsin-broker-reload.service", "tocsin-broker-reload.path"],
)
def test_systemd_of_debian_12_knows_every_line(unit):
    said = subprocess.run(["systemd-analyze", "verify", UNITS / unit], capture_output=True, text=True, check=False)
    assert "Unknown" not in said.stderr


@pytest.mark.parametrize("unit", ["tocsin-edge.service", "tocsin-cloud.service"])
def test_a_program_that_keeps_dying_keeps_being_started(unit):
    found = dict(settings(unit))
    assert (found["Restart"], found["StartLimitIntervalSec"]) == ("always", "0")
    assert found["SystemCallErrorNumber"] == "EPERM"


def test_the_broker_is_told_of_the_list_where_the_cloud_may_write_it():
    watched = dict(settings("tocsin-broker-reload.path"))["PathChanged"]
    assert ("ReadWritePaths", f"-{watched.rpartition('/')[0]}") in settings("tocsin-cloud.service")
    written = BrokerSetup(Path("/etc/mosquitto/tocsin"), ("mqtt",), 8883, "cloud-1", Path("x.so"))
    assert f"crlfile {watched}\n" in written.configuration()
    assert f'crl_file = "{watched}"' in written.settings()


def test_the_cloud_is_watched_and_has_time_to_bring_its_store_up_to_date():
    found = dict(settings("tocsin-cloud.service"))
    assert (found["Type"], found["WatchdogSec"], found["TimeoutStartSec"]) == ("notify", "60", "15min")
    assert "AF_UNIX" in found["RestrictAddressFamilies"]


def test_the_agent_is_watched_and_says_when_it_is_ready():
    found = dict(settings("tocsin-edge.service"))
    assert (found["Type"], int(found["WatchdogSec"])) == ("notify", 30)
