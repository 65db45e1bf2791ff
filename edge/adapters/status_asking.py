"""The other side of the status page: the command line of the same machine."""

from __future__ import annotations

import http.client
import json
from typing import Any

from edge.errors import StatusPageError
from edge.settings import StatusSection

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened on


def ask(section: StatusSection | None) -> dict[str, Any]:
    """What the running agent says of itself, as on its page. Raises StatusPageError that says what to do."""
    if section is None:
        raise StatusPageError("node.toml has no [status], so the agent shows nothing; add [status] with port = 8089")
    host = "127.0.0.1" if section.host in _EVERYWHERE else section.host
    connection = http.client.HTTPConnection(host, section.port, timeout=5)
    try:
        connection.request("GET", "/status.json")
        found: dict[str, Any] = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise StatusPageError(
            f"the agent does not answer at {host}:{section.port} ({error}); is it running? journalctl -u tocsin-edge"
        ) from error
    finally:
        connection.close()
    return found


def told(status: dict[str, Any]) -> str:
    """For people."""
    outputs = ", ".join(f"{name} {'on' if on else 'off'}" for name, on in status["outputs"].items()) or "none"
    lines = [
        f"{status['node']}, agent {status['agent_version']}, configuration {status['configuration']}",
        f"  broker   {'connected' if status['connected'] else 'NOT CONNECTED'}",
        f"  cloud    {'NOT HEARD' if status['cloud_silent'] else 'heard'} ({status['cloud_heard_s_ago']:.0f} s ago)",
        f"  waiting  {status['waiting_events']} batches of events, {status['waiting_batches']} of readings",
        f"  clock    {status['clock']}, {_offset(status.get('clock_offset_s'))}",
        f"  alarms   {', '.join(status['alarms']) or 'none'}",
        f"  outputs  {outputs}",
    ]
    return "\n".join([*lines, f"  TROUBLE  {status['trouble']}"] if status["trouble"] else lines)


def _offset(seconds: float | None) -> str:
    if seconds is None:
        return "how far from its reference is not known"
    return f"{abs(seconds) * 1000:.3f} ms {'behind' if seconds > 0 else 'ahead of'} its reference"
