"""Every topic, built and parsed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.topics import (
    FROM_NODE,
    TO_NODE,
    Channel,
    CloudTopic,
    NodeAddress,
    NodeTopic,
    TopicError,
    cloud_subscriptions,
    is_from_cloud,
    node_subscriptions,
    parse,
)

NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True)


@given(NAMES, NAMES, st.sampled_from(Channel))
def test_what_is_built_is_parsed_again(estate, node, channel):
    address = NodeAddress(estate, node)
    assert parse(address.topic(channel)) == NodeTopic(address, channel)


@given(NAMES, NAMES)
def test_a_cloud_hint_is_parsed_again(estate, worker):
    assert parse(str(CloudTopic(estate, worker))) == CloudTopic(estate, worker)


@given(
    st.text(max_size=40) | st.builds("tocsin/v1/{}/{}/{}".format, st.text(max_size=5), st.text(max_size=5), st.text())
)
def test_whatever_comes_is_parsed_or_refused(topic):
    try:
        parsed = parse(topic)
    except TopicError:
        return
    assert (parsed.address.topic(parsed.channel) if isinstance(parsed, NodeTopic) else str(parsed)) == topic


@pytest.mark.parametrize(
    ("topic", "says"),
    [
        ("", "is not tocsin/v1/"),
        ("tocsin", "is not tocsin/v1/"),
        ("/tocsin/v1/e/n/events", "is not tocsin/v1/"),
        ("tocsin/v1/e/n/events/", "is not tocsin/v1/"),
        ("tocsin/v1/e/n", "is not tocsin/v1/"),
        ("Tocsin/v1/e/n/events", "is not tocsin/v1/"),
        ("$SYS/v1/e/n/events", "is not tocsin/v1/"),
        ("tocsin/v2/e/n/events", "speaks version 'v2'; this side speaks v1"),
        ("tocsin/v1/e/n/event", "known: telemetry, events"),
        ("tocsin/v1/e/n/EVENTS", "known: telemetry"),
        ("tocsin/v1/e/n/events\n", "known: telemetry"),
        ("tocsin/v1/e\n/n/events", "estate 'e\\n' is no name"),
        ("tocsin/v1/+/n/events", "estate '+' is no name"),
        ("tocsin/v1/e/#/events", "node '#' is no name"),
        ("tocsin/v1/e//events", "node '' is no name"),
        ("tocsin/v1/e/-n/events", "node '-n' is no name"),
        ("tocsin/v1/e/_node/events", "node '_node' is no name"),
        ("tocsin/v1/e/n\x00/events", "is no name"),
        ("tocsin/v1/e/ｎ/events", "is no name"),
        ("tocsin/v1/e/" + "n" * 64 + "/events", "at most 63"),
        ("tocsin/v1/e/_cloud/_w", "names no estate and worker"),
        ("tocsin/v1/+/_cloud/w", "names no estate and worker"),
        ("tocsin/v1/e/_cloud/w\n", "names no estate and worker"),
    ],
)
def test_a_hostile_topic_is_refused_with_the_part_that_does_not_fit(topic, says):
    with pytest.raises(TopicError) as refused:
        parse(topic)
    assert says in str(refused.value)


def test_an_address_cannot_be_made_of_what_is_no_name():
    for estate, node in (("e", "_cloud"), ("e", "a/b"), ("", "n"), ("e\n", "n"), ("E", "n")):
        with pytest.raises(TopicError):
            NodeAddress(estate, node)


def matches(subscription, topic):
    if subscription.endswith("/#"):
        return topic.startswith(subscription.removesuffix("#"))
    pairs = zip(subscription.split("/"), topic.split("/"), strict=True)
    return all(level in ("+", part) for level, part in pairs)


@pytest.mark.parametrize("channel", Channel)
def test_each_channel_has_exactly_one_listener(channel):
    address = NodeAddress("estate", "node")
    topic = address.topic(channel)
    heard_by_cloud = [matches(subscription, topic) for subscription in cloud_subscriptions()]
    heard_by_node = sum(matches(subscription, topic) for subscription in node_subscriptions(address))
    assert heard_by_cloud == [True], "no message comes twice"
    assert is_from_cloud(topic) is (channel in TO_NODE)
    assert heard_by_node == (0 if channel in FROM_NODE else 1)
    assert (channel in FROM_NODE) is not (channel in TO_NODE)


@pytest.mark.parametrize(
    "topic", ["tocsin/v1/e/n/gossip", "tocsin/v9/e/n/ack", "tocsin/v1/e", "tocsin/v1/e/n/ack/more"]
)
def test_what_nobody_knows_is_heard_by_the_cloud_and_not_taken_for_its_own(topic):
    assert any(matches(subscription, topic) for subscription in cloud_subscriptions())
    assert not is_from_cloud(topic)


def test_a_node_hears_the_hints_of_its_own_estate_only():
    mine = node_subscriptions(NodeAddress("estate", "node"))[-1]
    assert matches(mine, str(CloudTopic("estate", "worker-1")))
    assert not matches(mine, str(CloudTopic("other", "worker-1")))


def test_only_presence_and_configuration_are_retained():
    assert {channel for channel in Channel if channel.retained} == {Channel.PRESENCE, Channel.CONFIG}
