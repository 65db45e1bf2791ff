"""Configurations and commands of every shape reach a whole node; what it can do it does, and it goes on observing."""

from __future__ import annotations

import asyncio
import json
import uuid

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from schemas.commands import AnyReceipt, Command
from schemas.equipment import LiftRegisters
from schemas.topics import Channel
from tests.fakes.edge_clock import BOOT
from tests.fakes.mutants import ODD, mutants
from tests.unit.edge.equipment import GATE, SMOKE, detector, gate, lift
from tests.unit.edge.test_running_node import SIREN, SOUND, Building

CONFIG, COMMAND, EVENTS = Channel.CONFIG, Channel.COMMAND, Channel.EVENTS
DOCUMENT = {"version": 2, "equipment": [detector(), gate(), lift()], "outputs": [SIREN], "reflexes": [SOUND]}
RULES = [
    {"id": f"{SMOKE}/own", "equipment": SMOKE, "hazard": "fire.smoke", "when": when}
    for when in (
        {"kind": "limit", "point": "co", "above": 3.0},
        {"kind": "rate", "point": "co", "rise": 3.0, "window_s": 5.0},
        {"kind": "count", "point": "alarm", "at_least": 2, "window_s": 5.0},
        {"kind": "absence", "point": "co", "for_s": 3.0},
        {"kind": "all", "of": [{"kind": "not", "of": {"kind": "state", "point": "alarm"}}], "for_s": 2.0},
    )
]
DEEP = [b'{"version": 2, "equipment": ' + bracket * 20_000 for bracket in (b"[", b'{"a":')]
documents = mutants(DOCUMENT | {"rules": [dict(rule, id=f"{rule['id']}-{n}") for n, rule in enumerate(RULES)]})
ACTIONS = ["identify", "test-alarm", "reload", "report-configuration", "rotate-credentials"]
commands = st.builds(
    lambda action, arguments, expiry: {
        "id": str(uuid.uuid4()), "boot": BOOT, "action": action, "expires_in_s": expiry, "arguments": arguments,
    },
    st.sampled_from(ACTIONS),
    st.dictionaries(
        st.sampled_from(["seconds", "equipment", "hazard", "x"]),
        ODD | st.sampled_from([SMOKE, GATE, "fire.smoke", "access.forced-open", 1, 30, 300]),
        max_size=4,
    ),
    st.sampled_from([0.1, 60.0, 3600.0]),
)  # fmt: skip


async def lives_on(here: Building, told: list[tuple[Channel, bytes]]) -> None:
    """Everything is told, time passes, and a contact that moves is an event all the same."""
    await here.live(1)
    for channel, payload in told:
        here.broker.tell(channel, payload)
        await here.live(1, step=0.25)
    assert not here.running.done()
    here.broker.tell(COMMAND, json.dumps(identify()).encode())
    await here.live(1)
    receipts = here.broker.heard(Channel.RECEIPT)
    assert receipts[-1]["outcome"] == "done"
    assert here.broker.attempts == 1, "no message costs the connection"


def identify() -> dict:
    return {"id": str(uuid.uuid4()), "boot": BOOT, "action": "identify", "expires_in_s": 60.0}


@settings(max_examples=60, deadline=None)
@given(st.lists(documents, min_size=1, max_size=2))
@example([DEEP[0]])
@example([DEEP[1]])
def test_a_node_lives_whatever_configuration_it_is_given(payloads):
    async def run() -> None:
        async with Building() as here:
            await lives_on(here, [(CONFIG, payload) for payload in payloads])

    asyncio.run(run())


@pytest.mark.parametrize("deep", DEEP, ids=["lists", "objects"])
async def test_a_document_nested_without_end_is_refused_with_a_receipt(deep):
    async with Building() as here:
        here.broker.tell(CONFIG, deep)
        await here.live(1)
        (receipt,) = here.broker.heard(Channel.RECEIPT)
        assert (receipt["outcome"], receipt["configuration_version"]) == ("refused", None)
        assert receipt["detail"]
        assert TypeAdapter(AnyReceipt).validate_python(receipt), "the cloud can read it"


@settings(max_examples=60, deadline=None)
@given(st.lists(commands.flatmap(mutants), min_size=1, max_size=4))
def test_a_node_lives_whatever_it_is_asked(payloads):
    async def run() -> None:
        async with Building() as here:
            await lives_on(here, [(COMMAND, payload) for payload in payloads])

    asyncio.run(run())


@settings(max_examples=80, deadline=None)
@given(commands)
def test_every_request_that_can_be_read_is_answered_once_and_says_why_not(command):
    readable = True
    try:
        Command.model_validate_json(json.dumps(command))
    except ValueError:
        readable = False

    async def run() -> None:
        async with Building() as here:
            payload = json.dumps(command).encode()
            await lives_on(here, [(COMMAND, payload), (COMMAND, payload)])
            mine = [receipt for receipt in here.broker.heard(Channel.RECEIPT) if receipt["command"] == command["id"]]
            assert len(mine) == (2 if readable else 0), "a repeat is answered as the first time"
            if readable:
                assert mine[0]["outcome"] == mine[1]["outcome"]
                assert mine[0]["outcome"] == "done" or mine[0]["detail"]

    asyncio.run(run())


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.fixed_dictionaries({name: st.integers(0, 0xFFFF) for name in LiftRegisters.model_fields}), max_size=5)
)
def test_registers_of_any_value_mean_something_or_nothing_and_never_end_the_node(answers):
    async def run() -> None:
        async with Building() as here:
            for registers in answers:
                here.controller.registers = registers
                await here.live(1)
            assert not here.running.done()

    asyncio.run(run())
