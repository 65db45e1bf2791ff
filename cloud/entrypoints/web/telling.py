"""What went wrong with a form, said above the form itself."""

from __future__ import annotations

from cloud.domain.community.names import Names
from cloud.errors import CloudError, Invalid


def problem_of(error: CloudError) -> Names:
    """In both languages. Faults of programs, which forms prevent, are told in English only."""
    said = "; ".join(error.problems) if isinstance(error, Invalid) and error.problems else str(error)
    return Names(error.zh or said, said)
