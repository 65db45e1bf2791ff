"""Why something was not taken, as programs are told it: the code and its values beside the sentence in English."""

from __future__ import annotations

from dataclasses import dataclass

from cloud.domain.records.failure import coded


@dataclass(frozen=True, slots=True)
class FailureShown:
    """`code` stands for the sentence and never changes its meaning; `values` are what the sentence names."""

    code: str
    values: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class TestShown:
    """What came of a test message. `why`: for what reason it was not taken; null where it was taken."""

    taken: bool
    why: str | None
    failure: FailureShown | None


def shown_failure(why: str | None) -> FailureShown | None:
    """None also of what was kept before there were codes, and of what no code stands for."""
    failure = coded(why)
    return FailureShown(**failure) if failure else None
