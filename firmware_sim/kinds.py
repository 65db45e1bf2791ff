"""The kinds of fault there are, told to whoever writes a scenario."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from firmware_sim.faults import KINDS, Kind


def kinds_as_json() -> list[dict[str, Any]]:
    return [
        {"kind": name, "on": kind.on, "hazard": kind.hazard, "at_least_s": kind.at_least_s, "about": _about(kind)}
        for name, kind in KINDS.items()
    ]


def show_kinds(out: Console) -> None:
    for name, kind in KINDS.items():
        raised = kind.hazard or "nothing: a nuisance"
        least = f", for at least {kind.at_least_s:g} s" if kind.at_least_s else ""
        out.print(f"[bold]{name}[/] on a {kind.on.replace('_', ' ')}{least} → {raised}")
        out.print(f"    {_about(kind)}", markup=False)


def _about(kind: Kind) -> str:
    return " ".join((kind.script.__doc__ or "").split())
