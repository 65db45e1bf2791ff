"""The written contract is as the models are, holds together, and its examples fit."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from schemas import asyncapi, examples
from schemas.topics import FROM_NODE, TO_NODE, Channel, CloudTopic, NodeAddress

DOCS = Path(__file__).parents[3] / "docs"
NAMES = [*map(str, Channel), "worker"]
SCHEMAS = asyncapi.json_schemas()
DOCUMENT = asyncapi.document()


def test_the_written_contract_is_as_the_models_are():
    assert asyncapi.drift(DOCS) == [], f"run `{asyncapi.COMMAND}` and commit what it writes into docs/"


def test_it_is_written_the_same_every_time(tmp_path):
    assert asyncapi.main(["--docs", str(tmp_path)]) == 0
    first = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}
    assert asyncapi.main(["--docs", str(tmp_path)]) == 0
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.json")} == first
    assert asyncapi.main(["--check", "--docs", str(tmp_path)]) == 0


def test_a_drift_is_told_with_the_command_that_mends_it(tmp_path, capsys):
    asyncapi.main(["--docs", str(tmp_path)])
    (tmp_path / "asyncapi.json").write_text("{}", encoding="utf-8")
    (tmp_path / "schemas" / "ack.json").unlink()
    (tmp_path / "schemas" / "gone.json").write_text("{}", encoding="utf-8")
    assert asyncapi.main(["--check", "--docs", str(tmp_path)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "asyncapi.json is not as the models are; run `python -m schemas.asyncapi`",
        "schemas/ack.json is missing; run `python -m schemas.asyncapi`",
        "schemas/gone.json describes no message; run `python -m schemas.asyncapi`",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_is_a_json_schema(name):
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    assert SCHEMAS[name]["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]


def shown(name):
    return [example["payload"] for example in DOCUMENT["components"]["messages"][name]["examples"]]


@pytest.mark.parametrize("name", NAMES)
def test_each_example_fits_its_schema(name):
    validator = jsonschema.Draft202012Validator(SCHEMAS[name])
    assert shown(name)
    for payload in shown(name):
        assert list(validator.iter_errors(payload)) == []


@pytest.mark.parametrize("channel", Channel)
def test_each_example_is_read_as_what_it_was(channel):
    for model, payload in zip(examples.MESSAGES[channel], shown(str(channel)), strict=True):
        assert type(model).model_validate_json(json.dumps(payload)) == model


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("telemetry", {"pack": []}),
        ("telemetry", {"pack": [{"n": 5}]}),
        ("telemetry", {"pack": [{"n": "a", "v": 1, "other_": 1}]}),
        ("telemetry", {"seq": 0}),
        ("events", {"events": [{"kind": "alarm.risen", "mono": 1}]}),
        ("events", {"outbox": "mine"}),
        ("presence", {"state": "asleep"}),
        ("ack", {"streams": [{"stream": "events", "stored": [[1]]}]}),
        ("config", {"colour": "red"}),
        ("config", {"equipment": []}),
        ("command", {"action": "self-destruct"}),
        ("receipt", {"outcome": "perhaps"}),
        ("health", {"mono": -1}),
        ("worker", {"state": "offline"}),
    ],
)
def test_a_schema_refuses_what_the_models_refuse(name, broken):
    payload = shown(name)[0] | broken
    assert list(jsonschema.Draft202012Validator(SCHEMAS[name]).iter_errors(payload))


def test_every_channel_of_the_wire_is_there_in_its_direction():
    addresses = {name: channel["address"] for name, channel in DOCUMENT["channels"].items()}
    node = NodeAddress("estate", "node")
    filled = {name: address.replace("{", "").replace("}", "") for name, address in addresses.items()}
    assert filled == {str(channel): node.topic(channel) for channel in Channel} | {
        "worker": str(CloudTopic("estate", "worker"))
    }
    actions = {
        operation["channel"]["$ref"].rpartition("/")[2]: operation for operation in DOCUMENT["operations"].values()
    }
    assert {name for name, operation in actions.items() if operation["action"] == "receive"} == set(map(str, FROM_NODE))
    assert {name for name, operation in actions.items() if operation["action"] == "send"} == {
        *map(str, TO_NODE),
        "worker",
    }


def test_quality_of_service_and_retention_are_those_of_the_wire():
    bindings = {
        operation["channel"]["$ref"].rpartition("/")[2]: operation["bindings"]["mqtt"]
        for operation in DOCUMENT["operations"].values()
    }
    assert {binding["qos"] for binding in bindings.values()} == {1}
    assert {name for name, binding in bindings.items() if binding["retain"]} == {"presence", "config", "worker"}


def references(part):
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_every_reference_leads_somewhere():
    found = list(references(DOCUMENT))
    assert found
    for reference in found:
        where, _, way = reference.partition("#")
        target = json.loads((DOCS / where).read_text(encoding="utf-8")) if where else DOCUMENT
        for step in way.split("/")[1:]:
            target = target[step]


def test_the_document_has_what_asyncapi_3_requires():
    """There is no AsyncAPI 3 schema to be had offline: these are its required keys, and the keys it knows."""
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= DOCUMENT["info"].keys()
    known = {"asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components"}
    assert DOCUMENT.keys() <= known
    for server in DOCUMENT["servers"].values():
        assert {"host", "protocol"} <= server.keys()
        assert set(re.findall(r"{(\w+)}", server["host"])) == server["variables"].keys()
    for channel in DOCUMENT["channels"].values():
        assert set(re.findall(r"{(\w+)}", channel["address"])) == channel["parameters"].keys()
        assert channel["messages"]
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] in {"send", "receive"}
        assert operation["channel"].keys() == {"$ref"}
        # An operation's messages must be a subset of its channel's, referenced through the channel.
        for message in operation["messages"]:
            assert message["$ref"].startswith(operation["channel"]["$ref"] + "/messages/")
    for message in DOCUMENT["components"]["messages"].values():
        assert message["payload"].keys() == {"schemaFormat", "schema"}
