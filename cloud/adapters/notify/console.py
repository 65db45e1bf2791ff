"""The channel that is always there: one line on standard output for each message."""

from __future__ import annotations

import sys
from typing import TextIO

from cloud.application.messages import Message


class ConsoleChannel:
    """Prints who is told, what, where and why. Never fails: a closed output is no reason to hold a task back. It carries
    no links, which would let in whoever reads the log.
    """

    carries_links = False
    rings = False

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out

    def deliver(self, message: Message) -> None:
        lines = message.text.split("\n")
        try:
            for line in lines:
                print(f"TO {message.name} [{message.importance}]: {line}", file=self._out or sys.stdout, flush=True)
        except (OSError, ValueError):
            return
