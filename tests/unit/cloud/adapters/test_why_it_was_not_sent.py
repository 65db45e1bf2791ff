"""Why another system did not take something is said by a code, whose sentence each language has."""

from __future__ import annotations

import re
import socket
import ssl
from http.client import RemoteDisconnected

import pytest

from cloud.adapters.notify.connecting import unconnected
from cloud.adapters.notify.outward import Limits, Outward
from cloud.application.messages import NotSent, why_not
from cloud.domain.records.failure import words
from cloud.errors import CloudError

HOST = "hooks.example"
ENGLISH = re.compile(r"[a-z]{3,}")


def why(resolve, **limits):
    """What is written down where that comes of looking the name up."""
    outward = Outward(Limits(**limits), resolve, patience_s=0.2)
    with pytest.raises(CloudError) as failed:
        outward.post(f"https://{HOST}:{_closed_port()}/", b"", {})
    return why_not(failed.value)


def _closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _unknown(_host, _port):
    raise socket.gaierror(-2, "Name or service not known")


@pytest.mark.parametrize(
    ("resolve", "limits", "code", "said"),
    [
        (_unknown, {}, "name-unknown", "域名无法解析"),
        (lambda _host, _port: [], {}, "name-without-address", "域名没有对应地址"),
        (lambda _host, _port: ["10.0.0.1"], {}, "inner-address", "10.0.0.1 不是公网地址"),
        (lambda _host, _port: ["169.254.169.254"], {}, "metadata-address", "169.254.169.254 是云平台的元数据地址"),
        (lambda _host, _port: ["127.0.0.1"], {}, "own-machine", "127.0.0.1 是本服务器"),
        (lambda _host, _port: ["127.0.0.1"], {"loopback": True}, "connection-refused", "连接被拒绝"),
    ],
)
def test_what_keeps_a_message_from_its_host_has_a_code_and_words(resolve, limits, code, said):
    told = why(resolve, **limits)
    assert told.code == code
    assert told.values["host"] == HOST
    assert said in words(told).zh
    assert not ENGLISH.search(words(told).zh.replace(HOST, "")), words(told).zh


def certificate(verify_code):
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = verify_code
    return error


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (TimeoutError("The read operation timed out"), "no-answer", "未及时答复"),
        (ConnectionResetError(104, "Connection reset by peer"), "broken-off", "对方中断了连接"),
        (RemoteDisconnected("Remote end closed connection without response"), "broken-off", "对方中断了连接"),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), "broken-off", "对方中断了连接"),
        (OSError(113, "No route to host"), "no-way", "网络不可达"),
        (ssl.SSLError(1, "wrong version number"), "no-tls", "未提供 TLS"),
        (certificate(10), "certificate-expired", "证书已过期"),
        (certificate(62), "certificate-of-another", "证书与主机名不符"),
        (certificate(18), "certificate-untrusted", "证书不可信"),
    ],
)
def test_what_ends_a_connection_has_a_code_and_words(error, code, said):
    told = unconnected(HOST, error)
    assert told.code == code
    assert said in told.zh
    assert not ENGLISH.search(told.zh.replace(HOST, "")), told.zh


def test_what_has_no_code_of_its_own_is_told_as_the_machine_says_it_and_a_refused_value_never():
    assert unconnected(HOST, OSError(5, "Input/output error")).values["detail"] == "Input/output error"
    assert "s3cret" not in unconnected(HOST, ValueError("Invalid header value b's3cret'"))


def test_a_url_that_may_not_be_used_any_more_is_told_by_its_fault():
    with pytest.raises(CloudError) as failed:
        Outward(Limits()).post("http://hooks.example/", b"", {})
    assert not isinstance(failed.value, NotSent)
    assert why_not(failed.value).code == "url-scheme"
    assert words(why_not(failed.value)).zh == "请填写以 https:// 开头的地址"
