"""What the ledger says of a ladder's steps, told with whom a step meant and did not find."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cloud.domain.community.names import Names
from cloud.domain.duties.meant import only_names
from cloud.domain.duties.register import Register
from cloud.domain.duties.target import Only
from cloud.domain.records.telling import facts_of

_NOBODY = "reaches nobody"


def taken(data: Mapping[str, Any], register: Register) -> Names:
    """A step was taken; whom of those it names it did not find, where that is so."""
    step, missed = data.get("step", "?"), _named(register, data.get("nobody"))
    rest = Names(f"（未找到：{missed.zh}）", f" (not found: {missed.en})") if missed.en else Names("", "")
    return Names(f"无人响应，升级第 {step} 步{rest.zh}", f"nobody answered: step {step} of the ladder{rest.en}")


def passed(data: Mapping[str, Any], register: Register) -> Names:
    """A step was passed, and why; whom it named, where it reaches nobody."""
    facts, step = facts_of(data), data.get("step", "?")
    missed = _named(register, data.get("targets")) if data.get("reason") == _NOBODY else Names("", "")
    rest = Names(f"（{missed.zh}）", f" ({missed.en})") if missed.en else Names("", "")
    return Names(
        f"升级第 {step} 步：{facts['zh']['reason']}{rest.zh}",
        f"step {step} of the ladder was passed: {facts['en']['reason']}{rest.en}",
    )


def _named(register: Register, targets: object) -> Names:
    """Those that a step names in part; whole parties, which the matrix names by kind, say nothing more here."""
    found = [_words(register, str(one)) for one in (targets if isinstance(targets, list) else [])]
    return _listed(names for names in found if names is not None)


def _words(register: Register, target: str) -> Names | None:
    party, slash, role = target.partition("/")
    if slash:
        who, whose = only_names(register, Only("role", role)), _party(register, party)
        return Names(f"{whose.zh}：{who.zh}", f"{whose.en}: {who.en}")
    by, _, value = target.partition(":")
    if by == "roster":
        return only_names(register, Only("roster", value))
    return only_names(register, Only("member", value)) if by == "member" else None


def _party(register: Register, named: str) -> Names:
    """By id its name; by kind the name of the only one of that kind, where there is only one."""
    alike = [one for one in register.parties.values() if named in (one.kind, f"party:{one.id}")]
    return alike[0].names if len(alike) == 1 else Names(named, named)


def _listed(names: Iterable[Names]) -> Names:
    names = tuple(names)
    return Names("、".join(one.zh for one in names), ", ".join(one.en for one in names))
