"""Plays a year with a progress bar and shows its figures, each with what it means."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from cloud.commands.progress import progress
from deploy.errors import DeployError
from deploy.year.play import Year
from deploy.year.report import EXPLAINED, Report

_HEADS: Final = {
    "incidents": "n", "answered_median_min": "answered", "on_site_median_min": "there", "closed_median_min": "closed",
    "breached": "late", "overran": "over", "escalated": "steps", "self_cleared": "gone", "false": "false",
}  # fmt: skip
"""Short enough for a terminal of 80 columns."""

_SHARES: Final = frozenset({"breached", "overran", "escalated", "self_cleared", "false"})
_ROUNDED: Final = 10.0


def play(*, seed: int, days: int, incidents: int, into: Path | None, data: Path | None, as_json: bool) -> bool:
    """Whether nothing happened that must never happen."""
    if into is not None and not into.resolve().parent.is_dir():
        raise DeployError(f"{into}: its folder does not exist. Make it, or choose another place with --report.")
    with ExitStack() as stack:
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-year-", dir=_memory())))
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "year.db").exists():
            raise DeployError(f"{folder} holds a year already. Remove it, or choose another folder with --data.")
        year = Year(folder, seed=seed, days=days, count=incidents)
        stack.callback(year.close)
        found = _with_progress(year)
    text = json.dumps(found.as_dict(), ensure_ascii=False, indent=2) + "\n"
    if into is not None:
        into.write_text(text, encoding="utf-8")
    if as_json:
        print(text, end="")  # noqa: T201 - the answer that was asked for
    else:
        _show(found)
    return found.good


def _memory() -> str | None:
    """A year that is thrown away afterwards need not wait for a disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - the folder in it is made safely


def _with_progress(year: Year) -> Report:
    with progress(of="days") as told:
        return year.play(lambda done, of: told(f"seed {year.seed}", int(done), round(of)))


def _show(found: Report) -> None:
    console = Console()
    title = f"{found.days} days, seed {found.seed}; times in minutes"
    table = Table(title=title, box=None, padding=(0, 0, 0, 1), pad_edge=False, header_style="underline")
    table.add_column("hazard", no_wrap=True, min_width=22)
    for head in _HEADS.values():
        table.add_column(head, justify="right", no_wrap=True, min_width=10 if head == "answered" else len(head))
    for row in found.rows:
        p90 = "" if row.answered_p90_min is None else f" ({_cell('', row.answered_p90_min)})"
        cells = {name: _cell(name, getattr(row, name)) for name in _HEADS}
        table.add_row(row.hazard, *({**cells, "answered_median_min": cells["answered_median_min"] + p90}).values())
    console.print(table)
    for name, head in _HEADS.items():
        more = f"; in brackets: {EXPLAINED['answered_p90_min']}" if name == "answered_median_min" else ""
        console.print(f"[bold]{head}[/bold]: {EXPLAINED[name]}{more}", highlight=False)
    told = ", ".join(f"{reason} {count}" for reason, count in found.notifications.items())
    parts, again = found.rows[-1].declined, found.rows[-1].reopened
    console.print(f"\nTold: {told}. Declined: {parts}. Re-opened: {again}.", highlight=False)
    console.print(f"Ledger: {found.ledger_entries} entries. Still open: {found.still_open}.", highlight=False)
    for what, times in found.never.items():
        console.print(f"[{'red' if times else 'green'}]{what}: {times}[/]", highlight=False)
    console.print(
        f"Fingerprint: {found.fingerprint[:16]} (the same for the same seed, days and incidents)", highlight=False
    )


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "-"
    return (
        f"{value:.0%}"
        if name in _SHARES
        else f"{value:.0f}"
        if isinstance(value, float) and value >= _ROUNDED
        else f"{value}"
    )
