"""What a bench measures, the bar beside it, and how both are printed and kept."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROUNDS = 3
_CPU = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Bar:
    """A limit of docs/benchmarks.md. `least`: the figure has to reach it; otherwise it may not pass it."""

    limit: float
    least: bool = False

    def met(self, figure: float) -> bool:
        return figure >= self.limit if self.least else figure <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.least else '≤'} {shown(self.limit)}"


@dataclass(frozen=True)
class Bench:
    """`measure(short)` is one round: name of a figure → its value, the unit in the name."""

    name: str
    title: str
    measure: Callable[[bool], Mapping[str, float]]
    bars: Mapping[str, Bar] = field(default_factory=dict)


@dataclass(frozen=True)
class Figure:
    """The median of the rounds, and how far they lie apart."""

    median: float
    low: float
    high: float
    bar: Bar | None = None

    @property
    def verdict(self) -> str:
        if self.bar is None:
            return ""
        return "met" if self.bar.met(self.median) else "MISSED"


@dataclass(frozen=True)
class Result:
    bench: Bench
    figures: Mapping[str, Figure]
    rounds: int
    load: tuple[float, float]
    """The machine's load average (1 min) before and after: what else ran sways every figure."""


def run(bench: Bench, *, short: bool, rounds: int | None = None) -> Result:
    before = os.getloadavg()[0]
    found = [bench.measure(short) for _ in range(rounds or ROUNDS)]
    return Result(bench, summed_up(found, bench.bars), len(found), (before, os.getloadavg()[0]))


def summed_up(rounds: Sequence[Mapping[str, float]], bars: Mapping[str, Bar]) -> dict[str, Figure]:
    """One figure for each name that every round gives. A bar on a figure that nobody measures is a mistake."""
    assert bars.keys() <= rounds[0].keys(), f"nobody measures {bars.keys() - rounds[0].keys()}"
    values = {name: [one[name] for one in rounds] for name in rounds[0]}
    return {
        name: Figure(statistics.median(found), min(found), max(found), bars.get(name)) for name, found in values.items()
    }


def percentiles(milliseconds: Sequence[float]) -> dict[str, float]:
    """p50, p99 and the worst. Of fewer than a hundred the p99 is the worst but one, or the worst."""
    ordered = sorted(milliseconds)
    return {
        "p50_ms": statistics.median(ordered),
        "p99_ms": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
        "max_ms": ordered[-1],
    }


def shown(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


def table(result: Result) -> str:
    lines = [f"{result.bench.title}   (load {result.load[0]:.1f} → {result.load[1]:.1f})"]
    for name, figure in result.figures.items():
        spread = f"{shown(figure.low)} – {shown(figure.high)}"
        bar = str(figure.bar or "")
        lines.append(f"  {name:26} {shown(figure.median):>10}   {spread:24} {bar:12} {figure.verdict}".rstrip())
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    model = next((line.split(": ")[1] for line in _CPU.read_text().splitlines() if "model name" in line), "?")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "python": platform.python_version(),
    }


def as_json(result: Result) -> dict[str, Any]:
    return {
        "title": result.bench.title,
        "rounds": result.rounds,
        "load": result.load,
        "figures": {
            name: {
                "median": round(figure.median, 4),
                "low": round(figure.low, 4),
                "high": round(figure.high, 4),
                **({"bar": str(figure.bar), "verdict": figure.verdict} if figure.bar else {}),
            }
            for name, figure in result.figures.items()
        },
    }


def keep(results: Sequence[Result], folder: Path, *, short: bool) -> Path:
    """Write all of a run into one file."""
    folder.mkdir(exist_ok=True)
    about = machine()
    path = folder / f"{about['at'].replace(':', '').replace('+0000', 'Z')}.json"
    report = {"machine": about, "short": short, "results": {result.bench.name: as_json(result) for result in results}}
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
