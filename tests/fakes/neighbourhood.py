"""The small estate with more around it: a street office with officers, volunteers, a household, parties that can do things."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache

from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.duties.description import EstateDescription
from tests.fakes.estate import HOME, description

_PARTIES = (
    ("locksmith", PartyKind.SOCIAL_ORGANISATION, ("locks",)),
    ("smith-two", PartyKind.SOCIAL_ORGANISATION, ("locks",)),
    ("police", PartyKind.POLICE, ("enforcement",)),
    ("volunteers", PartyKind.VOLUNTEER_TEAM, ("company",)),
    ("family", PartyKind.HOUSEHOLD, ()),
)
_MEMBERS = (
    ("officer", "street", Role.OVERSEER),
    ("runner", "street", Role.RESPONDER),
    ("smith", "locksmith", Role.RESPONDER),
    ("second-smith", "smith-two", Role.RESPONDER),
    ("constable", "police", Role.RESPONDER),
    ("volunteer", "volunteers", Role.RESPONDER),
    ("daughter", "family", Role.RESPONDER),
    ("fireman", "micro-station", Role.RESPONDER),
    ("walker", "grid", Role.RESPONDER),
)


@cache
def neighbourhood(arbiter: str | None = None) -> EstateDescription:
    plain = description()
    more = tuple(
        Party(id_, kind, Names(id_, id_), (HOME,), capabilities=frozenset(able)) for id_, kind, able in _PARTIES
    )
    return replace(
        plain,
        estate=replace(plain.estate, arbiter_party_id=arbiter, arbitrate_within=timedelta(minutes=20)),
        parties=plain.parties + more,
        members=plain.members + tuple(Member(id_, party, Names(id_, id_), role) for id_, party, role in _MEMBERS),
    )
