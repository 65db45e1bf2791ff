"""What of a register will not hold as it stands, although it holds together: told whenever it is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cloud.domain.community.faults import fault
from cloud.domain.community.neighbour import NEIGHBOURLY
from cloud.domain.community.party import Role
from cloud.domain.duties.matrix_warnings import governs, matrix_warnings
from cloud.domain.duties.reach import callable_members
from cloud.domain.duties.register import Register
from cloud.domain.duties.target_problems import target_warnings

_LONGER_WAY: Final = ("lift.entrapment",)
"""Where the law gives another limit to be on site outside towns (governance.md, Duties)."""


def register_warnings(register: Register) -> Iterator[str]:
    """Of the matrix, of the way to a place and of who decides in a dispute, each with its remedy."""
    yield from matrix_warnings(register.matrix.duties)
    yield from target_warnings(register)
    yield from way_warnings(register)
    yield from _nobody_decides(register)
    yield from _live_in_a_firm(register)


def way_warnings(register: Register) -> Iterator[str]:
    """Outside towns, where the default matrix gives the lead a longer way, a row that says nothing of it: one from before there
    was that distinction, or one that means its own limit and does not say so.
    """
    rows = register.matrix.duties
    for duty in rows:
        place = duty.place_id or register.estate.place_id
        there = [hazard for hazard in _LONGER_WAY if governs(duty, hazard, rows)]
        if there and duty.arrive and duty.arrive_outside_towns is None and register.outside_towns(place):
            said = {"minutes": round(duty.arrive.total_seconds() / 60), "hazards": ", ".join(there)}
            yield fault("way-outside-towns", ("duty", duty.id), **said)


def _live_in_a_firm(register: Register) -> Iterator[str]:
    """Who is asked in as a resident is asked where they live (`accounts.invitation`); a file may still say it otherwise."""
    for party in register.parties.values():
        if party.kind not in NEIGHBOURLY:
            residents = [one.id for one in register.members_of(party.id) if one.role_in(party.id) is Role.RESIDENT]
            if residents:
                yield fault("live-in-a-firm", ("party", party.id), members=", ".join(residents))


def _nobody_decides(register: Register) -> Iterator[str]:
    """A street office with a telephone and no members is the usual first day; whom it is passed over for, it must know."""
    arbiter = register.arbiter
    if callable_members(register, arbiter.id):
        return
    yield fault("nobody-decides", ("estate", register.estate.id), party=arbiter.id)
