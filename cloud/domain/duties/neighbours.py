"""Several estates side by side: parties and members that stand in more than one of them are the same everywhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from cloud.domain.community.faults import fault
from cloud.domain.community.party import Member, Party
from cloud.domain.community.place import is_within
from cloud.domain.duties.register import Register


def disagreements(register: Register, others: Iterable[Register]) -> Iterator[str]:
    """What a register says of shared parties and members otherwise than the estates beside it, each with its remedy."""
    for other in others:
        if _concerns(other.estate.place_id, register):
            yield fault("estate-within", ("estate", register.estate.id), place=register.estate.place_id)
        for party in register.parties.values():
            known = other.parties.get(party.id)
            if known is not None and (known.kind, known.names, known.phone) != (party.kind, party.names, party.phone):
                yield fault("known-otherwise-party", ("party", party.id), estate=other.estate.id)
        for member in register.members.values():
            somebody = other.members.get(member.id)
            if somebody is not None and replace(somebody, also=()) != replace(member, also=()):
                yield fault("known-otherwise-member", ("member", member.id), estate=other.estate.id)


def overreach(
    register: Register, known: Register | None, others: Iterable[Register], own: Collection[str]
) -> Iterator[str]:
    """Memberships that a register gives anew in parties which have to do with estates beside those in `own`: whoever has one sees
    what the party sees, there too. `known`: the register that is in force.
    """
    others = tuple(others)
    foreign = [other for other in others if other.estate.id not in own]
    for member in register.members.values():
        before = {
            one
            for each in (known, *others)
            if each and member.id in each.members
            for one in each.members[member.id].memberships
        }
        for one in member.memberships:
            if one not in before and any(_has_to_do(one.party_id, other) for other in foreign):
                yield fault("membership-beyond", ("member", member.id), party=one.party_id)


def reaches_beyond(member: Member, others: Iterable[Register], own: Collection[str]) -> bool:
    """Whether a party of theirs has to do with an estate beside those in `own`."""
    foreign = [other for other in others if other.estate.id not in own]
    return any(_has_to_do(one.party_id, other) for one in member.memberships for other in foreign)


def _has_to_do(party_id: str, register: Register) -> bool:
    party = register.parties.get(party_id)
    return party is not None and register.seen_by(party)


def beside(register: Register, others: Iterable[Register]) -> Register:
    """The register with what its parties serve and its members are in the estates beside it, so that it ends nothing there."""
    others = tuple(others)
    parties = {party.id: _serving(party, register, others) for party in register.parties.values()}
    members = {member.id: _belonging(member, register, others) for member in register.members.values()}
    return replace(register, parties=parties, members=members, _by_closeness={})


def _belonging(member: Member, register: Register, others: Iterable[Register]) -> Member:
    """The member with the parties they act for in the estates beside it; of a party that stands here, it is said here."""
    also = list(member.also)
    for other in others:
        known = other.members.get(member.id)
        elsewhere = [one for one in (known.also if known else ()) if one.party_id not in register.parties]
        also += [one for one in elsewhere if one not in also]
    return replace(member, also=tuple(also))


def _serving(party: Party, register: Register, others: Iterable[Register]) -> Party:
    areas = list(party.serves)
    for other in others:
        known = other.parties.get(party.id)
        for area in known.serves if known else ():
            theirs = _concerns(area, other) and not _concerns(area, register)
            if theirs and area not in areas:
                areas.append(area)
    return replace(party, serves=tuple(areas))


def _concerns(area: str, register: Register) -> bool:
    home = register.estate.place_id
    return is_within(area, home) or is_within(home, area)
