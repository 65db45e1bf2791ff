"""A mistake in node.toml, said in a sentence: its key, what was expected, and an example that would be accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_EXAMPLES: Mapping[str, str] = {
    "node": '[node] with estate = "example" and name = "b1-node", or enrol this node: tocsin-edge enroll',
    "node.estate": 'estate = "example"',
    "node.name": 'name = "b1-node"',
    "broker": '[broker] with host = "192.0.2.10", or enrol this node: tocsin-edge enroll',
    "broker.host": 'host = "192.0.2.10"',
    "broker.port": "port = 8883",
    "broker.password_file": 'password_file = "mqtt.password"',
    "broker.tls": 'tls = { ca_file = "ca.crt", cert_file = "node.crt", key_file = "node.key" }',
    "outbox": '[outbox] with path = "/var/lib/tocsin/outbox.db"',
    "outbox.path": 'path = "/var/lib/tocsin/outbox.db"',
    "outbox.quota_mb": "quota_mb = 250",
    "board": '[board] with pin_factory = "auto"',
    "board.pin_factory": 'pin_factory = "lgpio"',
    "privacy.card_key_file": 'card_key_file = "card.key"',
    "status": "[status] with port = 8089",
    "status.port": "port = 8089",
    "clock.trust": 'trust = "auto"',
    "config": "[config] with version = 1 and at least one [[config.equipment]]",
    "config.version": "version = 1",
    "config.equipment": '[[config.equipment]] with kind = "smoke_detector", id = "b1/smoke-1", alarm_relay = { pin = 19 }',
    "kind": 'kind = "access_gate" (or "smoke_detector", "lift")',
    "id": 'id = "b1/smoke-1"',
    "pin": "pin = 17 (BCM number, 0 to 27)",
    "channel": "channel = 0 (of an MCP3008, 0 to 7)",
    "active": 'active = "low"',
    "pull": 'pull = "up"',
    "contact": 'contact = { pin = 4, active = "high" }',
    "controller": 'controller = { host = "192.0.2.7", port = 502, unit = 1 }',
    "fail_safe": 'fail_safe = "off" (a siren) or fail_safe = "on" (a gate release)',
    "purpose": 'purpose = "siren" (or "beacon", "gate_release")',
    "outputs": 'outputs = ["siren"]',
    "when": 'when = [{ equipment = "b1/gate-1", point = "fire-input" }]',
    "hazard": 'hazard = "fire.smoke"',
    "port": "port = 502",
    "path": 'path = "outbox.db"',
}
_TAGS = frozenset({"access_gate", "smoke_detector", "lift", "limit", "state", "rate", "count", "absence", "all", "any"})
_SHOWN = 80


def problem_of(error: dict[str, Any]) -> str:
    """`error`: one of what pydantic lists."""
    where = [part for part in error["loc"] if part not in _TAGS]
    key = _dotted(where) or "node.toml"
    message = str(error["msg"]).removeprefix("Value error, ")
    expected = {"missing": "is missing", "extra_forbidden": "is no key that is known here"}.get(str(error["type"]))
    given = "" if expected or isinstance(error["input"], dict) else f", not {repr(error['input'])[:_SHOWN]}"
    said = expected or f"{message if message[1:2].isupper() else message[0].lower() + message[1:]}{given}"
    example = _example(where) if error["type"] != "value_error" else None
    return f"{key}: {said}" + (f" - for example {example}" if example else "")


def _dotted(where: list[Any]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where).removeprefix(".")


def _example(where: list[Any]) -> str | None:
    names = [part for part in where if isinstance(part, str)]
    return _EXAMPLES.get(".".join(names)) or (_EXAMPLES.get(names[-1]) if names else None)
