"""Faults of a document as its reader understands them: where, what is wrong, and what to do; names of keys stay as they are."""

from __future__ import annotations

from cloud.domain.community.faults import Fault
from cloud.domain.community.names import Language


def fault_words(problem: str, language: Language) -> str:
    """A fault as the language says it; what has no code is the same in every language."""
    return problem.of(language) if isinstance(problem, Fault) else problem
