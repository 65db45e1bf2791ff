"""What is there for a moment only, as the page itself sees it: a mark is over in four seconds, however long whoever tests is held up."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page


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


def kept(page: Page) -> list[Any]:
    """All that it kept, once there is anything."""
    page.wait_for_function("window.seenThere.length > 0")
    return [json.loads(said) for said in page.evaluate("window.seenThere")]
