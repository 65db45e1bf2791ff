"""The process that serves: what `tocsin cloud run` turns into, without what only a command line needs.

What reads options and writes help takes 4 MiB of a process that runs for months (quality.md: cloud, idle estate).
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from cloud.errors import CloudError

if TYPE_CHECKING:
    from cloud.application.accounts.keeping import Accounts
    from cloud.settings import CloudSettings

FAILED: Final = 1
BAD_SETTINGS: Final = 2
"""How a command ends."""

SWITCH_S: Final = 0.001
"""How long a busy thread may keep the interpreter: an event comes back from its disk a dozen times, and each time waits
for whoever has it. Five milliseconds, Python's own, would make 60 of a task that takes 4."""


def become_server(config: Path | None, given: dict[str, Any]) -> NoReturn:
    """This process, with its number, files and supervisor, is the service from here on. `given`: what stands on the command
    line, by sections; no secrets, for everybody on the machine can read it.
    """
    sys.stdout.flush()
    # Without the columns of each instruction, of which a traceback's lines do not need to tell: another MiB.
    lean = ["-X", "no_debug_ranges", "-m", __spec__.name]
    said = json.dumps({"config": str(config) if config else None, "given": given}, default=str)
    os.execv(sys.executable, [sys.executable, *lean, said])  # noqa: S606 - ourselves


def main(config: Path | None, given: dict[str, Any]) -> int:
    """Serves until Ctrl-C or SIGTERM. The exit code."""
    leave_out_what_nobody_uses()
    from cloud.settings import load_settings

    try:
        return _serve(load_settings(config, **given))
    except CloudError as error:
        _complain(str(error))
        return BAD_SETTINGS


def _serve(settings: CloudSettings) -> int:
    # After the settings: whoever mistyped them need not wait for the rest.
    from cloud.adapters.logging import set_up
    from cloud.bootstrap import build_cloud

    set_up(settings.logs.format, settings.logs.level)
    sys.setswitchinterval(SWITCH_S)
    share_one_heap()
    cloud = build_cloud(settings)
    calm_the_collector()
    _say(f"Tocsin's board is at {cloud.url} - stop with Ctrl-C.")
    _tell_first_run(settings, cloud.services.accounts, cloud.url)
    # The server handles signals while it serves and raises them again afterwards; then it is our turn to stop.
    signal.signal(signal.SIGTERM, _interrupted)
    cloud.start(serve=False)
    try:
        cloud.serve_until_stopped()
    except KeyboardInterrupt:
        pass
    finally:
        failed = cloud.failed
        cloud.stop()
    if failed:
        _complain(f"Stopped because a part of the process ended: {failed}. The log says why.")
    return FAILED if failed else 0


def _tell_first_run(settings: CloudSettings, accounts: Accounts, url: str) -> None:
    """The code, as long as nobody has an account. Not being able to is no reason not to start."""
    from cloud.first_run import setup_code, told

    try:
        code = setup_code(settings, accounts, url)
    except (CloudError, OSError) as error:
        _complain(f"The set-up code could not be made: {error}")
        return
    if code is not None:
        _say(told(settings, code))


def leave_out_what_nobody_uses() -> None:
    """Libraries that others take along wherever they are installed. To the import system None says that there is none.

    structlog takes Rich (4 MiB) for tracebacks that show local variables, as no log of ours does; whoever wants it afterwards
    gets it. FastAPI takes what pydantic was before its second version (1 MiB), of which nothing here is made.
    """
    sys.modules.setdefault("pydantic.v1", None)  # type: ignore[arg-type] # as the import system's reference has it
    if sys.modules.keys().isdisjoint({"rich", "structlog"}):
        sys.modules["rich"] = None  # type: ignore[assignment] # as above
        importlib.import_module("structlog")
        del sys.modules["rich"]


def share_one_heap() -> None:
    """Of its own accord the C library gives each thread a heap, sixteen on two cores, whose leftovers nobody else may use: 7
    to 11 MiB when a thousand people open the board at once. Threads here take turns at the interpreter anyway.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # of the GNU library; another has no such heaps
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
        # Of its own accord it keeps blocks of up to 32 MiB once one was freed, such as argon2's of 19 for each password.
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        # With that said it would give back whatever lies free at the heap's end, 128 KiB at a time, and fetch it again.
        mallopt(_M_TRIM_THRESHOLD, 2 * _LARGE_BYTES)


_M_ARENA_MAX: Final = -8
_M_MMAP_THRESHOLD: Final = -3
_M_TRIM_THRESHOLD: Final = -1
"""As in the GNU library's malloc.h."""

_LARGE_BYTES: Final = 8 * 1024 * 1024
"""Such a block is the system's again as soon as it is freed; ingest's own are smaller."""


def calm_the_collector() -> None:
    """What was made at the start stays for good, and batches come and go by the thousand without cycles: looking at
    them every 700 allocations cost 7 % of ingest and paused events.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def _interrupted(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _complain(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    _said = json.loads(sys.argv[1])
    sys.exit(main(Path(_said["config"]) if _said["config"] else None, _said["given"]))
