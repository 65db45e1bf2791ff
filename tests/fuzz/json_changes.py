"""Changes to a JSON document that leave it one: bytes that are no JSON at all go no further than the parser."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, 10**400, 0.5, -0.0, 1e300, 1e11, 268435456, "", "x", "\x00", "京" * 200,
    "../../etc", "b1/lift-1", [], {}, [[]], "0197a600-0000-7000-8000-0000000000b0", "synchronised", 1795420800, 1e17,
)  # fmt: skip


def places(document: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in it."""
    found, waiting = [], [document]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for key in keys:
            found.append((one, key))
            waiting.append(one[key])
    return found


def changed(data: bytes, chance: random.Random) -> bytes | None:
    """One part exchanged, removed, repeated or altered; None where it is no JSON."""
    try:
        document = json.loads(data)
        where = places(document)
    except (ValueError, RecursionError):
        return None
    if not where:
        return None
    container, key = chance.choice(where)
    match chance.randrange(5):
        case 0:
            container[key] = copy.deepcopy(chance.choice(ODD))
        case 1:
            del container[key]
        case 2 if isinstance(container, list):
            container.insert(key, copy.deepcopy(container[key]))
        case 3:
            other, other_key = chance.choice(where)
            container[key] = copy.deepcopy(other[other_key])
        case _:
            container[key] = _nearly(container[key], chance)
    return json.dumps(document).encode()


def _nearly(value: Any, chance: random.Random) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**64):
        return value + chance.choice((1, -1, 0.5, 1e-6, 1e9, -value))
    if isinstance(value, str) and value:
        at = chance.randrange(len(value))
        return value[:at] + chance.choice(("", "a", "0", "_", "-", "/", "\n", "\u202e")) + value[at + 1 :]
    return value
