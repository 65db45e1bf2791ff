"""What went wrong with a form, said above the form itself."""

from __future__ import annotations

from cloud.domain.community.faults import all_of
from cloud.domain.community.names import Names
from cloud.errors import CloudError, Invalid


def problem_of(error: CloudError) -> Names:
    """In both languages. Faults of programs, which forms prevent, are told in English only."""
    if isinstance(error, Invalid) and error.problems:
        return Names(error.zh or "；".join(all_of(error.problems, "zh")), "; ".join(error.problems))
    return Names(error.zh or str(error), str(error))
