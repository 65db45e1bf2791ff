"""How the YAML of an estate names parties, and in ladders some of their people."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator

from cloud.domain.community.faults import fault
from cloud.domain.community.party import PartyKind, PartyRef, Role
from cloud.domain.duties.target import Narrowed, Only

_PEOPLE: Final[tuple[Literal["roster", "member"], ...]] = ("roster", "member")


def _ref(value: Any) -> Any:
    text = str(value)
    if text in set(PartyKind):
        return PartyRef("kind", text)
    if text.startswith("party:"):
        return PartyRef("id", text.removeprefix("party:"))
    if text.isdigit():
        return PartyRef("phone", text)
    raise ValueError(fault("no-party", value=value, kinds=", ".join(PartyKind)))


def listed(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _target(value: Any) -> Any:
    """A party, or some of its people."""
    text = str(value)
    for by in _PEOPLE:
        if text.startswith(f"{by}:") and text != f"{by}:":
            return Narrowed(Only(by, text.removeprefix(f"{by}:")))
    party, slash, role = text.partition("/")
    if party in set(PartyKind) or party.startswith("party:") or party.isdigit():
        ref: PartyRef = _ref(party)
        return Narrowed(Only("role", _role(text, ref, role)), ref) if slash else ref
    raise ValueError(fault("no-target", value=value, kinds=", ".join(PartyKind)))


def _role(text: str, ref: PartyRef, role: str) -> Role:
    if ref.by == "phone":
        raise ValueError(fault("number-with-role", value=text))
    if role not in set(Role):
        raise ValueError(fault("no-role", value=text, role=role, roles=", ".join(Role)))
    return Role(role)


Ref = Annotated[PartyRef, BeforeValidator(_ref)]
Refs = Annotated[list[Ref], BeforeValidator(listed)]
Targets = Annotated[list[Annotated[PartyRef | Narrowed, BeforeValidator(_target)]], BeforeValidator(listed)]
Words = Annotated[list[str], BeforeValidator(listed)]
