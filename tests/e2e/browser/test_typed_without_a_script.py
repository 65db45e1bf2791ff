"""Without a script what somebody typed stands on the page that says it was not taken: of every form, in both languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http import HTTPStatus
from itertools import product
from typing import Final

import httpx
import pytest

from cloud.entrypoints.web.given_back import WORDS
from cloud.errors import Unavailable
from tests.e2e.browser.test_accessibility import PAGES

HOSTILE: Final = "\"'><script>alert(1)</script>{{7*7}}&amp; 楼道灯坏了"
SECRET: Final = "stairs smell of rain"
LONGEST: Final = 16_000
"""Of a whole form: its body stays one that is read."""
WRITTEN: Final = {"text", "textarea", "number", "date", "time", "datetime-local", "email", "url", "tel"}
FITTING: Final = {
    "number": "7",
    "date": "2026-05-12",
    "time": "21:30",
    "datetime-local": "2026-05-12T21:30",
    "email": "li@example.org",
    "url": "https://rooms.example.org/?a=1&b=2",
    "tel": "13800000002",
}
TRIED: Final = 60
"""So many forms with something to type stand on the pages, at the least."""


@dataclass
class Field:
    name: str
    kind: str
    value: str
    most: int = 10**6

    @property
    def secret(self) -> bool:
        """An address of Apprise is the key of what it leads to."""
        return self.kind in {"password", "one-time-code"} or self.name == "apprise"


@dataclass
class Form:
    action: str
    fields: list[Field] = field(default_factory=list)

    @property
    def written(self) -> list[Field]:
        return [one for one in self.fields if one.kind in WRITTEN and not one.secret]


class Forms(HTMLParser):
    """The forms of a page that are posted, with what stands in their fields, as a browser would see them."""

    def __init__(self, html: str, address: str) -> None:
        super().__init__()
        self.address, self.forms, self.scripts = address, [], 0
        self.everything = Form("")
        self._open: Form | None = None
        self._area: Field | None = None
        self._select: Field | None = None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        has = {name: value or "" for name, value in attributes}
        self.scripts += tag == "script"
        if tag == "form" and has.get("method") == "post":
            self._open = Form(has.get("action") or self.address)
            self.forms.append(self._open)
        elif tag == "option" and self._select is not None:
            self._select.value = has.get("value", "") or self._select.value
        elif tag in {"input", "textarea", "select", "button"} and has.get("name"):
            self._field(tag, has)

    def _field(self, tag: str, has: Mapping[str, str]) -> None:
        kind = has.get("type", "text") if tag == "input" else tag
        kind = "one-time-code" if has.get("autocomplete") == "one-time-code" else kind
        one = Field(has["name"], kind, has.get("value", ""), int(has.get("maxlength", 10**6)))
        self._area = one if tag == "textarea" else None
        self._select = one if tag == "select" else None
        (self._open or self.everything).fields.append(one)

    def handle_data(self, text):
        if self._area is not None:
            self._area.value += text.removeprefix("\n") if not self._area.value else text

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = None
        elif tag in {"textarea", "select"}:
            self._area = self._select = None

    def values(self) -> set[str]:
        return {one.value for form in (*self.forms, self.everything) for one in form.fields if one.kind in WRITTEN}


def filled(form: Form, *, fits: bool) -> list[tuple[str, str]]:
    """What is posted. `fits`: as it could be taken."""
    sent, seen = [], set()
    for number, one in enumerate(form.fields):
        if one.kind == "file" or (one.kind in {"button", "submit", "radio"} and one.name in seen):
            continue
        seen.add(one.name)
        if one.secret:
            sent.append((one.name, SECRET))
        elif one.kind in WRITTEN:
            typed = FITTING.get(one.kind) or f"{number} {HOSTILE}"[: one.most]
            sent.append((one.name, typed if fits else f"{typed} {'x' * (LONGEST // len(form.written))}"))
        else:
            sent.append((one.name, one.value))
    return sent


def lost_of(form: Form, sent: list[tuple[str, str]], answer: httpx.Response) -> list[str]:
    """What is amiss with the answer to a form that was not taken."""
    seen = Forms(answer.text, form.action)
    written = {one.name for one in form.written} - CHOSEN
    lost = [
        name for name, text in sent if name in written and text.strip() not in {one.strip() for one in seen.values()}
    ]
    told = [f"{answer.status_code} {form.action}: lost {name}" for name in lost]
    if SECRET in answer.text:
        told.append(f"{form.action}: gives a secret back")
    if seen.scripts != 1:
        told.append(f"{form.action}: what was typed became markup")
    return told


CHOSEN: Final = frozenset({"kind", "days"})
"""What is written in one form and chosen in another is chosen anew."""
OPEN: Final = ("/at/", "/follow/", "/sign-in", "/setup", "/screen/", "/enter/", "/invitation/")


Clients = Mapping[str | None, httpx.Client]


@pytest.fixture
def clients(addresses, house, address) -> Iterator[Clients]:
    """The browsers of everybody who is among the pages."""
    with ExitStack() as stack:
        yield {
            member: stack.enter_context(
                httpx.Client(
                    base_url=address,
                    cookies={"tocsin_session": house.session_of(member)} if member else {},
                    # After what broke it the server ends the connection.
                    headers={"sec-fetch-site": "same-origin", "connection": "close"},
                    trust_env=False,
                    timeout=30,
                )
            )
            for member in {one.member for one in PAGES} | {None}
        }


@pytest.fixture
def forms(addresses, clients) -> list[tuple[str | None, Form]]:
    """Every form of every page into which something is written, with who sees it; each once."""
    found, known = [], set()
    for one in PAGES:
        where = one.address.format(**addresses)
        page = Forms(clients[one.member].get(where).text, where)
        for form in page.forms:
            key = (re.sub(r"[0-9a-f-]{20,}|\d+", "*", form.action), tuple(one.name for one in form.fields))
            if form.written and key not in known:
                known.add(key)
                found.append((one.member, form))
    assert len(found) >= TRIED
    return found


def answers(clients: Clients, forms, *, fits: bool, known: bool = True) -> tuple[Counter[int], list[str]]:
    """With which statuses the forms were answered in either language, and what was lost where one was not taken."""
    statuses, lost = Counter(), []
    for (member, form), lang in product(forms, ("zh", "en")):
        sent = filled(form, fits=fits)
        body: dict[str, list[str]] = {}
        for name, text in sent:
            body.setdefault(name, []).append(text)
        client = clients[member if known else None]
        client.cookies.set("tocsin_lang", lang)
        answer = client.post(form.action, data=body)
        statuses[answer.status_code] += 1
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            assert answer.headers["content-language"].startswith(lang)
            lost += lost_of(form, sent, answer)
    return statuses, lost


def test_when_the_session_has_ended(clients, forms):
    forms = [(member, form) for member, form in forms if not form.action.startswith(OPEN)]
    statuses, lost = answers(clients, forms, fits=True, known=False)
    assert statuses == {401: 2 * len(forms)}
    assert not lost, "\n".join(lost)


def test_what_does_not_fit(clients, forms):
    statuses, lost = answers(clients, forms, fits=False)
    assert not lost, "\n".join(lost)
    assert statuses[422] >= TRIED, statuses


@pytest.mark.parametrize(("trouble", "status"), [(Unavailable("not now"), 503), (RuntimeError("broken"), 500)])
def test_when_the_service_cannot(house, clients, forms, *, trouble, status, monkeypatch):
    def cannot(*_):
        raise trouble

    monkeypatch.setattr(house.units, "writing", cannot)
    statuses, lost = answers(clients, forms, fits=True)
    assert not lost, "\n".join(lost)
    assert statuses[status] >= TRIED, statuses


def test_every_field_has_a_name_for_people(forms):
    unnamed = {one.name.partition(":")[0] for _, form in forms for one in form.written} - WORDS.keys() - CHOSEN
    assert not unnamed, "say in given_back.WORDS what these are called"
