"""Text messages and calls through a provider's HTTP interface, against one of the test's own."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import pytest

from cloud.adapters.notify.gateway import GatewayChannel, pressed
from cloud.application.messages import Message
from cloud.domain.duties.escalation import Importance
from cloud.errors import Invalid, Unavailable
from cloud.notify_settings import Gateway
from tests.integration.cloud.notify.gateway_of_our_own import provider

NOW = datetime(2026, 11, 26, tzinfo=UTC)
HOSTILE = 'smoke"\\ & <b>\r\nX-Injected: 1 ${secret} 烟雾'


@pytest.fixture
def there():
    with provider() as there:
        yield there


def message(text="电梯困人", **extra):
    return Message("id-1", "+86 138", "物业", "zh", Importance.EMERGENCY, text, **extra)


def channel(there, **settings):
    gateway = Gateway.model_validate({"url": there.url + "/send", "secret": "k" * 16, **settings})
    return GatewayChannel("sms", gateway, lambda: NOW)


def test_a_json_body_holds_whatever_is_said_as_a_value(there):
    channel(there, body='{"to": "${address}", "text": "${text}", "key": "${id}"}').deliver(message(HOSTILE))
    (asked,) = there.asked
    assert json.loads(asked.body) == {"to": "+86 138", "text": HOSTILE, "key": "id-1"}
    assert asked.headers["content-type"] == "application/json"


def test_a_form_and_an_address_hold_it_too(there):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    channel(there, url=there.url + "/send?to=${address}", headers=form, body="text=${text}&id=${id}").deliver(
        message(HOSTILE)
    )
    (asked,) = there.asked
    assert asked.path == "/send?to=%2B86%20138"
    assert parse_qs(asked.body) == {"text": [HOSTILE], "id": ["id-1"]}


def test_xml_holds_it_too(there):
    channel(there, headers={"Content-Type": "text/xml; charset=utf-8"}, body="<m>${text}</m>").deliver(message("<a>&"))
    assert ET.fromstring(there.asked[0].body).text == "<a>&"


def test_a_header_holds_nothing_that_would_become_another(there):
    channel(there, headers={"X-Text": "${text}", "X-Key": "${id}"}).deliver(message(HOSTILE))
    assert "x-injected" not in there.asked[0].headers
    assert there.asked[0].headers["x-key"] == "id-1"


def test_what_is_sent_is_signed_where_the_provider_wants_it(there):
    sent = channel(
        there,
        headers={"Content-Type": "application/json", "X-Sign": "${signature}", "X-Time": "${time}"},
        body='{"text": "${text}"}',
        signed="${time}.${body}",
    )
    sent.deliver(message())
    (asked,) = there.asked
    signed = f"{int(NOW.timestamp())}.{asked.body}".encode()
    assert asked.headers["x-sign"] == hmac.new(b"k" * 16, signed, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(("status", "said"), [(500, "{}"), (403, "{}"), (302, "{}"), (200, '{"code": 7}')])
def test_what_the_provider_did_not_take_was_not_sent(there, status, said):
    there.answers, there.headers = [(status, said)], {"Location": there.url + "/elsewhere"}
    with pytest.raises(Unavailable) as error:
        channel(there, success=r'"code"\s*:\s*0').deliver(message())
    assert len(there.asked) == 1, "a redirect is not followed"
    assert "138" not in str(error.value)


def test_a_provider_that_is_not_there_is_said_without_its_address_or_key(there):
    gone = Gateway.model_validate({"url": "http://127.0.0.1:9/send?key=${secret}", "secret": "very-secret-value"})
    with pytest.raises(Unavailable) as error:
        GatewayChannel("sms", gone, lambda: NOW).deliver(message())
    assert "very-secret" not in str(error.value)
    assert "very-secret" not in repr(gone)


def test_a_template_that_names_nothing_is_refused_at_the_start(there):
    with pytest.raises(Invalid, match=r"notify\.gateways\.sms\.body: nothing stands for \$\{phone\}"):
        channel(there, body='{"to": "${phone}"}')
    with pytest.raises(Invalid, match="begins no name"):
        channel(there, body="$ 5")


def test_only_a_gateway_with_a_callback_rings(there):
    assert (channel(there).rings, channel(there).carries_links) == (False, True)
    assert (channel(there, callback={}).rings, channel(there, callback={}).carries_links) == (True, False)


def gateway(**callback):
    return Gateway.model_validate({"url": "https://x.example/", "callback": callback})


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (b'{"dtmf": "1"}', "1"),
        (b"digits=2&call=7", "2"),
        (b'{"data":{"key":"#"}}', "#"),
        (b"{}", None),
        (b"\xff", None),
    ],
)
def test_the_key_is_read_from_what_providers_send(body, key):
    assert pressed(gateway(), body, {}) == key


def test_where_callbacks_are_signed_no_other_is_believed():
    signed = gateway(signature_header="X-Sign", time_header="X-Time", secret="s" * 16)
    body, moment = b'{"dtmf": "1"}', "1764115200"
    right = hmac.new(b"s" * 16, f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    assert pressed(signed, body, {"x-sign": f"sha256={right}", "X-Time": moment}) == "1"
    assert pressed(signed, body, {"x-sign": right, "x-time": "1764115201"}) is None
    assert pressed(signed, b'{"dtmf": "2"}', {"x-sign": right, "x-time": moment}) is None
    assert pressed(signed, body, {}) is None
    assert pressed(signed, body, {"x-sign": "é"}) is None
