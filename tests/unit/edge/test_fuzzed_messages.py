"""Whatever the broker hands to a node: it lives, and the next message is served."""

import asyncio
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.examples import MESSAGES
from schemas.topics import TO_NODE, Channel, TopicError, parse
from tests.fakes.mutants import TOPICS, mutants
from tests.unit.edge.test_delivering import EVENTS, Desk

VALID = [(channel, json.loads(message.model_dump_json())) for channel in TO_NODE for message in MESSAGES[channel]]
almost = st.sampled_from(VALID).flatmap(lambda valid: st.tuples(st.just(valid[0]), mutants(valid[1])))
anything = st.tuples(st.sampled_from([*TO_NODE, None]), st.binary(max_size=200))


@settings(max_examples=200, deadline=None)
@given(st.lists(almost | anything, max_size=4))
def test_a_node_lives_whatever_it_is_told(messages):
    async def told() -> None:
        async with Desk() as desk:
            for channel, payload in messages:
                desk.broker.tell(channel, payload)
            await desk.clock.settle()
            desk.happen()
            await desk.clock.settle()
            assert desk.broker.seqs(EVENTS) == [1]
            assert desk.broker.attempts == 1

    asyncio.run(told())


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 3).flatmap(lambda first: st.tuples(st.just(first), st.integers(first, 2**53 - 1))), st.booleans())
def test_an_acknowledgement_of_more_than_there_ever_was_costs_nothing(stored, marked):
    async def told() -> None:
        async with Desk() as desk:
            desk.broker.cloud_answers = False
            desk.happen()
            await desk.clock.settle()
            answer = {"stream": "events", "stored": [stored], "marks": [0] * 5 if marked else []}
            ack = {"outbox": desk.outbox.identity, "streams": [answer]}
            desk.broker.tell(Channel.ACK, json.dumps(ack).encode())
            await desk.clock.settle()
            assert desk.outbox.used_bytes == 0 if stored[0] == 1 and not marked else desk.outbox.used_bytes > 0

    asyncio.run(told())


@given(TOPICS)
def test_any_topic_is_read_or_refused(topic):
    try:
        parse(topic)
    except TopicError as refused:
        assert str(refused)  # noqa: PT017 - most topics are refused, and each for a reason
