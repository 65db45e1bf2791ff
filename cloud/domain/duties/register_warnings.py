"""What of a register will not hold as it stands, although it holds together: told whenever it is loaded."""

from __future__ import annotations

from collections.abc import Iterator

from cloud.domain.community.faults import fault
from cloud.domain.duties.matrix_warnings import matrix_warnings
from cloud.domain.duties.reach import callable_members
from cloud.domain.duties.register import Register
from cloud.domain.duties.target_problems import target_warnings


def register_warnings(register: Register) -> Iterator[str]:
    """Of the matrix and of who decides in a dispute, each with its remedy."""
    yield from matrix_warnings(register.matrix.duties)
    yield from target_warnings(register)
    yield from _nobody_decides(register)


def _nobody_decides(register: Register) -> Iterator[str]:
    """A street office with a telephone and no members is the usual first day; whom it is passed over for, it must know."""
    arbiter = register.arbiter
    if callable_members(register, arbiter.id):
        return
    yield fault("nobody-decides", ("estate", register.estate.id), party=arbiter.id)
