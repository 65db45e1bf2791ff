"""What a node's doctor finds, in words that tell an installer what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing that was looked at. `todo` is what to do about it, empty where nothing is to be done."""

    what: str
    verdict: Verdict
    en: str
    zh: str
    todo_en: str = ""
    todo_zh: str = ""


def is_fit(findings: Sequence[Examined]) -> bool:
    """Whether the node can do its work: warnings are allowed, failures are not."""
    return all(finding.verdict is not Verdict.FAILED for finding in findings)
