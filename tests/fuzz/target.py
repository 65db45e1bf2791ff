"""What a harness is: one decoder, bytes that it takes, and what may become of any others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

LONGEST_REFUSAL = 4000
"""Characters in which a refusal is said at the most, whatever was sent."""


@dataclass(frozen=True)
class Target:
    """`one`: gives whether the bytes were taken; raises for what must never happen. `seeds`: bytes that are taken, made of
    the examples that the documentation and the tests have. `structured`: they are JSON, and are changed as such.
    """

    seeds: Sequence[bytes]
    one: Callable[[bytes], bool]
    structured: bool = False
    longest: int = 16 * 1024


def said(refusal: Exception | str) -> None:
    """A refusal says why, and not without end."""
    assert 0 < len(str(refusal)) <= LONGEST_REFUSAL, f"a refusal of {len(str(refusal))} characters"
