"""Webhooks: the signature as the specification has it, and nowhere but to the public internet."""

from __future__ import annotations

import base64
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Receiver

from cloud.adapters.notify.outward import Limits, Outward, refusal
from cloud.adapters.notify.webhooks import WebhookPoster, resting
from cloud.application.messages import Event, NotTaken
from cloud.errors import Invalid, Unavailable
from tests.integration.cloud.notify.gateway_of_our_own import provider

HOME = Limits(http=True, loopback=True)


@pytest.fixture
def there():
    with provider() as there:
        yield there


def event(url, *secrets, at=None):
    return Event("msg_1", url, secrets or (secret("a"),), at or datetime.now(UTC), {"specversion": "1.0", "说": "烟雾"})


def secret(letter):
    return "whsec_" + base64.b64encode(letter.encode() * 24).decode()


def test_the_signature_is_that_of_the_specifications_vector():
    """Standard Webhooks' own example: secret, id, time and body give this signature."""
    signing = Receiver("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    signed = signing.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_with_either_secret_believes_what_is_sent(there):
    WebhookPoster(Outward(HOME)).post(event(there.url + "/hook?a=1", secret("n"), secret("o")))
    (asked,) = there.asked
    assert (asked.method, asked.path, asked.headers["webhook-id"]) == ("POST", "/hook?a=1", "msg_1")
    for valid in (secret("n"), secret("o")):
        assert Receiver(valid).verify(asked.body, asked.headers)["说"] == "烟雾"
    with pytest.raises(Exception, match="No matching signature"):
        Receiver(secret("x")).verify(asked.body, asked.headers)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 410, 500])
def test_what_is_no_success_is_tried_again_and_no_redirect_is_followed(there, status):
    there.answers, there.headers = [(status, "")], {"Location": there.url + "/elsewhere"}
    with pytest.raises(Unavailable, match=f"answered {status}"):
        WebhookPoster(Outward(HOME)).post(event(there.url))
    assert len(there.asked) == 1


NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
RESTS = {
    "120": 120, " 7 ": 7, "0": 0, "-5": 0, "1.5": 0, "soon": 0, "": 0, "٣": 0, "9" * 5000: 366 * 86400,
    "Tue, 12 May 2026 12:05:00 GMT": 300, "Tue, 12 May 2026 11:00:00 GMT": 0, "Tue, 99 May 2026 11:00:00 GMT": 0,
}  # fmt: skip


@pytest.mark.parametrize("asked", RESTS)
def test_a_rest_is_asked_for_in_seconds_or_by_a_date_and_nonsense_asks_none(asked):
    assert resting(asked, NOON).total_seconds() == RESTS[asked]
    assert resting(None, NOON) == timedelta()


def test_gone_is_said_and_so_is_for_how_long_to_wait(there):
    there.answers, there.headers = [(410, ""), (429, "")], {"Retry-After": "90"}
    with pytest.raises(NotTaken) as gone:
        WebhookPoster(Outward(HOME)).post(event(there.url))
    assert gone.value.gone
    with pytest.raises(NotTaken) as busy:
        WebhookPoster(Outward(HOME)).post(event(there.url))
    assert (busy.value.gone, busy.value.rest) == (False, timedelta(seconds=90))


INSIDE = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "::127.0.0.1", "::a9fe:a9fe", "fec0::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_ever_connected_to(address):
    assert refusal(address, Limits()) is not None
    outward = Outward(Limits(), lambda _host, _port: [address])
    with pytest.raises(Unavailable, match="refused"):
        outward.post("https://hooks.example/", b"", {})


@pytest.mark.parametrize("address", ["8.8.8.8", "114.114.114.114", "2400:3200::1", "64:ff9b::808:808"])
def test_the_public_internet_is_let_out_to(address):
    assert refusal(address, Limits()) is None


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::808:808", "2400:3200::1"]
)
def test_without_encryption_nothing_leaves_the_house_however_the_address_is_written(address):
    outward = Outward(Limits(http=True, house=True), lambda _host, _port: [address])
    with pytest.raises(Unavailable, match="http goes as far as the house only"):
        outward.post("http://relay.example/", b"", {})


def test_one_address_inside_among_several_refuses_the_host():
    outward = Outward(Limits(), lambda _host, _port: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(Unavailable, match=r"10\.0\.0\.1"):
        outward.post("https://hooks.example/", b"", {})


def test_a_name_that_answers_differently_the_second_time_gains_nothing(there):
    """DNS rebinding: the connection goes to the address that was judged; the name is not asked again."""
    asked = []

    def rebinding(host, port):
        asked.append((host, port))
        return ["127.0.0.1"] if len(asked) == 1 else ["10.255.255.1"]

    url = there.url.replace("127.0.0.1", "hooks.example")
    assert Outward(HOME, rebinding).post(url, b"{}", {}).status == 200
    assert len(asked) == 1
    assert there.asked[0].headers["host"].startswith("hooks.example")


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/", "ftp://hooks.example/", "https://", "https:///x", "hooks.example", "", "javascript:1",
        "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest/meta-data/", "https://10.0.0.1:8443/",
        "https://user:word@hooks.example/", "https://hooks.example/#x", "https://hooks.example/ x",
        "https://hooks.example/\r\nX: 1", "https://hooks.example:99999/", "https://[::1", "file:///etc/passwd",
        "https://[::ffff:7f00:1]/",
    ],
)  # fmt: skip
def test_a_url_that_leads_elsewhere_is_refused_when_it_is_given(url):
    with pytest.raises(Invalid, match="cannot be used"):
        Outward(Limits()).check(url)


@given(st.text(max_size=60))
def test_whatever_is_typed_as_a_url_is_refused_or_taken_and_nothing_else(text):
    try:
        host, port, path = Outward(Limits()).check("https://" + text)
    except Invalid:
        return
    assert host
    assert 0 <= port < 65536
    assert path.startswith("/")


def test_this_machine_needs_both_switches_of_development(there):
    with pytest.raises(Invalid, match="https"):
        Outward(Limits(loopback=True)).post(there.url, b"", {})
    with pytest.raises(Invalid, match="this machine"):
        Outward(Limits(http=True)).post(there.url, b"", {})
    assert there.asked == []


def test_a_name_that_is_not_known_and_a_port_that_is_closed_are_said():
    def unknown(_host, _port):
        raise OSError(-2, "Name or service not known")

    with pytest.raises(Unavailable, match="not known"):
        Outward(HOME, unknown).post("http://nowhere.example/", b"", {})
    with pytest.raises(Unavailable, match="refused"):
        Outward(HOME).post("http://127.0.0.1:9/", b"", {})


def test_who_drips_out_an_answer_holds_nobody_for_ever():
    listener = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def drip():
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not stopping.wait(0.02):
                connection.sendall(b"a")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        with pytest.raises(Unavailable):
            Outward(HOME, patience_s=0.3).post(f"http://127.0.0.1:{listener.getsockname()[1]}/", b"", {})
    finally:
        stopping.set()
        thread.join(5)
        listener.close()
    assert not thread.is_alive()
