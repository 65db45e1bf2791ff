"""How tests tell a running node what the cloud would, and hear what it answers."""

from __future__ import annotations

import pytest

from schemas.commands import Command
from schemas.node_config import NodeConfig
from schemas.topics import Channel
from tests.fakes.edge_clock import BOOT
from tests.unit.edge.equipment import SMOKE, detector, gate, lift
from tests.unit.edge.test_running_node import SIREN, SOUND

RELAY = {"kind": "state", "point": "alarm"}
OWN = {"id": "own", "equipment": SMOKE, "hazard": "fire.smoke", "when": RELAY}
ID = "0197a6b2-88c4-7a1b-9d35-e6f2074b1c8d"


def document(version=2, **changes):
    whole = {"equipment": [detector(), gate(), lift()], "outputs": [SIREN], "reflexes": [SOUND]} | changes
    return NodeConfig.model_validate(whole | {"version": version})


async def tell(here, config) -> dict:
    """Send it as the cloud does; the receipt."""
    before = len(here.broker.heard(Channel.RECEIPT))
    payload = config if isinstance(config, bytes) else config.model_dump_json(exclude_none=True).encode()
    here.broker.tell(Channel.CONFIG, payload)
    await answered(here, before + 1)
    return here.broker.heard(Channel.RECEIPT)[-1]


async def answered(here, count: int) -> None:
    """Until so many receipts were given; the disk has its own thread."""
    for _ in range(200):
        await here.threads_done()
        await here.live(0.01, step=0.01)
        if len(here.broker.heard(Channel.RECEIPT)) >= count:
            return
    pytest.fail(f"no {count} receipts: {here.broker.heard(Channel.RECEIPT)}")


async def ask(here, action, *, boot=BOOT, ident=ID, expires_in_s=10.0, expires_at=None, **arguments) -> dict:
    before = len(here.broker.heard(Channel.RECEIPT))
    command = Command(
        id=ident, boot=boot, action=action, expires_in_s=expires_in_s, expires_at=expires_at, arguments=arguments
    )
    here.broker.tell(Channel.COMMAND, command.model_dump_json().encode())
    await answered(here, before + 1)
    return here.broker.heard(Channel.RECEIPT)[-1]


def events(here, *kinds) -> list[dict]:
    batches = here.broker.heard(Channel.EVENTS)
    return [event for batch in batches for event in batch["events"] if event["kind"] in kinds]
