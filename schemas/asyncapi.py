"""Writes the contract down for others: an AsyncAPI 3 document and a JSON Schema per message, from the models themselves.

`python -m schemas.asyncapi` writes them into docs/, `--check` says whether they are as the models are.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter

from schemas import examples
from schemas.base import NAME_PATTERN
from schemas.commands import AnyReceipt, Command
from schemas.delivery import Ack
from schemas.events import EventBatch
from schemas.node_config import NodeConfig
from schemas.presence import Health, Presence, WorkerHint
from schemas.telemetry import TelemetryBatch
from schemas.topics import FROM_NODE, MAX_PAYLOAD_BYTES, QOS, ROOT, Channel

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
COMMAND: Final = "python -m schemas.asyncapi"
_DOCS: Final = Path(__file__).parent.parent / "docs"
_DOCUMENT: Final = "asyncapi.json"
_HINT: Final = "worker"

_MODELS: Final[Mapping[Channel, Any]] = {
    Channel.TELEMETRY: TelemetryBatch,
    Channel.EVENTS: EventBatch,
    Channel.PRESENCE: Presence,
    Channel.HEALTH: Health,
    Channel.RECEIPT: AnyReceipt,
    Channel.ACK: Ack,
    Channel.CONFIG: NodeConfig,
    Channel.COMMAND: Command,
}
_SUMMARIES: Final[Mapping[Channel, str]] = {
    Channel.TELEMETRY: "A numbered batch of readings: a SenML pack (RFC 8428) in our envelope.",
    Channel.EVENTS: "A numbered batch of facts: alarm transitions, access, lifecycle, void ranges.",
    Channel.PRESENCE: "Birth at every connection and, as its last will, the death of that connection.",
    Channel.HEALTH: "How a node is, at least once a minute.",
    Channel.RECEIPT: "What came of a command, or of a configuration.",
    Channel.ACK: "Which batches are durable. Sent after the commit that made them so, never before.",
    Channel.CONFIG: "The node's whole configuration, under a version that only grows.",
    Channel.COMMAND: "A request, for one boot of one node, with an expiry. Never retained.",
}
_HINT_SUMMARY: Final = "A cloud worker is there. An empty payload takes the hint back."


def json_schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema of each message, by its name."""
    models = {**{str(channel): model for channel, model in _MODELS.items()}, _HINT: WorkerHint}
    return {name: _json_schema(name, model) for name, model in models.items()}


def document() -> dict[str, Any]:
    """The AsyncAPI 3.0 document of the cloud's side: what it receives from nodes, and sends to them."""
    names = [*map(str, _MODELS), _HINT]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tocsin on the wire",
            "version": ROOT.rpartition("/")[2],
            "description": (
                "What nodes and the cloud say to each other over MQTT 3.1.1, told from the cloud's side: a node sends "
                f"what is received here. Payloads are UTF-8 JSON of at most {MAX_PAYLOAD_BYTES} bytes. "
                f"Written by `{COMMAND}` from the models in schemas/."
            ),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "{host}:8883",
                "protocol": "mqtts",
                "protocolVersion": "3.1.1",
                "description": "The estate's broker. A wire, not a store: losing everything it holds loses nothing.",
                "variables": {"host": {"description": "Where the broker is", "examples": ["broker.example.org"]}},
            }
        },
        "channels": {name: _channel(name) for name in names},
        "operations": {_operation_name(name): _operation(name) for name in names},
        "components": {
            "messages": {name: _message(name) for name in names},
            "parameters": {
                "estate": {"description": f"The estate's name: {NAME_PATTERN}"},
                "node": {"description": f"The node's name within it: {NAME_PATTERN}"},
                "worker": {"description": f"The name of a cloud worker: {NAME_PATTERN}"},
            },
        },
    }


def files() -> dict[str, str]:
    """Every file this module writes, by its path within docs/."""
    written = {_DOCUMENT: document()}
    written |= {f"schemas/{name}.json": schema for name, schema in json_schemas().items()}
    return {path: json.dumps(content, indent=2, ensure_ascii=False) + "\n" for path, content in written.items()}


def drift(docs: Path) -> list[str]:
    """The files in `docs` that are not as the models are, each with what is wrong."""
    expected = files()
    found = []
    for path, content in expected.items():
        if not (docs / path).is_file():
            found.append(f"{path} is missing")
        elif (docs / path).read_text(encoding="utf-8") != content:
            found.append(f"{path} is not as the models are")
    written = {docs / path for path in expected}
    stray = sorted(path for path in (docs / "schemas").glob("*.json") if path not in written)
    return found + [f"schemas/{path.name} describes no message" for path in stray]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog=COMMAND, description="Write the AsyncAPI document and the JSON Schemas.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where they are not as the models are")
    parser.add_argument("--docs", type=Path, default=_DOCS, help="the folder to write into (default: docs/)")
    options = parser.parse_args(arguments)
    if options.check:
        found = drift(options.docs)
        sys.stderr.writelines(f"{problem}; run `{COMMAND}`\n" for problem in found)
        return 1 if found else 0
    for path, content in files().items():
        target = options.docs / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    return 0


def _json_schema(name: str, model: Any) -> dict[str, Any]:
    schema = TypeAdapter(model).json_schema()
    return {"$schema": DIALECT, "$id": f"urn:tocsin:{ROOT.rpartition('/')[2]}:{name}"} | {"title": name} | schema


def _channel(name: str) -> dict[str, Any]:
    level = "worker" if name == _HINT else "node"
    address = f"{ROOT}/{{estate}}/_cloud/{{worker}}" if name == _HINT else f"{ROOT}/{{estate}}/{{node}}/{name}"
    return {
        "address": address,
        "summary": _summary(name),
        "parameters": {each: {"$ref": f"#/components/parameters/{each}"} for each in ("estate", level)},
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
    }


def _operation_name(name: str) -> str:
    return f"{_action(name)}{name.capitalize()}"


def _operation(name: str) -> dict[str, Any]:
    retained = name == _HINT or Channel(name).retained
    return {
        "action": _action(name),
        "channel": {"$ref": f"#/channels/{name}"},
        "summary": _summary(name),
        "bindings": {"mqtt": {"qos": QOS, "retain": retained, "bindingVersion": "0.2.0"}},
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
    }


def _message(name: str) -> dict[str, Any]:
    shown = (examples.WORKER_HINT,) if name == _HINT else examples.MESSAGES[Channel(name)]
    return {
        "name": name,
        "summary": _summary(name),
        "contentType": "application/json",
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./schemas/{name}.json"},
        },
        "examples": [{"name": type(model).__name__, "payload": _shown(model)} for model in shown],
    }


def _shown(model: BaseModel) -> Any:
    return model.model_dump(mode="json", exclude_none=True)


def _action(name: str) -> str:
    return "receive" if name in map(str, FROM_NODE) else "send"


def _summary(name: str) -> str:
    return _HINT_SUMMARY if name == _HINT else _SUMMARIES[Channel(name)]


if __name__ == "__main__":
    sys.exit(main())
