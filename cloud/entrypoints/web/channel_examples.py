"""Ready examples for the forms of channels: what a provider's manual would have one type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cloud.entrypoints.web.language import N_

_JSON: Final = {"Content-Type": "application/json"}
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Example:
    """`kind`: the name it is offered under; `settings` as the form has them; `url`: of Apprise; `asks`: what is entered for it yet."""

    label: str
    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    url: str = ""
    asks: str = ""


SMS: Final[Mapping[str, Example]] = {
    "yunpian": Example(
        N_("Yunpian"),
        "sms",
        {
            "url": "https://sms.yunpian.com/v2/sms/single_send.json",
            "headers": _FORM,
            "body": "apikey=${secret}&mobile=${address}&text=${text}",
            "success": r'"code"\s*:\s*0\b',
        },
        asks=N_("Secret: the APIKEY of your account there. The words it may send are agreed with it beforehand."),
    ),
    "json": Example(
        N_("A provider that takes JSON"),
        "sms",
        {
            "url": "https://sms.example.org/v1/send",
            "headers": {**_JSON, "Authorization": "Bearer ${secret}"},
            "body": '{"mobile": "${address}", "content": "${text} ${link}", "requestId": "${id}"}',
            "success": r'"code"\s*:\s*0\b',
        },
        asks=N_(
            "Put its own address and the names of its fields in the place of these; the secret is the key it gave you."
        ),
    ),
    "signed": Example(
        N_("A provider that wants requests signed (HMAC-SHA256)"),
        "sms",
        {
            "url": "https://sms.example.org/v1/send",
            "headers": {**_JSON, "X-Sign": "${signature}", "X-Time": "${time}"},
            "body": '{"mobile": "${address}", "content": "${text} ${link}", "requestId": "${id}"}',
            "signed": "${time}.${body}",
            "success": r'"code"\s*:\s*0\b',
        },
        asks=N_(
            "Put its own address and the names of its fields in the place of these; the secret is the key it gave you."
        ),
    ),
    "modem": Example(
        N_("A modem or relay in the house"),
        "sms",
        {
            "url": "http://192.168.1.20:8080/send",
            "headers": _FORM,
            "body": "to=${address}&text=${text}",
        },
        asks=N_("Its address in your network. Without encryption nothing goes further than that."),
    ),
}
VOICE: Final[Mapping[str, Example]] = {
    "json": Example(
        N_("A provider that reads words aloud and takes a key"),
        "voice",
        {
            "url": "https://voice.example.org/call",
            "headers": {**_JSON, "Authorization": "Bearer ${secret}"},
            "body": '{"to": "${address}", "tts": "${text}", "notify": "${callback}", "requestId": "${id}"}',
            "success": r'"code"\s*:\s*0\b',
            "callback": {"key": r'"dtmf"\s*:\s*"([0-9])"'},
        },
        asks=N_(
            "Put its own address and the names of its fields in the place of these; the secret is the key it gave you."
        ),
    ),
}
APPRISE: Final[Mapping[str, Example]] = {
    "wecom": Example(N_("WeCom"), "wecom", url="wecombot://{address}", asks=N_("A member's address is the key of their group's robot.")),
    "dingtalk": Example(N_("DingTalk"), "dingtalk", url="dingtalk://{address}", asks=N_("A member's address is the access token of their group's robot.")),
    "feishu": Example(N_("Feishu"), "feishu", url="feishu://{address}", asks=N_("A member's address is the token of their group's robot.")),
    "ntfy": Example(N_("ntfy"), "ntfy", url="ntfys://ntfy.example.org/{address}", asks=N_("Put your own server in the place of the example; a member's address is a topic.")),
    "telegram": Example(N_("Telegram"), "telegram", url="tgram://BOT_TOKEN/{address}", asks=N_("Put your bot's token in; a member's address is the number of their chat.")),
}  # fmt: skip
EXAMPLES: Final[Mapping[str, Mapping[str, Example]]] = {"mail": {}, "sms": SMS, "voice": VOICE, "apprise": APPRISE}
