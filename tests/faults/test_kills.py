"""Node, broker and cloud are killed at random moments under load; what was once in an outbox is stored exactly once."""

from __future__ import annotations

import os
import random
import time

import pytest

from tests.faults.stage import Stage, stage_in

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow]

KILLS = int(os.environ.get("TOCSIN_KILLS", "20"))
SEED = int(os.environ.get("TOCSIN_SEED", "20261126"))
VICTIMS = ("node", "node", "broker", "cloud", "everything")
SPEED = 8.0


def _kill_one(stage: Stage, chance: random.Random) -> str:
    victim = chance.choice(VICTIMS)
    downtime = chance.choice((0.0, 0.0, chance.uniform(0.0, 1.5)))
    nodes = [chance.choice(stage.nodes)] if victim == "node" else stage.nodes if victim == "everything" else []
    for node in nodes:
        node.kill()
    if victim in ("broker", "everything"):
        stage.broker.kill()
        stage.broker.lose_store()
    if victim in ("cloud", "everything"):
        stage.cloud.kill()
    time.sleep(downtime)
    if victim in ("broker", "everything"):
        stage.broker.start()
    if victim in ("cloud", "everything"):
        stage.start_cloud()
    for node in nodes:
        node.start(alarms=True)
    return victim


@pytest.mark.timeout(60 + KILLS * 10)
def test_kills_at_random_moments_lose_and_double_nothing(tmp_path):
    chance = random.Random(SEED)
    with stage_in(tmp_path) as stage:
        for number, name in enumerate(("b1-node", "b2-node")):
            stage.node(name, seed=SEED + number * 1000, speed=SPEED).start(alarms=True)
        killed = dict.fromkeys(sorted(set(VICTIMS)), 0)
        began = time.monotonic()
        for count in range(1, KILLS + 1):
            time.sleep(chance.uniform(0.1, 2.5))  # The random moment.
            killed[_kill_one(stage, chance)] += 1
            if count % 10 == 0:
                print(f"{count} of {KILLS} kills in {time.monotonic() - began:.0f} s", flush=True)
        stage.drain()
        print(f"seed {SEED}, {KILLS} kills: {killed}, {len(stage.diary())} batches")
        balance = stage.balance()
        balance.check()
        assert balance.sent > KILLS * 10, "too little load to show anything"
