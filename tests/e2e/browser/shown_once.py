"""What pages show once after a form was sent, and what they say where it was not taken."""

from __future__ import annotations

from typing import Final

import pyotp
from playwright.sync_api import FilePayload, Page

from tests.e2e.browser.looked import Attach, Choose, Fill, Looked, Press

PASSWORD: Final = "stairs smell of rain"
"""Whoever reads these in their order follows one member: they set a password, then codes, then new ones."""


def to(action: str) -> Press:
    """The button of the form that is sent there."""
    form = f"main form[action$='{action}']"
    return Press(f"{form} .actions button, {form} > button")


def code_now(page: Page) -> str:
    """What an authenticator shows that was given the key on the page."""
    return pyotp.TOTP(page.locator(".claim").inner_text().replace(" ", "")).now()


NEW: Final = (Fill("#new-password", PASSWORD), Fill("#new-again", PASSWORD))
UNLIKE: Final = (Fill("#new-password", PASSWORD), Fill("#new-again", "stairs smell of paint"))
SET_UP: Final = Press("form[action='/account/second-factor'] button")
SOLDERING: Final = "修电梯 repair the lift"
"""What the law leaves to others is refused wherever it is offered."""
BROKEN: Final = FilePayload(name="lift.jpg", mimeType="image/jpeg", buffer=b"no picture")


def member(address: str, route: str, *steps: Press | Fill | Attach, fault: str | bool = False) -> Looked:
    return Looked(route, address, "street-officer", steps=steps, fault=fault)


ACCOUNT: Final = (
    member(
        "/account", "/account/password", Fill("#login", "street"), *UNLIKE, to("/account/password"), fault="new-again"
    ),
    member("/account", "/account/password", Fill("#login", "street"), *NEW, to("/account/password")),
    member(
        "/account",
        "/account/password",
        Fill("#change-present", "not it at all"),
        *NEW,
        to("/account/password"),
        fault="change-present",
    ),
    member("/account", "/account/second-factor", SET_UP),
    member("/account", "/account/second-factor/confirm", SET_UP, Fill("#code", "000000"), to("/confirm"), fault="code"),
    member("/account", "/account/second-factor/confirm", SET_UP, Fill("#code", code_now), to("/confirm")),
    member("/account", "/account"),
    member(
        "/account",
        "/account/recovery-codes",
        Fill("#codes-present", "not it at all"),
        to("/recovery-codes"),
        fault="codes-present",
    ),
    member("/account", "/account/recovery-codes", Fill("#codes-present", PASSWORD), to("/recovery-codes")),
    member("/account", "/account/tokens", Fill("#label", "the lobby's panel"), to("/account/tokens")),
    member("/account/second-factor", "/account/second-factor"),
    Looked(
        "/account/second-factor/password",
        "/account/second-factor",
        "guard",
        steps=(Fill("#login", "guard"), *UNLIKE, to("/second-factor/password")),
        fault="new-again",
    ),
    Looked("/account/screens", "/account", steps=(Fill("#screen-label", "Gate house"), to("/account/screens"))),
    Looked("/members/invitations", "/members", steps=(Fill("#zh", "新同事"), to("/members/invitations"))),
)
REACHED: Final = (
    Looked(
        "/account/reached/{key}/verify",
        "/account/reached",
        "tenant",
        steps=(Fill("#code-1", "000000"), to("/verify")),
        fault="code-1",
    ),
    Looked("/account/reached/{key}/code", "/account/reached", "tenant", steps=(to("/code"),)),
    Looked("/account/reached/{key}/test", "/account/reached", "tenant", steps=(to("/test"),)),
    Looked(
        "/account/reached/{key}/quiet",
        "/account/reached",
        "tenant",
        steps=(Fill("#from-1", "22:00"), to("/quiet")),
        fault="from-1",
    ),
    Looked(
        "/account/reached",
        "/account/reached",
        "tenant",
        steps=(Fill("#address", "nowhere"), to("/account/reached")),
        fault="address",
    ),
)
NEIGHBOURS: Final = (
    Looked(
        "/neighbours/postings",
        "/neighbours",
        "tenant",
        steps=(
            Press("[value=offer]"),
            Choose("#post-capability", "ladder"),
            Fill("#post-text", SOLDERING),
            to("/postings"),
        ),
        fault="post-text",
    ),
    Looked(
        "/neighbours/small-tasks",
        "/neighbours",
        steps=(Choose("#small-capability", "ladder"), Fill("#small-text", SOLDERING), to("/small-tasks")),
        fault="small-text",
    ),
    Looked(
        "/neighbours/{side}/{posting_id}/change",
        "{need}",
        "tenant",
        steps=(Fill("#change-text", SOLDERING), to("/change")),
        fault="change-text",
    ),
    Looked(
        "/neighbours/{side}/{posting_id}/answer",
        "{need}",
        "lodger",
        steps=(Fill("#answer", SOLDERING), to("/answer")),
        fault="answer",
    ),
)
OTHERS: Final = (
    Looked(
        "/sign-in",
        "/sign-in",
        None,
        steps=(Fill("#login", "nobody"), Fill("#password", "knows"), to("/sign-in")),
        fault="password",
    ),
    Looked(
        "/guide/{step}",
        "/guide/places",
        "administrator",
        steps=(Fill("#buildings", "a house"), to("/guide/places?estate=example")),
        fault="buildings",
    ),
    Looked(
        "/nodes/{node}/document/check",
        "/nodes/b3-gateway/document",
        "engineer",
        steps=(Fill("#text", "equipment: [[["), Press(".document .actions button")),
        fault=True,
    ),
    Looked(
        "/duties/matrix/check",
        "/duties/matrix",
        steps=(Fill("#text", "- id: [[["), Press(".document .actions button")),
        fault=True,
    ),
    Looked(
        "/import",
        "/import",
        "administrator",
        steps=(
            Attach("#files", FilePayload(name="members.csv", mimeType="text/csv", buffer=b"who\n1\n")),
            Press("button[value=try]"),
        ),
        fault=True,
    ),
    Looked(
        "/follow/{token}",
        "/at/{label}/lift-fault",
        None,
        steps=(Attach("#photo", BROKEN), Press("main form button")),
        fault=True,
    ),
    Looked("", "/fleet", "tenant", fault=True),
    Looked(
        "/guide/{step}",
        "/guide/node",
        "administrator",
        steps=(Fill("#name", "b1-node"), Press("form:has(#name) .button.primary")),
    ),
)
AT_THE_GATE: Final = (
    Looked("/account/second-factor", "/account/second-factor"),
    Looked(
        "/account/second-factor/proof",
        "/account/second-factor",
        steps=(Fill("#code", "000000"), to("/proof")),
        fault="code",
    ),
)
"""Of a session that was begun without the second factor that is asked of its member."""
SHOWN_ONCE: Final = (*ACCOUNT, *REACHED)
FAULTS: Final = (*NEIGHBOURS, *OTHERS)
