"""What somebody typed into a form that was not taken, on the page that says so: without a script nothing else keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from fastapi import Request
from starlette.datastructures import FormData

from cloud.entrypoints.web.language import N_
from cloud.entrypoints.web.posting import local

_SAID: Final = N_("Text")
_SHARE: Final = N_("Share")
_DAYS: Final = N_("Days")
_COUNT: Final = N_("Number")

WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("text", "words", "basis", "findings", "buildings", "body", "ground", "named"), _SAID),
    **dict.fromkeys(("own_quorum_heads", "own_quorum_area", "own_heads", "own_area"), _SHARE),
    **dict.fromkeys(("own_special_heads", "own_special_area", "rise_factor"), _SHARE),
    **dict.fromkeys(("equipment_days", "hazard_days", "rise_days", "every_days", "review_after_days"), _DAYS),
    **dict.fromkeys(("equipment_count", "hazard_count", "rise_minimum", "rise_minimum_before"), _COUNT),
    **dict.fromkeys(("declines", "petition_signatures", "wanted"), _COUNT),
    **dict.fromkeys(("zh", "around-zh", "own_zh"), N_("Name in Chinese")),
    **dict.fromkeys(("en", "around-en", "own_en"), N_("Name in English")),
    **dict.fromkeys(("start", "day_from", "quiet_from"), N_("From")),
    **dict.fromkeys(("end", "ends", "day_until", "quiet_until"), N_("Until")),
    **dict.fromkeys(("starts", "starts_on"), N_("Begins")),
    **dict.fromkeys(("phone", "phones"), N_("Telephone")),
    **dict.fromkeys(("name", "names", "label", "sender_name", "estate", "operator"), N_("Name")),
    "note": N_("Note"),
    "reason": N_("Why, for the history"),
    "codes": N_("Or their codes, one on each line"),
    "contact": N_("How the caller is reached: mobile number or e-mail"),
    "address": N_("Number or address"),
    "amount": N_("Cost"),
    "currency": N_("Currency (three letters)"),
    "owner": N_("Owner's key on the roll"),
    "delegate": N_("Delegate, if it was delegated (member)"),
    "email": N_("Mail, for the organisation's sign-in (optional)"),
    "login": N_("Login"),
    "hours": N_("Hours"),
    "handoff": N_("Hands over at"),
    "away_until": N_("Away until (leave empty while you are at home)"),
    "maintained_on": N_("Last maintenance visit"),
    "inspected_until": N_("Inspection holds until"),
    "url": N_("Its address"),
    "host": N_("Mail server"),
    "port": N_("Port"),
    "sender": N_("From which address"),
    "user": N_("User"),
    "success": N_("The answer must contain (regular expression)"),
    "signed": N_("What ${signature} signs (HMAC-SHA256 with the secret); empty: nothing"),
    "headers": N_("Headers, one a line"),
    "accept": N_("Key that accepts the task"),
    "key": N_("Where the key stands in what it tells (regular expression)"),
    "signature_header": N_("Header of its signature; empty: it signs nothing"),
    "time_header": N_("Header of the time that is signed with it"),
    "answer": N_("Answer"),
    "content_type": N_("Type of the answer"),
}
"""What a field into which something is written is called, by its name before a colon. Only these are shown."""

CHOSEN_ELSEWHERE: Final = frozenset({"reason", "ground", "named"})
"""Written in one form and chosen in another: what is chosen is a word of ours, without a space."""
SECRET: Final = frozenset({"password", "again", "present", "code", "secret", "callback_secret", "apprise", "token"})
"""Never given back: passwords, codes, and addresses that are keys."""
SENT_AGAIN: Final = frozenset(
    {
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
"""What the same form may be taken after, corrected or later. After a conflict one looks first how things are now."""
_LINE: Final = 80
"""Characters of which a field of one line shows the most."""


@dataclass(frozen=True, slots=True)
class Line:
    """What was written into a field. `wrong`: the refusal speaks of it."""

    name: str
    label: str
    value: str
    wrong: bool

    @property
    def tall(self) -> bool:
        return "\n" in self.value or len(self.value) > _LINE


@dataclass(frozen=True, slots=True)
class GivenBack:
    """`action`: where it is sent again from here; empty where it cannot be, and `rest` then too: what the form said besides."""

    lines: Sequence[Line]
    action: str
    rest: Sequence[tuple[str, str]]


def given_back(request: Request, status: HTTPStatus, html: str, wrong: Iterable[str]) -> GivenBack | None:
    """None where nothing was typed, or the page, as it would be without, has all of it in its fields."""
    posted: FormData | None = getattr(request.state, "posted", None)
    if posted is None or status < HTTPStatus.BAD_REQUEST:
        return None
    faults = frozenset(wrong)
    said = [(name, value) for name, value in posted.multi_items() if isinstance(value, str)]
    written = [(name, value) for name, value in said if value.strip() and _written(name, value)]
    shown = Fields(html).said
    if all((name, _plain(value)) in shown for name, value in written):
        return None
    lines = [Line(name, WORDS[name.partition(":")[0]], value, name in faults) for name, value in written]
    # A file and a secret would be missing from what is sent from here.
    whole = len(said) == len(posted.multi_items()) and not any(value for name, value in said if name in SECRET)
    action = _action(request) if whole and status in SENT_AGAIN else ""
    rest = [one for one in said if one not in written] if action else []
    return GivenBack(lines, action, rest)


def _written(name: str, value: str) -> bool:
    kind = name.partition(":")[0]
    return kind in WORDS and (kind not in CHOSEN_ELSEWHERE or not value.isascii() or " " in value)


def _action(request: Request) -> str:
    query = request.url.query
    address = quote(request.scope["path"]) + (f"?{query}" if query else "")
    return address if local(address) == address else ""


def _plain(value: str) -> str:
    return value.replace("\r\n", "\n").strip()


class Fields(HTMLParser):
    """What stands in the fields of a page, each with its name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: set[tuple[str, str]] = set()
        self._area, self._text = "", ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "input" and has.get("type") != "hidden":
            self.said.add((has.get("name", ""), _plain(has.get("value", ""))))
        elif tag == "textarea":
            self._area, self._text = has.get("name", ""), ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.said.add((self._area, _plain(self._text)))
            self._area = ""
