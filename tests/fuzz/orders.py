"""What a node is told: acknowledgements, commands and configurations, on the channel that the first byte chooses."""

from __future__ import annotations

from pydantic import ValidationError

from edge.application.configure import _version_of, read_document
from schemas.commands import Command
from schemas.delivery import Ack
from schemas.examples import MESSAGES
from schemas.topics import Channel
from tests.fuzz.target import LONGEST_REFUSAL, Target, said

CHANNELS = (Channel.ACK, Channel.COMMAND, Channel.CONFIG)


def one(data: bytes) -> bool:
    head, brace, rest = data.partition(b"{")
    payload = brace + rest
    try:
        match CHANNELS[len(head) % len(CHANNELS)]:
            case Channel.ACK:
                ack = Ack.model_validate_json(payload)
                assert all(first <= last for stream in ack.streams for first, last in stream.stored)
            case Channel.COMMAND:
                Command.model_validate_json(payload)
            case _:
                _configured(payload)
    except ValidationError as error:
        said(str(error.errors(include_url=False)[:1])[:LONGEST_REFUSAL])
        return False
    except ValueError as error:
        said(error)
        return False
    return True


def _configured(payload: bytes) -> None:
    version = _version_of(payload)
    config = read_document(payload)
    assert config.version == version or version is None
    assert read_document(config.model_dump_json(exclude_none=True).encode()) == config, "written out it is the same"
    assert config.effective_rules() is not None


TARGET = Target(
    [
        b" " * number + message.model_dump_json(exclude_none=True).encode()
        for number, channel in enumerate(CHANNELS)
        for message in MESSAGES[channel]
    ],
    one,
)
