"""A browser of its own for each person, and what people do with accounts through the pages."""

from __future__ import annotations

import re
from contextlib import ExitStack

import httpx
import pyotp
from fastapi import FastAPI

from tests.integration.accounts.in_process import Answering, InProcess
from tests.integration.cloud_web.house import House

PASSWORD = "stairs smell of rain"
COOKIE = "tocsin_session"


class Browsers:
    """Each with cookies of its own, from an address of its own, asking the application without a socket."""

    def __init__(self, app: FastAPI, answering: Answering, stack: ExitStack) -> None:
        self._app, self._answering, self._stack = app, answering, stack

    def __call__(self, address: str = "127.0.0.1", **headers: str) -> httpx.Client:
        """Its forms come from the service's own pages, unless a test says otherwise."""
        transport = InProcess(self._app, self._answering, address)
        client = httpx.Client(transport=transport, base_url="http://tocsin.example")
        sent = {"sec-fetch-site": "same-origin", "user-agent": "Test browser 1.0", "accept-language": "en"}
        client.headers.update({**sent, **headers})
        self._stack.callback(client.close)
        return client


def signs_in(
    client: httpx.Client, login: str, password: str = PASSWORD, code: str = "", onward: str = "/account"
) -> httpx.Response:
    return client.post("/sign-in", data={"login": login, "password": password, "code": code, "next": onward})


def sets_password(client: httpx.Client, login: str, password: str = PASSWORD, present: str = "") -> httpx.Response:
    return client.post("/account/password", data=again(password, login, present))


def again(password: str, login: str = "manager", present: str = "") -> dict[str, str]:
    """The form, in which a new password is typed twice."""
    return {"login": login, "present": present, "password": password, "again": password}


def has_account(house: House, client: httpx.Client, member: str, login: str | None = None) -> None:
    """The member comes by a personal link and sets a password."""
    client.cookies.set(COOKIE, house.session_of(member))
    assert sets_password(client, login or member).status_code == 200


def code_of(house: House, secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(int(house.clock.now().timestamp()) // 30 + steps)


def sets_up_codes(house: House, client: httpx.Client) -> tuple[str, list[str]]:
    """The secret in the app, and the recovery codes on paper."""
    shown = client.post("/account/second-factor").text
    found = re.search(r'class="claim mono">([A-Z2-7 ]+)<', shown)
    assert found, shown
    secret = found[1].replace(" ", "")
    confirmed = client.post("/account/second-factor/confirm", data={"code": code_of(house, secret)})
    assert confirmed.status_code == 200, confirmed.text
    return secret, re.findall(r"<li>([A-Z2-7-]{19})</li>", confirmed.text)


def link_in(page: str, what: str) -> str:
    """The path of a link that a page shows once."""
    found = re.search(rf'class="claim link mono">https?://[^/]+(/{what}/[\w-]+)<', page)
    assert found, page
    return found[1]
