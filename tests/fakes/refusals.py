"""What a refusal says is wrong, for tests of how it is said."""

from __future__ import annotations

from cloud.domain.community.faults import Fault
from cloud.errors import Invalid


def faults_of(refusal: Invalid) -> list[Fault]:
    """All of it, which has a code each, so that any language can say it."""
    found = list(refusal.problems)
    assert found, refusal
    assert all(isinstance(one, Fault) for one in found), found
    return found
