"""Channels lead where they say and nowhere inside, and what comes back tells no secret in any writing."""

from __future__ import annotations

import json
from base64 import b64encode
from urllib.parse import quote, quote_plus

import pytest

from cloud.adapters.notify.apprise_channel import AppriseChannel
from cloud.adapters.notify.outward import Limits, Outward, refusal
from cloud.application.messages import Message
from cloud.domain.duties.escalation import Importance
from cloud.errors import Unavailable
from tests.integration.cloud_web.test_channels import API, chief, gateway, passes, there

__all__ = ["chief", "there"]

METADATA = [
    "100.100.100.200",
    "168.63.129.16",
    "fd00:ec2::254",
    "fd20:ce::254",
    "::ffff:100.100.100.200",
    "192.0.0.192",
]


@pytest.mark.parametrize("address", METADATA)
@pytest.mark.parametrize("limits", [Limits(), Limits(http=True, loopback=True, house=True)])
def test_where_clouds_keep_their_metadata_nothing_goes_though_it_lies_in_the_house(address, limits):
    """Alibaba's lies among the addresses of providers (RFC 6598), Amazon's and Google's of IPv6 among private ones."""
    assert refusal(address, limits) is not None
    with pytest.raises(Unavailable, match="refused"):
        Outward(limits, lambda _host, _port: [address]).request("GET", "https://relay.example/", None, {})


def test_the_house_is_reached_all_the_same():
    assert refusal("100.100.100.201", Limits(house=True)) is None
    assert refusal("fd00:ec2::253", Limits(house=True)) is None


@pytest.mark.parametrize("url", ["https://x.${address}/send", "https://a${address}", "https://sms.example:${id}/"])
def test_no_member_says_to_which_server_a_secret_goes(chief, url):
    refused = chief.put(f"{API}/any", json={**gateway("https://x.example"), "url": url})
    assert (refused.status_code, "name the server in full" in refused.text) == (422, True)
    assert chief.put(f"{API}/any", json={**gateway(""), "url": "https://x.example?to=${address}"}).status_code == 201


SECRET = 'k3y/of "the" provider&<ü>'


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET).lower(),
        quote_plus(SECRET),
        json.dumps(SECRET),
        b64encode(SECRET.encode()).decode(),
    ],
)
def test_a_provider_that_says_the_secret_back_in_another_writing_tells_it_to_nobody(house, chief, there, written):
    there.answers = [(403, f"unknown key {written}.")]
    chief.put(f"{API}/pager", json={**gateway(there.url), "secret": SECRET})
    passes(house)
    tried = chief.post(f"{API}/pager/test", json={"address": "13800000001"}).json()
    assert tried["said"].replace('"', "").replace("=", "") == "unknown key ***."


@pytest.mark.parametrize(
    "url",
    [
        "fcm://project/token?keyfile={there}/key",
        "fcm://project/token?keyfile=/etc/hostname",
        "mailto://me:word@example.org?smtp=127.0.0.1&pgp=encrypt&pgppub={there}/key",
        "vapid://me@example.org/you@example.org?KEYFILE={there}/key",
    ],
)
def test_apprise_reads_no_file_of_this_server_and_fetches_none(chief, there, url):
    refused = chief.put(f"{API}/push", json={"form": "apprise", "url": url.format(there=there.url)})
    assert refused.status_code == 422, refused.text
    assert "fetched by it" in refused.text
    assert not there.asked


def test_of_apprise_the_server_that_mail_goes_to_is_judged_and_not_the_domain_it_is_from():
    asked = []

    def judged(host: str, port: int) -> str:
        asked.append(host)
        raise Unavailable(f"{host}: refused")

    channel = AppriseChannel("mail", "mailto://me:word@example.org?smtp=169.254.169.254&to={address}", judged)
    with pytest.raises(Unavailable, match=r"169\.254\.169\.254"):
        channel.deliver(Message("1", "you@example.org", "You", "en", Importance.NORMAL, "text"))
    assert asked == ["169.254.169.254"]
