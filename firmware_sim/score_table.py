"""The score of a run as a table for people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from firmware_sim.score import Report


def show(result: Report) -> None:
    """Print a row per injected fault, then what was raised besides, and what became of the readings."""
    table = Table("fault", "equipment", "hazard", "answered", "lead", "s from onset", "s from rule")
    for answer in result.answers:
        verdict = "[green]yes[/]" if answer.detected else "[red]MISSED[/]"
        lead = (
            "-" if answer.lead is None else answer.lead if answer.lead_right is not False else f"[red]{answer.lead}[/]"
        )
        seconds = [answer.seconds_from_onset, answer.seconds_from_defined]
        shown = ["-" if value is None else f"{value:.2f}" for value in seconds]
        table.add_row(answer.fault, answer.equipment, answer.hazard, verdict, lead, *shown)
    out = Console()
    out.print(table)
    for false in result.false_tasks:
        out.print(f"[red]false task[/] {false.hazard} at {false.equipment}, {false.opened_at_s:g} s into the run")
    kept = result.readings
    out.print(
        f"{kept.readings} readings; batches: {kept.sent} sent, {kept.stored} stored, {kept.refused} refused, "
        f"{kept.lost} lost, {kept.duplicate} duplicate"
    )
    if (pace := result.pace) is not None:
        out.print(f"{pace.took_s:g} s at {pace.reached:g} x; {pace.asked:g} x was asked, {pace.behind_s:g} s behind it")
