"""A node's whole agent on a board whose contacts never rest: a process of its own, to be killed.

The agent is the one that `tocsin-edge run` runs, built by `edge.bootstrap.build_agent`; given to it are a board in
memory, moved at random from a seed, and a clock that the test can set (`tests.faults.dials`).
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
from pathlib import Path

from edge.adapters.logs import log_to
from edge.bootstrap import build_agent
from edge.settings import load_settings
from firmware_sim.mock_board import MockBoard
from tests.faults.dials import DialClock

CONTACTS = (4, 5, 13, 16, 17, 20)
ALARMS = (19, 23)
KNOBS = (0, 1)
SMOKE, CALL_POINT, TAMPER, REQUEST_TO_EXIT = *ALARMS, 16, 5
HANDS = {signal.SIGUSR1: SMOKE, signal.SIGUSR2: CALL_POINT, signal.SIGHUP: TAMPER, signal.SIGWINCH: REQUEST_TO_EXIT}
"""Each of these signals closes that contact, or opens it again."""


async def move(board: MockBoard, rng: random.Random, changes_per_s: float, alarms: bool) -> None:
    """Contacts open and close, knobs turn, for ever."""
    closed: dict[int, bool] = {}
    pins = CONTACTS + ALARMS if alarms else CONTACTS
    while True:
        await asyncio.sleep(rng.expovariate(changes_per_s))
        if rng.random() < 0.3:
            board.set_voltage(rng.choice(KNOBS), rng.uniform(0.5, 1.5))
            continue
        # Alarms now and then: each is a task for somebody.
        pin = rng.choice(ALARMS) if alarms and rng.random() < 0.05 else rng.choice(pins[: len(CONTACTS)])
        closed[pin] = not closed.get(pin, False)
        (board.drive_low if closed[pin] else board.let_go)(pin)


def toggle(board: MockBoard, pin: int) -> None:
    (board.drive_low if board.level(pin) else board.let_go)(pin)


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("config", type=Path)
    arguments.add_argument("--clock", type=Path, required=True)
    arguments.add_argument("--boot", required=True)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--changes", type=float, default=20.0, help="Of contacts and knobs a second; 0 is rest.")
    arguments.add_argument("--alarms", action="store_true")
    given = arguments.parse_args()

    settings = load_settings(given.config)
    log_to(node=settings.node.name, level="info")
    board = MockBoard()
    for pin in (*CONTACTS, *ALARMS):
        board.let_go(pin)
    for knob in KNOBS:
        board.set_voltage(knob, 0.6)
    agent = build_agent(settings, clock=DialClock(given.clock, given.boot), pin_factory=board.factory)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, agent.stop)
    for number, pin in HANDS.items():
        loop.add_signal_handler(number, toggle, board, pin)
    moving = None
    if given.changes:
        moving = asyncio.create_task(move(board, random.Random(given.seed), given.changes, given.alarms))
    await agent.run()
    if moving is not None:
        moving.cancel()


if __name__ == "__main__":
    asyncio.run(main())
