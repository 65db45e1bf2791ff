"""A Chinese page says in Chinese why a message was not taken, as far as the adapters' own words go."""

from __future__ import annotations

import pytest

from cloud.entrypoints.web.untaken_words import untaken_words


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("it answered 503", "对方返回 503"),
        ("sms: the gateway answered 429", "网关返回 429"),
        ("voice: the gateway cannot be reached (TimeoutError)", "无法连接网关（TimeoutError）"),
        ("feishu: the provider did not take it", "服务商未收下"),
        ("hooks.example: it took more than 10 s to answer", "hooks.example 超过10秒未应答"),
        ("hooks.example: the name has no address", "hooks.example：域名没有地址"),
        ("what no version has words for", "what no version has words for"),
    ],
)
def test_why_it_was_not_taken_is_said_in_the_readers_language(kept, said):
    assert untaken_words(kept, "zh") == said
    assert untaken_words(kept, "en") == kept


def test_where_nothing_is_kept_nothing_is_said():
    assert untaken_words(None, "zh") == ""
