"""Where a request comes from is believed of the proxies that the settings name, and of nobody else."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI, Request

from cloud.entrypoints.feeds.tail import Feeds
from cloud.entrypoints.serving import WebServer, claim
from cloud.errors import Invalid
from cloud.settings import load_settings


def echo():
    app = FastAPI()

    @app.get("/")
    def who(request: Request) -> str:
        return request.client.host

    return app


@pytest.mark.parametrize(
    ("trusted", "believed"),
    [((), "127.0.0.1"), (("10.0.0.0/8",), "127.0.0.1"), (("127.0.0.1/32",), "192.0.2.7")],
)
def test_the_word_of_a_named_proxy_is_taken_and_of_nobody_else(trusted, believed):
    listening = claim("127.0.0.1", 0)
    server = WebServer(echo(), listening, Feeds(), lambda: None, trusted=trusted)
    server.start()
    try:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        answer = httpx.get(url, headers={"x-forwarded-for": "203.0.113.9, 192.0.2.7"}, trust_env=False, timeout=30)
        assert answer.json() == believed, "of several the last is what our own proxy has seen"
    finally:
        server.stop()


def test_the_settings_name_proxies_and_never_everybody():
    assert [str(one) for one in load_settings().web.trusted_proxies] == ["127.0.0.1/32", "::1/128"]
    web = load_settings(web={"trusted_proxies": ["10.1.0.0/16"]}).web
    assert [str(one) for one in web.trusted_proxies] == ["10.1.0.0/16"]
    for wrong in (["0.0.0.0/0"], ["::/0"], ["*"], ["proxy.example"]):
        with pytest.raises(Invalid, match="trusted_proxies"):
            load_settings(web={"trusted_proxies": wrong})
