"""Being told to end is heard, even where a library lost it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


async def heeding_cancellation(answer: Awaitable[T]) -> T:
    """Wait for a library's answer, and end if that was asked for meanwhile.

    Python 3.11's `asyncio.wait_for` swallows a cancellation that comes in the turn in which the answer does
    (python/cpython#86296, gone with 3.12). The task would go on for ever, and its node would never stop.
    """
    got = await answer
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    return got
