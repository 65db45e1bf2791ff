"""What is there for a moment only, as the page itself sees it: a mark is over in four seconds, however long whoever tests is held up."""

from __future__ import annotations

import json
import time
from typing import Any

from playwright.sync_api import Page

from tests.e2e.conftest import PATIENCE_MS


def keeps(page: Page, selector: str, what: str) -> None:
    """From now on the page keeps what the function `what` says of the first that matches `selector`: whenever that changes."""
    page.evaluate(
        f"""() => {{
            const what = {what}, seen = window.seenThere = [];
            const look = () => {{
                const one = document.querySelector({json.dumps(selector)});
                const said = one && JSON.stringify(what(one));
                if (said && said !== seen.at(-1)) seen.push(said);
            }};
            new MutationObserver(look).observe(document, {{ subtree: true, childList: true, attributeFilter: ["class"] }});
        }}"""
    )


def comes_true(page: Page, expression: str, arg: object = None) -> None:
    """Asked from here again and again. Playwright's own `wait_for_function` lets the page ask, which our pages allow to no script:
    what is not true at once fails there.
    """
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(expression, arg):
        assert time.monotonic() < deadline, f"did not come true: {expression}"
        page.wait_for_timeout(50)


def kept(page: Page) -> list[Any]:
    """All that it kept, once there is anything."""
    comes_true(page, "window.seenThere.length > 0")
    return [json.loads(said) for said in page.evaluate("window.seenThere")]
