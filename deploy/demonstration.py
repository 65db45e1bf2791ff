"""`python -m deploy.demonstration`: a simulated estate for somebody to look round in, which leaves nothing behind.

Started by a cloud in which nothing is set up yet (docs/adr/0012). It is a product of its own: its own folder, database, broker
and ports on loopback, and none of the settings of who started it, so that no channel of theirs can be reached from it. It
says on one line of its output where it is and how one enters; it ends when its input does - with whoever started it - or after
two hours, and takes its folder with it.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

import typer

from cloud.errors import CloudError
from deploy import example
from deploy.errors import DeployError
from deploy.local import AllInOne, LocalRun
from deploy.ports import free_ports
from firmware_sim.errors import SimulatorError

LASTS_S: Final = 2 * 3600
_PREFIX: Final = "TOCSIN_"


class Demonstration(AllInOne):
    """An all-in-one run that tells a program, not a person, how one enters it."""

    def _welcome(self, links: Mapping[str, str], nodes: list[str]) -> None:  # noqa: ARG002 - what the run tells people
        roles = [
            {"member": member, "zh": zh, "en": en, "token": token}
            for member, token in links.items()
            for zh, en in [example.ROLES[member]]
        ]
        sys.stdout.write(json.dumps({"url": self._run.url, "roles": roles}, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    async def _tell_tasks(self, token: str, started: float) -> None:
        """The board says so; nobody reads this output."""


def main(
    data: Annotated[Path, typer.Option(help="A folder of its own, which is removed at the end.")],
) -> None:
    """Run until the input ends."""
    for name in [name for name in os.environ if name.startswith(_PREFIX)]:
        del os.environ[name]
    os.environ["TOCSIN_DEMONSTRATION"] = "true"
    folder = data.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    port, broker = free_ports(2)
    try:
        asyncio.run(_until_the_input_ends(LocalRun(folder, port, broker)))
    except* (DeployError, CloudError, SimulatorError) as errors:
        for error in errors.exceptions:
            typer.echo(f"tocsin: {error}", err=True)
        sys.exit(1)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _until_the_input_ends(run: LocalRun) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def hears() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            loop.remove_reader(sys.stdin.fileno())
            ended.set()

    loop.add_reader(sys.stdin.fileno(), hears)
    watching = asyncio.create_task(_stop_when(ended), name="until the input ends")
    try:
        await Demonstration(run, lambda line: typer.echo(line, err=True)).until_stopped()
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _stop_when(ended: asyncio.Event) -> None:
    """The run stops in order on a signal, however it comes."""
    with suppress(TimeoutError):
        await asyncio.wait_for(ended.wait(), LASTS_S)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    typer.run(main)
