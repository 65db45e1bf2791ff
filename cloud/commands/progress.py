"""How far long work has come: on standard error, at a terminal only, with rate and remaining time."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final, Literal

import typer

Unit = Literal["bytes", "entries", "rules", "seconds", "days", "migrations", "incidents", "nodes"]
_LINES: Final = 64
"""Read between two looks at the bar."""

INTERRUPTED: Final = 130
"""As a shell tells of a program that Ctrl-C ended."""


class Progress:
    """Called with what is being done, how much of it, and of how much where that is known."""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Where nobody watches, nothing is shown."""


@contextmanager
def progress(*, of: Unit, quiet: bool = False) -> Iterator[Progress]:
    """`quiet`: show nothing, for whoever asked for JSON alone."""
    if quiet or not sys.stderr.isatty():
        yield Progress()
        return
    # Here, so that a cloud that serves does without: `leave_out_what_nobody_uses` in cloud.process.
    from rich import progress as rich
    from rich.console import Console

    amount: tuple[rich.ProgressColumn, ...] = (
        (rich.DownloadColumn(binary_units=True), rich.TransferSpeedColumn())
        if of == "bytes"
        else (rich.MofNCompleteColumn(), rich.TextColumn(of), rich.TextColumn("{task.fields[rate]}"))
    )
    columns = (rich.TextColumn("{task.description}"), rich.BarColumn(bar_width=20), *amount, rich.TimeRemainingColumn())
    with rich.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bars(bar)


def read_lines(lines: Iterable[str], told: Progress, what: str, total: int) -> Iterator[str]:
    """The lines as they are; it is told how many bytes of so many were read, after every so many of them."""
    done = 0
    for number, line in enumerate(lines):
        if number % _LINES == 0:
            told(what, done, total)
        done += len(line.encode("utf-8", "surrogatepass"))
        yield line
    told(what, done, total)


class _Bars(Progress):
    """One bar, of what is being done: what is over is taken away."""

    def __init__(self, bar: object) -> None:
        from rich.progress import Progress as Bar

        assert isinstance(bar, Bar)
        self._bar, self._what = bar, ""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        bar = self._bar
        if what != self._what:
            for old in bar.task_ids:
                bar.remove_task(old)
            self._task, self._what = bar.add_task(what, total=total, rate=""), what
        speed = bar.tasks[0].speed
        bar.update(self._task, completed=done, total=total, rate=_rate(speed))


def _rate(speed: float | None) -> str:
    if not speed:
        return ""
    return f"{speed:,.0f}/s" if speed >= 10 else f"{speed:.1f}/s"  # noqa: PLR2004 - from here on tenths mean nothing


@contextmanager
def stoppable(what: str) -> Iterator[None]:
    """Ctrl-C ends the command in order: `what` says what there is now, in the last line."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"Stopped. {what}", err=True)
        raise typer.Exit(INTERRUPTED) from None
