"""What the process says: lines of JSON on standard output, words for people on standard error; and when it is told to stop."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from typing import Any

from rich.console import Console

err = Console(stderr=True)


def until_told_to_stop() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping


def say(line: Any) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()
