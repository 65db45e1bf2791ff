"""Messages that are almost right: a valid document with some of its parts exchanged, cut or multiplied."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st

ODD = st.sampled_from(
    [
        None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, -(2**63), 10**400, 0.5, -0.0, 1e300, -1e300, "", "x", "\x00",
        "\ud7ff", "京" * 200, "../../etc", "b1/lift-1", "a" * 100_000, [], {}, [[]], [{}], [[[[[[[[]]]]]]]], {"a": {"b": {}}},
        "0197a600-0000-7000-8000-0000000000b0", "synchronised", "unsynchronised", "NaN", 1795420800, 1e17,
    ]
)  # fmt: skip
TOPICS = st.text(max_size=60) | st.lists(
    st.sampled_from(
        ["tocsin", "v1", "example", "b1-node", "_cloud", "telemetry", "events", "health", "", "+", "#", "A"]
    ),
    max_size=7,
).map("/".join)


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in it."""
    found = []
    if isinstance(document, dict):
        found = [(document, key) for key in document]
    elif isinstance(document, list):
        found = [(document, index) for index in range(len(document))]
    return found + [place for container, key in list(found) for place in _places(container[key])]


@st.composite
def mutants(draw: st.DrawFn, document: dict[str, Any]) -> bytes:
    """The document with one to three things wrong with it, or right all the same."""
    mutant = copy.deepcopy(document)
    for _ in range(draw(st.integers(0, 3))):
        places = _places(mutant)
        if not places:
            break
        container, key = places[draw(st.integers(0, len(places) - 1))]
        match draw(st.sampled_from(["exchange", "remove", "repeat", "swap"])):
            case "exchange":
                container[key] = copy.deepcopy(draw(ODD))
            case "remove":
                del container[key]
            case "repeat" if isinstance(container, list):
                container.extend([copy.deepcopy(container[key])] * draw(st.sampled_from([1, 20, 1000])))
            case _:
                other, other_key = places[draw(st.integers(0, len(places) - 1))]
                container[key] = copy.deepcopy(other[other_key])
    text = json.dumps(mutant).encode()
    if draw(st.integers(0, 9)) == 0:
        text = text[: draw(st.integers(0, len(text)))]
    return text
