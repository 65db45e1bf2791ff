"""How far the clock is from its reference: told by whoever steers it, never made up, and shown where people look."""

import asyncio
import os
import stat

import pytest

from edge.adapters.clock import SystemClock
from edge.adapters.clock_offset import STA_NANO, STA_PLL, STA_UNSYNC, Timex, kernel_offset, offset_by_chrony, offset_in
from edge.adapters.status_asking import told
from edge.adapters.status_page import page
from edge.application.status import Status
from schemas.presence import Health
from tests.unit.edge.test_delivering import HEALTH, Desk

TRACKING = "C0A80001,192.168.0.1,3,1795420800.1,{},-0.000006747,0.000035822,-3.225,0.000,0.129,0.0136,0.0011,64.2,{}\n"


@pytest.mark.parametrize(
    ("status", "offset", "seconds"),
    [
        (STA_PLL | STA_NANO, 2_000_000, 0.002),
        (STA_PLL, -2_000, -0.002),
        (STA_PLL | STA_NANO | STA_UNSYNC, 2_000_000, None),
        (STA_NANO, 0, None),  # chronyd steers: the kernel's own nought says nothing
    ],
)
def test_the_kernel_tells_only_where_it_steers(status, offset, seconds):
    assert kernel_offset(Timex(status=status, offset=offset)) == seconds


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (TRACKING.format("0.000006523", "Normal"), 0.000006523),
        (TRACKING.format("-1.5", "Insert second"), -1.5),
        (TRACKING.format("0.000000000", "Not synchronised"), None),
        (TRACKING.format("nan", "Normal"), None),
        (TRACKING.format("soon", "Normal"), None),
        ("506 Cannot talk to daemon\n", None),
        ("", None),
    ],
)
def test_chronyd_tells_while_it_is_synchronised(said, seconds):
    assert offset_in(said) == seconds


@pytest.mark.parametrize(
    ("script", "seconds"),
    [(f"printf '{TRACKING.format('0.25', 'Normal').strip()}'", 0.25), ("exit 1", None), ("printf '\\377'", None)],
)
async def test_chronyc_is_asked_in_its_form_for_programs(tmp_path, monkeypatch, script, seconds):
    program = tmp_path / "chronyc"
    program.write_text(f'#!/bin/sh\n[ "$*" = "-c -n tracking" ] || exit 2\n{script}\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert await offset_by_chrony() == seconds


async def test_without_chronyc_nobody_can_tell(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await offset_by_chrony() is None


def test_a_clock_that_follows_nothing_has_no_offset():
    clock = SystemClock()
    offset = asyncio.run(clock.offset())
    assert offset is None or clock.synchronised()


@pytest.mark.parametrize("behind", [0.0125, None])
async def test_health_says_what_the_clock_says(behind):
    desk = Desk()
    desk.clock.behind = behind
    async with desk:
        sent = desk.broker.heard(HEALTH)[0]
        assert Health.model_validate(sent).clock_offset_s == behind
        assert ("clock_offset_s" in sent) == (behind is not None)


def status(offset: float | None) -> Status:
    return Status(
        node="home/n1", agent_version="1", configuration=1, connected=True, cloud_silent=False, cloud_heard_s_ago=1.0,
        waiting_events=0, waiting_batches=0, clock="synchronised", clock_offset_s=offset, trouble=None, alarms=(),
        outputs={},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("offset", "in_words", "on_page"),
    [
        (0.0125, "12.500 ms behind its reference", "+12.500 ms"),
        (-0.0005, "0.500 ms ahead of its reference", "-0.500 ms"),
        (None, "how far from its reference is not known", "not known 未知"),
    ],
)
def test_who_stands_beside_the_node_is_told(offset, in_words, on_page):
    shown = status(offset)
    assert in_words in told({name: getattr(shown, name) for name in Status.__slots__})
    assert on_page in page(shown)
