"""Our programs as child processes: started with a name, watched, restarted when they die, ended in order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from deploy.errors import NotReady, ProgramFailed

GRACE_S = 12.0
"""How long a program may take to stop in order before it is killed: a node flushes and says farewell within 5 s."""
_LAST_WORDS = 12


class Program:
    """One child process. Its output goes to a log file; the last lines are kept for the error message."""

    def __init__(
        self, name: str, arguments: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self._arguments = [sys.executable, *arguments]
        self._log = log
        self._environment = {**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._last_words: deque[str] = deque(maxlen=_LAST_WORDS)
        self._awaited: dict[str, asyncio.Future[str]] = {}
        self.first_line = self._await_line("")

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(self) -> None:
        # A process group of its own: Ctrl-C at the terminal reaches only us, and we end the programs in our order.
        self._process = await asyncio.create_subprocess_exec(
            *self._arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment,
            start_new_session=True,
        )
        self._reader = asyncio.create_task(self._read(), name=f"log of {self.name}")

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with self._log.open("ab", buffering=0) as log:
            async for line in self._process.stdout:
                log.write(line)
                text = line.decode(errors="replace").rstrip()
                self._last_words.append(text)
                for beginning, awaited in self._awaited.items():
                    if not awaited.done() and text.startswith(beginning):
                        awaited.set_result(text)

    async def ended(self) -> int:
        """Wait for the end; the exit code."""
        assert self._process is not None
        code = await self._process.wait()
        if self._reader is not None:
            await self._reader
        return code

    def _await_line(self, beginning: str) -> asyncio.Future[str]:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        return self._awaited.setdefault(beginning, future)

    async def said(self, beginning: str) -> str:
        """Wait for a line that begins so. Raises ProgramFailed when the program ends without it."""
        line = self._await_line(beginning)
        end = asyncio.create_task(self.ended(), name=f"end of {self.name}")
        await asyncio.wait((line, end), return_when=asyncio.FIRST_COMPLETED)
        if not line.done():
            raise self.failure(end.result())
        end.cancel()
        return line.result()

    async def stop(self) -> None:
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.ended(), GRACE_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self.ended()

    def failure(self, code: int) -> ProgramFailed:
        words = "\n".join(f"    {line}" for line in self._last_words) or "    (it said nothing)"
        return ProgramFailed(
            f"{self.name} ended with exit code {code}. Its last words (all of them: {self._log}):\n{words}"
        )

    async def until(self, ready: Callable[[], Awaitable[bool]], within_s: float) -> None:
        """Wait until `ready` says so. Raises ProgramFailed when the program ends first, NotReady when time runs out."""
        assert self._process is not None
        deadline = asyncio.get_running_loop().time() + within_s
        while not await ready():
            if self._process.returncode is not None:
                raise self.failure(await self.ended())
            if asyncio.get_running_loop().time() > deadline:
                raise NotReady(f"{self.name} was not ready within {within_s:.0f} s. Its log: {self._log}")
            await asyncio.sleep(0.05)


class Keeper:
    """Keeps programs alive: one that dies is started again, and too many deaths in a row end the whole run."""

    def __init__(self, said: Callable[[str], None], *, most_deaths: int = 5) -> None:
        self._said = said
        self._most_deaths = most_deaths
        self._kept: list[Program] = []

    async def keep(self, program: Program) -> None:
        await program.start()
        self._kept.append(program)

    async def watch(self, program: Program) -> None:
        """Restart it whenever it dies. Raises ProgramFailed after `most_deaths`."""
        for death in range(1, self._most_deaths + 1):
            code = await program.ended()
            if death == self._most_deaths:
                raise program.failure(code)
            self._said(
                f"{program.name} died (exit code {code}); starting it again ({death} of {self._most_deaths - 1})."
            )
            await asyncio.sleep(min(2.0**death, 10.0))
            await program.start()

    async def stop(self) -> None:
        """End them, last started first: nodes say farewell while broker and cloud still listen."""
        for program in reversed(self._kept):
            await program.stop()
