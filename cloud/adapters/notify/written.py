"""What administrators write about a channel, by its form: shapes and rules, each fault in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from cloud.adapters.notify.template import NAMES, unknown
from cloud.domain.community.channel_shapes import GatewayShape, MailShape, Word
from cloud.domain.community.faults import Fault
from cloud.notify_settings import Callback, Gateway

_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,45}")
_MAILBOX: Final = re.compile(r"[!-~]{1,64}@[A-Za-z0-9.-]{1,189}")
Secret = Annotated[str, Field(max_length=1024)]
_TELLING: Final = re.compile(r"(?i)(authorization|password|passwd|secret|api[-_]?key|token|app[-_]?code)$")
"""Names under which providers take what must not be seen."""
_IN_BODY: Final = re.compile(r"""["']?([\w-]{2,40})["']?\s*[:=]\s*["']?([^"'&,}\s][^"'&,}]*)""")


def _wrong(en: str, zh: str) -> ValueError:
    return ValueError(Fault(en, zh))


def _printable(text: str) -> str:
    if not text.isprintable():
        raise _wrong("no line breaks or signs that cannot be seen", "不得含有换行或不可见字符")
    return text


class WrittenMail(MailShape):
    """An SMTP server, and who the mail is from."""

    password: Secret = ""

    _one_line = field_validator("user", "sender_name")(_printable)

    @field_validator("host")
    @classmethod
    def _is_host(cls, host: str) -> str:
        if _HOST.fullmatch(host) is None:
            raise _wrong("a name or an address, such as smtp.example.org", "请填写主机名或地址，例如 smtp.example.org")
        return host

    @field_validator("sender")
    @classmethod
    def _is_mailbox(cls, sender: str) -> str:
        if _MAILBOX.fullmatch(sender) is None:
            raise _wrong("an e-mail address, such as tocsin@example.org", "请填写邮箱地址，例如 tocsin@example.org")
        return sender

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.user) is not bool(self.password):
            raise _wrong("user and password belong together: give both or neither", "用户名与密码须同时填写或同时留空")
        if self.password and self.security == "none":
            raise _wrong(
                "a password does not go unencrypted: choose TLS or STARTTLS", "密码不能明文发送：请选择 TLS 或 STARTTLS"
            )
        return self


class WrittenGateway(GatewayShape):
    """A provider's HTTP interface, as `notify_settings.Gateway` has it; the secret of its callback is kept with the other."""

    secret: Secret = ""
    callback_secret: Secret = ""

    @field_validator("url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        if re.match(r"https?://[^/$?#\s]+([/?#]|\Z)", url) is None:
            raise _wrong("begin with https://, and name the server in full", "请填写以 https:// 开头的完整地址")
        _templated(url)
        for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True):
            _no_secret(name, value)
        return url

    @field_validator("headers")
    @classmethod
    def _are_headers(cls, headers: Mapping[str, str]) -> Mapping[str, str]:
        for name, value in headers.items():
            if re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) is None:
                raise _wrong(f"{name[:40]!r} is no name of a header", f"{name[:40]!r} 不是有效的请求头名称")
            _templated(_printable(value))
            _no_secret(name, value)
        return headers

    @field_validator("body", "signed")
    @classmethod
    def _is_template(cls, text: str) -> str:
        _templated(text)
        for name, value in _IN_BODY.findall(text):
            _no_secret(name, value)
        return text

    @field_validator("success")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        return _regular(pattern)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        uses = any("${secret}" in text for text in (self.url, self.body, self.signed, *self.headers.values()))
        if (uses or self.signed) and not self.secret:
            raise _wrong(
                "${secret} and what is signed need a secret: enter it in its own field",
                "使用了 ${secret} 或签名，请在“密钥”一栏填写密钥",
            )
        if self.callback is not None:
            if re.compile(_regular(self.callback.key)).groups < 1:
                raise _wrong(
                    "the key pressed stands in a group, such as dtmf=([0-9])", "按键须放在括号内，例如 dtmf=([0-9])"
                )
            if bool(self.callback.signature_header) is not bool(self.callback_secret):
                raise _wrong(
                    "the header of the signature and the callback's secret belong together: give both or neither",
                    "回调签名请求头与回调密钥须同时填写或同时留空",
                )
            if self.callback_secret and len(self.callback_secret) < 16:  # noqa: PLR2004 - as Callback has it
                raise _wrong("the callback's secret has at least 16 characters", "回调密钥至少 16 个字符")
        return self

    def gateway(self) -> Gateway:
        callback: dict[str, Any] | None = None
        if self.callback is not None:
            callback = self.callback.model_dump()
            callback |= {name: callback[name] or None for name in ("signature_header", "time_header")}
            callback["secret"] = SecretStr(self.callback_secret) if self.callback_secret else None
        return Gateway(
            url=self.url,
            method=self.method,
            headers=self.headers,
            body=self.body,
            success=self.success or None,
            secret=SecretStr(self.secret) if self.secret else None,
            signed=self.signed,
            callback=Callback.model_validate(callback) if callback else None,
        )


class WrittenApprise(BaseModel):
    """Any URL of Apprise; all of it may be a secret. `service`: the name of the service in it, which is none."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    service: Word = ""
    url: Annotated[str, Field(max_length=2048)] = ""

    @field_validator("url")
    @classmethod
    def _is_ours(cls, url: str) -> str:
        if not url.strip() or not url.isprintable():
            raise _wrong("enter the service's URL", "请填写服务地址（URL）")
        if url.partition(":")[0].lower() in _OF_THIS_MACHINE:
            raise _wrong(
                "this service shows messages on the server itself, where nobody looks",
                "该服务只在服务器本机显示消息，无人会看到",
            )
        for name, _ in parse_qsl(url.partition("?")[2], keep_blank_values=True):
            if name.strip().lower() in _READS_FILES:
                raise _wrong(
                    f"leave {name.strip().lower()} away: it would be read from this server, or fetched by it, unasked",
                    f"请去掉 {name.strip().lower()}：它会读取服务器上的文件，或由服务器自行取回",
                )
        return url


_READS_FILES: Final = frozenset({"keyfile", "subfile", "pgp", "pgpkey", "pgppub", "pgpprv", "wkd"})
"""Arguments of Apprise's plugins that name a file or a URL, which is fetched beside all that is judged here."""
_OF_THIS_MACHINE: Final = frozenset({"dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"})


def _templated(text: str) -> None:
    try:
        found = unknown(text)
    except ValueError:
        raise _wrong(
            "a $ begins no name: write ${name}, or $$ for the sign itself",
            "$ 之后不是名称：请写 ${名称}，$ 本身写作 $$",
        ) from None
    if found:
        names = ", ".join(sorted(NAMES))
        raise _wrong(f"nothing stands for ${{{found[0]}}}; known are {names}", f"不认识 ${{{found[0]}}}，可用：{names}")


def _no_secret(name: str, value: str) -> None:
    """What is written here is shown again; keys are not to be."""
    if _TELLING.search(name) is not None and value.strip() and "${" not in value:
        raise _wrong(
            f"what stands at {name[:40]} would be shown to whoever opens this page: enter it as the secret, and write ${{secret}} here",
            f"{name[:40]} 的内容会显示在页面上：请把它填入“密钥”一栏，此处写 ${{secret}}",
        )


def _regular(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise _wrong(f"is no regular expression: {error}", f"不是有效的正则表达式：{error}") from None
    return pattern
