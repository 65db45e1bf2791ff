"""Why another system or a provider did not take a message, in the reader's language; what has no words here stays as it was kept."""

from __future__ import annotations

import re
from typing import Final

from cloud.domain.community.names import Language

_IN_CHINESE: Final = tuple(
    (re.compile(said), zh)
    for said, zh in (
        (r"it answered (\d{3})", "对方返回 {}"),
        (r"\w+: the gateway answered (\d{3})", "网关返回 {}"),
        (r"\w+: the gateway cannot be reached \((.+)\)", "无法连接网关（{}）"),
        (r"\w+: the gateway answered, but did not say that it took it", "网关已应答，但未确认收下"),
        (r"\w+: the provider did not take it", "服务商未收下"),
        (r"the address does not suit the channel \w+", "地址不适用于该渠道"),
        (r"(\S+): it took more than (\S+) s to answer", "{} 超过{}秒未应答"),
        (r"(\S+): the name is not known .*", "{}：域名无法解析"),
        (r"(\S+): the name has no address", "{}：域名没有地址"),
    )
)
"""By what the adapters of `cloud.adapters.notify` write when something is not taken."""


def untaken_words(why: str | None, language: Language) -> str:
    why = why or ""
    if language == "zh":
        for said, zh in _IN_CHINESE:
            if found := said.fullmatch(why):
                return zh.format(*found.groups())
    return why
