"""What schemathesis is told for the long form: one check more, and what its own cannot know of this interface."""

from __future__ import annotations

import schemathesis
from schemathesis.core.failures import Failure

MALFORMED = "The request does not fit: "
"""What begins the answer where the description's own terms are said not to hold."""

LEFT_OUT = {
    "positive_data_acceptance": "JSON Schema cannot say which cursors this service gave out, which places, hazards and labels an "
    "estate has, which moments lie ahead, nor what a task's state allows; `what_fits_is_read` holds what it can say",
}
"""Checks of schemathesis that cannot hold here, and why."""

ENDS_ITS_OWN = ("/me/sessions/end-others", "/me/sessions/{key_id}/end", "/me/tokens/{key_id}/end", "/personal/erase")
"""Who asks these asks nothing further: the key with which they ask is among those that end. test_accounts and its neighbours
hold them."""

SETTINGS = """
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "428", "429"]
"""
"""412: what has changed since is refused before anybody reads what was sent; 413: so is what is too large."""

INEXACT = ".area_m2"
"""At most four decimals: JSON Schema's multipleOf means nothing for binary fractions."""


@schemathesis.check
def what_fits_is_read(_, response, case):
    """Refused it may be, for what it says; not as if it were not what the description asks for."""
    if response.status_code != 422 or not (case.meta and case.meta.generation.mode.is_positive):
        return
    said = response.json().get("detail", "")
    if said.startswith(MALFORMED) and INEXACT not in said:
        raise Failure(operation=case.operation.label, title="What fits is called malformed", message=said)
