"""Which tests go together and which go first where several workers run them at once (pytest-xdist)."""

from __future__ import annotations

from typing import Final

import pytest
from xdist.scheduler import LoadFileScheduling

WHOLE_SYSTEMS: Final = ("tests/e2e/", "tests/faults/")
"""They take longest and mostly wait; begun last, one of them would be waited for by everybody."""

TOGETHER: Final = {"tests/e2e/test_the_bell_rings.py": "tests/e2e/test_board_in_browsers.py"}
"""These look at one estate, which takes longer to open than they take to look."""


class Shifts(LoadFileScheduling):
    """Tests of one file are one worker's, for they share what their file sets up."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return TOGETHER.get(file, file)


def longest_first(items: list[pytest.Item]) -> None:
    """Every worker puts them into the same order, which pytest-xdist requires."""
    items.sort(key=lambda item: not item.nodeid.startswith(WHOLE_SYSTEMS))
