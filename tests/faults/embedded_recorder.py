"""A process that records batches as ingest would, settles them meanwhile, and says what it may acknowledge; to be killed."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from cloud.adapters.timeseries.embedded.settling import Settler, SettleWhen
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.timeseries import DAY, SECOND, Origin, StoredBatch

T0 = 20_000 * DAY
POINTS = [f"b3/lift-{n}/speed" for n in range(10)]
GROUP = 8
SETTLE_OFTEN = SettleWhen(readings=3_000, segments=12)


def batch(origin: Origin, seq: int) -> StoredBatch:
    """The sealed content of a seq never changes: two readings of each point, times of its own."""
    lane = int(origin.outbox)
    time = T0 + seq * SECOND + lane * 1000
    samples = [(point, time + half, (seq * 10 + half) / 4, 0) for half in (0, 1) for point in POINTS]
    return StoredBatch(origin, seq, f"{origin.outbox}/{seq}".encode(), samples)


def main(path: Path, acknowledged: list[int]) -> None:
    """`acknowledged`: for each outbox the seq up to which the sender has had its word; it repeats what follows."""
    journal = Journal(path)
    threading.Thread(target=_settle, args=(path,), daemon=True).start()
    next_seq = [seq + 1 for seq in acknowledged]
    while True:
        for lane, first in enumerate(next_seq):
            origin = Origin("estate", f"node-{lane}", str(lane))
            journal.record([batch(origin, seq) for seq in range(first, first + GROUP)], at=time.time_ns() // 1000)
            next_seq[lane] = first + GROUP
            sys.stdout.write(f"{lane} {first + GROUP - 1}\n")
            sys.stdout.flush()


def _settle(path: Path) -> None:
    settler = Settler(path, SETTLE_OFTEN)
    while True:
        settler.step(time.time_ns() // 1000)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(seq) for seq in sys.argv[2:]])
