"""Several who do something at one moment, each in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from cloud.errors import CloudError

TWENTY: Final = 20


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What came of each, whether an answer or why there was none; all begin at one moment."""
    together = threading.Barrier(len(deeds))

    def does(deed: Callable[[], Any]) -> Any:
        together.wait(10)
        try:
            return deed()
        except CloudError as error:
            return error

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(does, deeds))


def twenty(deed: Callable[[], Any]) -> list[Any]:
    return at_once(*[deed] * TWENTY)


def went_well(came: list[Any]) -> list[Any]:
    return [one for one in came if not isinstance(one, CloudError)]
