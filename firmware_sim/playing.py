"""A recording played through the ADC of a virtual board that an agent may reach."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from firmware_sim.board import VirtualBoard
from firmware_sim.console import err, say, until_told_to_stop
from firmware_sim.pigpio_server import BoardServer
from firmware_sim.replay import Column, Replay


async def run_replay(
    path: Path, columns: list[Column], *, rate: float, speed: float, port: int, patience: float
) -> tuple[dict[str, Any], bool]:
    """What was played, and whether somebody stopped it."""
    board = VirtualBoard(path.stem)
    recording = Replay(path, columns, board)
    server = BoardServer(board)
    stopping = until_told_to_stop()
    try:
        say({"boards": {path.stem: {"host": "127.0.0.1", "port": await server.start(port=port)}}})
        deadline = time.monotonic() + patience
        while not server.connections and time.monotonic() < deadline:  # noqa: ASYNC110 - a count, not an event
            await asyncio.sleep(0.02)
        with _progress() as bar:
            shown = bar.add_task(path.name, total=recording.total_rows)
            playing = asyncio.create_task(
                recording.play(
                    rows_per_second=rate, speed=speed, progress=lambda rows: bar.update(shown, completed=rows)
                )
            )
            waiting = asyncio.create_task(stopping.wait())
            await asyncio.wait({playing, waiting}, return_when=asyncio.FIRST_COMPLETED)
            for task in (playing, waiting):
                task.cancel()
            await asyncio.gather(playing, waiting, return_exceptions=True)
    finally:
        recording.close()
        await server.stop()
    return recording.report.as_dict(), stopping.is_set()


def _progress() -> Progress:
    """On standard error, at a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, disable=not err.is_terminal)
