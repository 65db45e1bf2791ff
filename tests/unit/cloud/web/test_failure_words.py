"""Why another system did not take something is told in the reader's language."""

from __future__ import annotations

import re
import socket

import pytest

from cloud.adapters.notify.outward import Limits, Outward
from cloud.entrypoints.web.failure_words import failure_words
from cloud.entrypoints.web.language import load_catalogues
from cloud.errors import CloudError

CHINESE = load_catalogues()["zh"].gettext
HOST = "hooks.example"


def why(resolve, **limits) -> str:
    """What is written down where that comes of looking the name up."""
    outward = Outward(Limits(**limits), resolve, patience_s=0.2)
    with pytest.raises(CloudError) as failed:
        outward.post(f"https://{HOST}:{_closed_port()}/", b"", {})
    return str(failed.value)


def _closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _unknown(_host, _port):
    raise socket.gaierror(-2, "Name or service not known")


@pytest.mark.parametrize(
    ("resolve", "limits", "said"),
    [
        (_unknown, {}, "域名无法解析"),
        (lambda _host, _port: [], {}, "域名没有对应地址"),
        (lambda _host, _port: ["10.0.0.1"], {}, "10.0.0.1 不是公网地址"),
        (lambda _host, _port: ["169.254.169.254"], {}, "169.254.169.254 不是公网地址"),
        (lambda _host, _port: ["127.0.0.1"], {"loopback": True}, "连接被拒绝"),
    ],
)
def test_what_the_sender_wrote_down_has_its_chinese(resolve, limits, said):
    told = failure_words(why(resolve, **limits), CHINESE)
    assert said in told
    assert not re.search(r"[a-z]{3,}", told.replace(HOST, "")), told


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("it answered 503", "对方答复 503"),
        ("sms: the gateway answered 429", "平台返回 429"),
        ("voice: the gateway cannot be reached (TimeoutError)", "无法连接平台（TimeoutError）"),
        ("sms-2: the gateway answered 429", "平台返回 429"),
        ("feishu: the provider did not take it", "服务商未收下"),
        ("feishu: the provider did not take it (it answered 404)", "服务商未收下（对方答复 404）"),
        ("the channel sms-2 was switched off meanwhile", "该渠道已停用"),
        ("the address does not suit the channel sms", "该地址不适用于此渠道"),
        (f"{HOST}: it took more than 10 s to answer", f"{HOST}：超过 10 秒未答复"),
        (f"{HOST}: timed out", f"{HOST}：未及时答复"),
        (f"{HOST}: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed (_ssl.c:1)", f"{HOST}：证书不可信"),
        (f"{HOST}: Remote end closed connection without response", f"{HOST}：对方中断了连接"),
        (f"{HOST}: something of tomorrow", f"{HOST}：无法通信（something of tomorrow）"),
        ("The URL cannot be used.\n  - url: leave user away", "其地址已不允许发送"),
        ("nobody has written this sentence", "nobody has written this sentence"),
    ],
)
def test_what_stands_in_the_database_is_known_again(written, said):
    assert failure_words(written, CHINESE) == said


def test_in_english_it_says_what_was_written():
    for written in ("it answered 410", f"{HOST}: it took more than 10 s to answer", f"{HOST}: the name has no address"):
        assert failure_words(written, str) == written
