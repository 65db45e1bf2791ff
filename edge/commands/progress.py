"""How far long work has come: on standard error, at a terminal only. Rich comes with the command line; an agent loads none of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator


def watched(lines: Iterable[str], what: str) -> Iterator[str]:
    """The lines as they are, counted where somebody watches."""
    if not sys.stderr.isatty():
        yield from lines
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(20),
        MofNCompleteColumn(),
        TextColumn("lines"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(lines, description=what)
