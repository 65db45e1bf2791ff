"""What a recording holds, told before it is played: each column's range, and what in it is no reading."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from firmware_sim.board import VirtualBoard
from firmware_sim.mcp3008 import CHANNELS
from firmware_sim.replay import Column, Replay, why_refused


def describe(path: Path) -> str:
    """A line for each column and one to play them with. Raises RecordingError for a file that cannot be read."""
    recording = Replay(path, [], VirtualBoard(path.stem))
    rows, reasons = recording.rows(), [Counter[str]() for _ in recording.header]
    lows, highs = [float("inf")] * len(reasons), [float("-inf")] * len(reasons)
    for row in rows:
        for n, refused in enumerate(reasons):
            cell = row[n] if n < len(row) else ""
            reason = why_refused(cell)
            if reason is not None:
                refused[reason] += 1
                continue
            lows[n], highs[n] = min(lows[n], float(cell)), max(highs[n], float(cell))
    told = [f"{path.name}: {recording.total_rows} rows. Say with --column which of these goes to which ADC channel:"]
    options: list[str] = []
    for name, low, high, refused in zip(recording.header, lows, highs, reasons, strict=True):
        why = "; ".join(f"{count} cells refused: {reason}" for reason, count in refused.most_common())
        told.append(
            f"  {name or '(no name)'}: {f'{low:g} to {high:g}' if low <= high else 'no number'}{why and '; '}{why}"
        )
        if name and low < high and len(options) < CHANNELS:
            column = Column(name, len(options), low, high)
            options.append(f"--column '{column.name}={column.channel},{column.at_zero:g},{column.at_full:g}'")
    if options:
        told.append(f"For example: tocsin replay {path} {options[-1]} --speed 100")
    return "\n".join(told)
