"""Channels through Apprise: one URL with the member's address in it, against a server of the test's own."""

from __future__ import annotations

import json
import logging

import pytest

from cloud.adapters.notify.apprise_channel import AppriseChannel
from cloud.adapters.notify.opening import open_channels
from cloud.application.messages import Message
from cloud.domain.duties.escalation import Importance
from cloud.errors import Invalid, Unavailable
from cloud.notify_settings import Notify
from tests.integration.cloud.notify.gateway_of_our_own import provider

SECRET = "s3cr3t-password"


@pytest.fixture
def there():
    with provider() as there:
        yield there


def channel(there):
    host = there.url.removeprefix("http://")
    return AppriseChannel("ntfy", f"json://user:{SECRET}@{host}/{{address}}")


def message(address="guard", **extra):
    return Message("id-1", address, "物业", "zh", Importance.EMERGENCY, "电梯困人", **extra)


def test_a_message_goes_to_the_members_own_address_with_words_and_link(there):
    channel(there).deliver(message(link="https://tocsin.example/enter/x"))
    (asked,) = there.asked
    told = json.loads(asked.body)
    assert asked.path.rstrip("/") == "/guard"
    assert told["title"] == "【险情】"
    assert "电梯困人" in told["message"]
    assert "https://tocsin.example/enter/x" in told["message"]


@pytest.mark.parametrize("address", ["a/../b", "a?to=other", "a#b", "a b", "x:y@evil.example"])
def test_an_address_stays_where_it_belongs(there, address):
    channel(there).deliver(message(address))
    (asked,) = there.asked
    assert asked.path.count("/") <= 2
    assert "?" not in asked.path


def test_a_provider_that_refuses_is_said_without_secrets(there, caplog, capfd):
    there.answers = [(500, "no")]
    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable) as error:
        channel(there).deliver(message())
    said = caplog.text + "".join(capfd.readouterr()) + str(error.value)
    assert "did not take it" in said
    assert SECRET not in said


def test_a_url_that_apprise_does_not_know_is_refused_at_the_start_without_showing_it():
    with pytest.raises(Invalid) as error:
        AppriseChannel("chat", f"nonsense://user:{SECRET}@x")
    assert "notify.channels.chat" in str(error.value)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "mailtos://user:word@smtp.example.org:465?from=tocsin@example.org&to={address}",
        "wecombot://{address}",
        "dingtalk://{address}",
        "feishu://{address}",
        "ntfys://ntfy.example.org/{address}",
        "tgram://123456789:abcdefg_hijklmnop/{address}",
    ],
)
def test_the_urls_of_the_documentation_are_known(url):
    assert AppriseChannel("any", url).carries_links


def test_the_channels_of_the_settings_and_the_console_where_there_is_no_other():
    assert set(open_channels(Notify(), lambda: None)) == {"console"}
    chat = Notify.model_validate({"channels": {"feishu": "feishu://{address}"}})
    assert set(open_channels(chat, lambda: None)) == {"feishu"}
    both = Notify.model_validate({"console": True, "channels": {"feishu": "feishu://{address}"}})
    assert set(open_channels(both, lambda: None)) == {"feishu", "console"}
    assert "feishu://" not in repr(both)
