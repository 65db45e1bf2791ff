"""The `tocsin` command: one door to everything that runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from deploy.commandline.rooms import HELP, ROOMS
from deploy.commandline.root import app

COMPLETE = "_TOCSIN_COMPLETE"
"""Set where a shell asks what Tab may become."""


def main() -> None:
    """The entry of the `tocsin` command. Whoever asks for help gets the manual's page, from one source everywhere."""
    if COMPLETE not in os.environ:
        from deploy.commandline.asking import answered

        code = answered(sys.argv[1:])
        if code is not None:
            sys.exit(code)
        if _may_log(sys.argv[1:]):
            from cloud.adapters.logging import set_up

            # Of its own accord structlog prints to standard output, which is for what was asked for.
            set_up(level="warning")
    app(prog_name="tocsin")


def _may_log(words: Sequence[str]) -> bool:
    """Whether what is asked for has the cloud in it; a node logs by itself, and may have none of its libraries."""
    room = ROOMS.get(words[0]) if words else None
    return room is not None and room.group != HELP and room.extra != "edge" and find_spec("structlog") is not None


if __name__ == "__main__":
    main()
