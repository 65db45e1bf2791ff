"""Why something sent was not taken. It is kept as a sentence in English and, where its code is known, as that code with its values,
which every language says in its own words; what was kept before there were codes is shown as it was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cloud.domain.community.contacts import Contact, without_address
from cloud.domain.community.faults import Fault, fault
from cloud.domain.community.names import Names
from cloud.domain.records import codes

LONGEST: Final = 200
"""Characters of what was said without a code: a library's or a provider's words."""


def coded(why: str | None) -> dict[str, Any] | None:
    """`code` and `values` of it, as they are kept and told to programs; None where it has none."""
    if not isinstance(why, Fault) or not why.code:
        return None
    return {"code": why.code, "values": dict(why.values)}


def facts_of(why: str) -> dict[str, Any]:
    """As an entry of the ledger says it: `reason`, and `failure` where it has a code."""
    failure = coded(why)
    return {"reason": str(why), **({"failure": failure} if failure else {})}


def known_again(why: str, failure: Mapping[str, Any] | None) -> str:
    """What was kept, with its words. What a later version kept, and this does not know, stays as it was written."""
    if failure is None:
        return why
    try:
        return fault(str(failure["code"]), **failure["values"])
    except (KeyError, TypeError):
        return why


def words(why: str) -> Names:
    """As people are told it."""
    if isinstance(why, Fault):
        return Names(why.zh, str(why))
    return codes.WORDS.get(why, Names(why, why))


def words_of(data: Mapping[str, Any]) -> Names:
    """Of an entry's facts."""
    return words(known_again(str(data.get("reason", "")), data.get("failure")))


def without_its_address(why: str, contact: Contact) -> str:
    """Of what a channel said of an address, all but the address."""
    if isinstance(why, Fault) and why.code:
        values: dict[str, Any] = {
            key: without_address(value, contact) if isinstance(value, str) else value
            for key, value in why.values.items()
        }
        return fault(why.code, **values)
    return without_address(why, contact)[:LONGEST]
