"""What tells two texts of a document apart, line by line, as people read it before they send one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

AROUND = 2
"""Lines that are the same are shown this far around what is not."""


@dataclass(frozen=True, slots=True)
class DifferentLine:
    """`before` and `after`: its number in either text; None where it is not in it. `left_out`: lines in between are not told."""

    kind: Literal["same", "added", "removed", "left-out"]
    text: str
    before: int | None = None
    after: int | None = None


def differences(before: str, after: str) -> Sequence[DifferentLine]:
    """The lines that differ with a little of what is around them; nothing where the texts are the same."""
    old, new = before.splitlines(), after.splitlines()
    found: list[DifferentLine] = []
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND):
        if found:
            found.append(DifferentLine("left-out", ""))
        for what, first, last, other, end in group:
            if what == "equal":
                found += [DifferentLine("same", old[n], n + 1, n - first + other + 1) for n in range(first, last)]
                continue
            found += [DifferentLine("removed", old[n], n + 1) for n in range(first, last)]
            found += [DifferentLine("added", new[n], None, n + 1) for n in range(other, end)]
    return found
