"""What `tocsin-edge doctor` looks at, put together."""

from __future__ import annotations

from edge.adapters.clock import SystemClock
from edge.application.diagnose import Examined
from edge.application.wiring import wiring_of
from edge.settings import NodeSettings
from schemas.equipment import Lift


async def examine(settings: NodeSettings) -> list[Examined]:
    """Look at everything this node depends on. Safe beside a running agent, whose lines are then left alone."""
    from edge.adapters import checks

    clock = SystemClock()
    wiring = wiring_of(settings.config)
    found = [checks.look_at_clock(clock), checks.look_at_disk(settings.outbox)]
    runs = checks.agent_runs(settings.outbox.path)
    if runs:
        found.append(checks.pins_skipped())
    elif wiring.inputs or wiring.channels:
        found += await checks.look_at_pins(settings.board, wiring, clock)
    for item in settings.config.equipment:
        if isinstance(item, Lift) and item.controller is not None:
            found.append(await checks.look_at_controller(item.id, item.controller))
    if settings.broker.credentials is not None:
        found.append(checks.look_at_credential(settings.broker.credentials, clock))
    return [*found, await checks.look_at_broker(settings, clock, agent_runs=runs)]
