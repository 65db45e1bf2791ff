"""A change that is the same for many nodes: what is merged into each one's document, and what is set in its rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cloud.domain.community.faults import Fault, fault
from cloud.errors import Invalid
from schemas.alarm_rules import AlarmRule
from schemas.hazards import HAZARDS

_OF_ITS_OWN: Final = ("version", "equipment")
"""What belongs to one node alone: its lines and controllers are its own, and its version is given to it."""

_OF_THE_RULE: Final = ("id", "equipment", "hazard")
"""What says which rule it is."""


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """Fields set in every rule of a hazard, or every one of that name - its id without the equipment -, as a JSON merge patch;
    null takes a field away.
    """

    fields: Mapping[str, Any]
    hazard: str | None = None
    rule: str | None = None

    def means(self, rule: AlarmRule) -> bool:
        named = self.rule is None or rule.id in (self.rule, f"{rule.equipment}/{self.rule}")
        return named and self.hazard in (None, rule.hazard)


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """`document`: a JSON merge patch (RFC 7396) of the whole document, a list in it replaces a list. `rules` are set after it."""

    document: Mapping[str, Any]
    rules: tuple[RuleSetting, ...] = ()


def read_change(given: Mapping[str, Any]) -> DocumentChange:
    """From what somebody wrote, with the keys `document` and `rules`. Raises Invalid with every fault."""
    problems: list[Fault] = [
        fault("change-unknown-key", key=str(key)) for key in given if key not in ("document", "rules")
    ]
    document, rules = given.get("document") or {}, given.get("rules") or []
    if not isinstance(document, Mapping):
        problems.append(fault("change-no-document"))
        document = {}
    problems += [fault("change-of-its-own", key=key) for key in _OF_ITS_OWN if key in document]
    read = [_setting(one, number) for number, one in enumerate(rules if isinstance(rules, list) else [rules], 1)]
    problems += [one for one in read if isinstance(one, Fault)]
    settings = [one for one in read if isinstance(one, RuleSetting)]
    if not problems and not document and not settings:
        problems.append(fault("change-empty"))
    if problems:
        raise Invalid("The change cannot be read.", problems)
    return DocumentChange(document, tuple(settings))


def _setting(one: object, number: int) -> RuleSetting | Fault:
    given = one if isinstance(one, Mapping) else {}
    hazard, rule, fields = given.get("hazard"), given.get("rule"), given.get("set")
    named = [name for name in (hazard, rule) if name is not None]
    shaped = named and all(isinstance(name, str) for name in named) and set(given) <= {"hazard", "rule", "set"}
    if not shaped or not isinstance(fields, Mapping) or not fields:
        return fault("change-rule-shape", number=number)
    if hazard is not None and hazard not in HAZARDS:
        return fault("change-rule-hazard", number=number, hazard=hazard)
    fixed = [key for key in _OF_THE_RULE if key in fields]
    return fault("change-rule-fixed", number=number, key=fixed[0]) if fixed else RuleSetting(fields, hazard, rule)


def tuned(document: Mapping[str, Any], known: Iterable[AlarmRule], settings: Iterable[RuleSetting]) -> dict[str, Any]:
    """The document with these settings in those of its rules, the default ones too, that they are about. What says the same stays."""
    rules: dict[str, Any] = {one["id"]: one for one in document.get("rules") or []}
    of = {rule.id: rule for rule in known}
    for setting in settings:
        for id_, rule in of.items():
            if not setting.means(rule):
                continue
            before = rules.get(id_) or rule.model_dump(mode="json", exclude_none=True)
            after = merged(before, setting.fields)
            if after != before:
                rules[id_] = after
    return {**document, "rules": list(rules.values())} if rules else dict(document)


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, Mapping):
        return patch
    found = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), value)
    return found
