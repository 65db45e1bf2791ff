"""The `tocsin` command: one door to everything that runs."""

from __future__ import annotations

import os
import sys

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
    app(prog_name="tocsin")


if __name__ == "__main__":
    main()
