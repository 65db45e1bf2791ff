"""`make bench`: everything the bars speak of, measured here and now. `make bench ARGS="--short --only edge backlog"`."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from pathlib import Path

from tests.bench import (
    backlog,
    board,
    edge_footprint,
    event_to_stream,
    event_to_task,
    idle_cloud,
    ingest,
    live_stream,
    pin_to_task,
)
from tests.bench.figures import keep, run, table

BENCHES = (
    ingest.FOUR,
    ingest.TWENTY,
    event_to_stream.BENCH,
    pin_to_task.BENCH,
    backlog.BENCH,
    edge_footprint.BENCH,
    idle_cloud.BENCH,
    live_stream.BENCH,
    board.BENCH,
    event_to_task.BENCH,
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--short", action="store_true", help="smaller loads: minutes instead of a quarter of an hour")
    parser.add_argument("--only", nargs="+", choices=[bench.name for bench in BENCHES], help="these alone")
    parser.add_argument("--rounds", type=int, help="instead of 3; the median counts, the spread is printed")
    parser.add_argument("--into", type=Path, default=Path("bench-results"), help="folder for the JSON of this run")
    given = parser.parse_args()
    assert shutil.which("mosquitto_sub"), "mosquitto_sub is missing; `make test-tools` installs it"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    # The virtual board, the listeners and the watch share this process; at Python's 5 ms they would measure one another.
    sys.setswitchinterval(0.0005)
    results = []
    for bench in BENCHES:
        if given.only and bench.name not in given.only:
            continue
        print(f"measuring {bench.name} …", file=sys.stderr)
        results.append(run(bench, rounds=given.rounds, short=given.short))
        print(table(results[-1]), flush=True)
    path = keep(results, given.into, short=given.short)
    missed = [f"{r.bench.name} {name}" for r in results for name, f in r.figures.items() if f.verdict == "MISSED"]
    print(f"\nmissed: {', '.join(missed) or 'none'}; all figures in {path}")


if __name__ == "__main__":
    main()
