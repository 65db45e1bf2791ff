"""The process that is a node: what `tocsin-edge run` turns into, without what only a command line needs.

What reads options and writes help takes 1 MiB of a process that runs for months on a small board.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Final, NoReturn

from edge.errors import EdgeError, SettingsError
from edge.settings import NodeSettings, load_settings

FAILED: Final = 1
BAD_CONFIG: Final = 2
"""How a command ends."""


def become_node(config: Path, log_level: str) -> NoReturn:
    """This process, with its number, files and supervisor, is the node from here on."""
    sys.stdout.flush()
    # Without the columns of each instruction, of which a traceback's lines do not need to tell: another 0.3 MiB.
    lean = ["-X", "no_debug_ranges", "-m", __spec__.name]
    os.execv(sys.executable, [sys.executable, *lean, str(config), log_level])  # noqa: S606 - ourselves


def problems_of(error: SettingsError) -> list[str]:
    """Everything that is wrong with a file, a line each."""
    return [f"{error.where} is not right yet:", *(f"  - {problem}" for problem in error.problems)]


def main(config: Path, log_level: str) -> int:
    """Runs until Ctrl-C or SIGTERM. The exit code."""
    from edge.adapters.logs import log_to

    try:
        settings = load_settings(config)
    except SettingsError as error:
        _say(problems_of(error))
        return BAD_CONFIG
    log_to(node=settings.node.name, level=log_level)
    return asyncio.run(_run(settings, config))


async def _run(settings: NodeSettings, source: Path) -> int:
    from edge.adapters.mqtt import closed_meanwhile
    from edge.bootstrap import build_agent

    agent = build_agent(settings, source=source)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(closed_meanwhile)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, agent.stop)
    said: list[str] = []
    try:
        await agent.run()
    except* EdgeError as failed:
        said = _sentences(failed)
    except* Exception as crashed:
        logging.getLogger(__name__).critical("a task died and takes the node down", exc_info=crashed)
        said = ["it ended on a defect; the log says where. The supervisor starts it again."]
    _say([f"tocsin-edge: {line}" for line in said])
    return FAILED if said else 0


def _sentences(group: BaseExceptionGroup[BaseException]) -> list[str]:
    return [
        line
        for error in group.exceptions
        for line in (_sentences(error) if isinstance(error, BaseExceptionGroup) else [str(error)])
    ]


def _say(lines: list[str]) -> None:
    for line in lines:
        sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
