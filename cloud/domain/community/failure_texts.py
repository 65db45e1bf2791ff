"""The sentences of why another system did not take what it was sent, by their codes. As `fault_texts`, of which they are a part;
what is kept of an attempt is the code with its values, so a code is never given another meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FAILURE_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    # a connection, whatever is spoken over it
    "name-unknown": ("{host}: the name is not known", "{host}：域名无法解析"),
    "name-without-address": ("{host}: the name has no address", "{host}：域名没有对应地址"),
    "own-machine": ("{host}: refused, {address} is this machine itself", "{host}：已拒绝发送，{address} 是本服务器"),
    "metadata-address": (
        "{host}: refused, {address} is where clouds keep their metadata",
        "{host}：已拒绝发送，{address} 是云平台的元数据地址",
    ),
    "inner-address": (
        "{host}: refused, {address} is no address of the public internet",
        "{host}：已拒绝发送，{address} 不是公网地址",
    ),
    "unencrypted": (
        "{host}: http goes as far as the house only; begin the address with https://",
        "{host}：在公网，地址须以 https:// 开头",
    ),
    "url-scheme": ("give an address that begins with {scheme}://", "请填写以 {scheme}:// 开头的地址"),
    "url-not-bare": ("leave user, password and fragment away", "地址中不得包含用户名、密码或 # 片段"),
    "connection-refused": (
        "{host}: nothing listens there (connection refused)",
        "{host}：对方未开放服务（连接被拒绝）",
    ),
    "no-way": ("{host}: there is no way there", "{host}：网络不可达"),
    "no-answer": ("{host}: it does not answer", "{host}：未及时答复"),
    "too-slow": ("{host}: it took more than {seconds} s", "{host}：超过 {seconds} 秒未完成"),
    "broken-off": ("{host}: it broke the connection off", "{host}：对方中断了连接"),
    "no-tls": (
        "{host}: no TLS there; choose another port or kind of encryption",
        "{host}：未提供 TLS，请改用其他端口或加密方式",
    ),
    "certificate-untrusted": (
        "{host}: its certificate is not to be trusted: nobody whom this server believes vouches for it",
        "{host}：证书不可信，不是由受信任的机构签发",
    ),
    "certificate-expired": ("{host}: its certificate is not to be trusted: it has expired", "{host}：证书已过期"),
    "certificate-of-another": (
        "{host}: its certificate is not to be trusted: it is made out to another name",
        "{host}：证书与主机名不符",
    ),
    "cannot-be-reached": ("{host}: it cannot be talked to ({detail})", "{host}：无法通信（{detail}）"),
    # what the other side says
    "answered": ("it answered {status}", "对方答复 {status}"),
    "gateway-answered": ("the gateway answered {status}", "平台返回 {status}"),
    "gateway-not-confirmed": (
        "the gateway answered, but did not say that it took it",
        "平台已应答，但未确认收下",
    ),
    "gateway-unreachable": ("the gateway cannot be reached ({detail})", "无法连接平台（{detail}）"),
    "provider-refused": ("the provider did not take it", "服务商未收下"),
    "provider-answered": (
        "the provider did not take it (it answered {status})",
        "服务商未收下（对方答复 {status}）",
    ),
    "provider-unreachable": ("the provider did not take it (it cannot be reached)", "服务商未收下（无法连接）"),
    "recipient-refused": (
        "{host} does not take mail for this address ({status})",
        "{host} 不接收发往该地址的邮件（{status}）",
    ),
    "sender-refused": (
        "{host} does not take mail from this sender ({status})",
        "{host} 不接受该发件人（{status}）",
    ),
    "sign-in-refused": ("{host} refused user or password ({status})", "{host} 拒绝了用户名或密码（{status}）"),
    "mail-refused": ("{host} refused ({status})", "{host} 拒绝接收（{status}）"),
    "mail-not-offered": (
        "{host} does not offer what was chosen: no STARTTLS, or no sign-in over this connection",
        "{host} 不支持所选方式：没有 STARTTLS，或此连接不支持登录",
    ),
    # our own side
    "address-unsuitable": ("the address does not suit this channel", "该地址不适用于此渠道"),
    "channel-off": ("the channel {channel} was switched off meanwhile", "渠道 {channel} 已停用"),
    "channel-not-set-up": ("the channel {channel} is not set up here", "此处未启用渠道 {channel}"),
    "secret-lost": ("its secret must be entered again", "须重新填写其密码或密钥"),
    "unexpected": ("it failed unexpectedly ({detail})", "意外出错（{detail}）"),
}
