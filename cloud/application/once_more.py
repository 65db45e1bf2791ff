"""Who is overtaken by another writer tries once more on what that one left."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from cloud.errors import Stale

MOST_TRIES: Final = 3
"""How often something is done on what is there, where others keep changing it between its reading and its saving."""

_Came = TypeVar("_Came")


def on_what_is_there(once: Callable[[], _Came]) -> _Came:
    """What comes of it. `once` is a whole unit of work, so that nothing of a try that was overtaken is left. Raises Stale
    where others are faster each time.
    """
    for _ in range(MOST_TRIES - 1):
        with suppress(Stale):
            return once()
    return once()
