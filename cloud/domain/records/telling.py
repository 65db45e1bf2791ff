"""How an entry of the ledger is told: sentences that are filled with its facts, parties, places and equipment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from cloud.domain.community.names import Names
from cloud.domain.duties.register import Register
from cloud.domain.records import codes, consultation_told, failure
from schemas.hazards import hazard

Tell = Callable[[Mapping[str, Any], Register], Names]


def hazard_of(data: Mapping[str, Any]) -> Names:
    known = hazard(str(data.get("hazard", "?")))
    return Names(known.zh, known.en)


def equipment_of(data: Mapping[str, Any], register: Register) -> Names:
    return register.names_of(str(data.get("equipment", "?")))


def party_of(data: Mapping[str, Any], register: Register, key: str = "party") -> Names:
    party = register.parties.get(str(data.get(key)))
    name = str(data.get(key, "?"))
    return party.names if party else Names(name, name)


def fixed(zh: str, en: str) -> Tell:
    return lambda _data, _register: Names(zh, en)


def about_alert(zh: str, en: str) -> Tell:
    def tell(data: Mapping[str, Any], register: Register) -> Names:
        what, where, facts = hazard_of(data), equipment_of(data, register), facts_of(data)
        return Names(
            zh.format_map({**facts["zh"], "what": what.zh, "where": where.zh}),
            en.format_map({**facts["en"], "what": what.en, "where": where.en}),
        )

    return tell


def about_equipment(zh: str, en: str) -> Tell:
    def tell(data: Mapping[str, Any], register: Register) -> Names:
        where = equipment_of(data, register)
        return Names(zh.format(where=where.zh), en.format(where=where.en))

    return tell


def about_place(zh: str, en: str) -> Tell:
    def tell(data: Mapping[str, Any], register: Register) -> Names:
        place = str(data.get("place", "?"))
        names = register.places.address(place) if place in register.places else Names(place, place)
        return Names(zh.format(place=names.zh), en.format(place=names.en))

    return tell


def about_party(zh: str, en: str) -> Tell:
    def tell(data: Mapping[str, Any], register: Register) -> Names:
        who, facts = party_of(data, register), facts_of(data)
        return Names(zh.format_map({**facts["zh"], "who": who.zh}), en.format_map({**facts["en"], "who": who.en}))

    return tell


def about_member(zh: str, en: str) -> Tell:
    """Of a message: the party, its member where one is meant, and through what it went."""

    def tell(data: Mapping[str, Any], register: Register) -> Names:
        party, facts = party_of(data, register), facts_of(data)
        member = register.members.get(str(data.get("member")))
        who = Names(f"{party.zh}·{member.names.zh}", f"{party.en} · {member.names.en}") if member else party
        zh_channel, en_channel = facts["zh"]["channel"], facts["en"]["channel"]
        through = Names(f"（{zh_channel}）", f" ({en_channel})") if data.get("channel") else Names("", "")
        return Names(
            zh.format_map({**facts["zh"], "who": who.zh, "through": through.zh}),
            en.format_map({**facts["en"], "who": who.en, "through": through.en}),
        )

    return tell


def about_called(zh: str, en: str) -> Tell:
    """`members` are those of the party who are called, `ground` why these."""

    def tell(data: Mapping[str, Any], register: Register) -> Names:
        who, facts = party_of(data, register), facts_of(data)
        named = data.get("members")
        known = [register.members.get(str(one)) for one in (named if isinstance(named, list) else [])]
        found = [member.names for member in known if member is not None]
        members = Names("、".join(one.zh for one in found) or "—", ", ".join(one.en for one in found) or "—")
        return Names(
            zh.format_map({**facts["zh"], "who": who.zh, "members": members.zh}),
            en.format_map({**facts["en"], "who": who.en, "members": members.en}),
        )

    return tell


def about_other(zh: str, en: str) -> Tell:
    def tell(data: Mapping[str, Any], register: Register) -> Names:
        who, to = party_of(data, register), party_of(data, register, "to")
        return Names(zh.format(who=who.zh, to=to.zh), en.format(who=who.en, to=to.en))

    return tell


def about_others(zh: str, en: str) -> Tell:
    """`to` lists parties; `capabilities`, where there are some, for what they were sought."""

    def tell(data: Mapping[str, Any], register: Register) -> Names:
        who, facts = party_of(data, register), facts_of(data)
        named = data.get("to")
        others = [party_of({"to": one}, register, "to") for one in (named if isinstance(named, list) else [named])]
        sought = ", ".join(map(str, data.get("capabilities") or ()))
        to = Names("、".join(one.zh for one in others), ", ".join(one.en for one in others))
        why = Names(f"（{sought}）", f" ({sought})") if sought else Names("", "")
        return Names(
            zh.format_map({**facts["zh"], "who": who.zh, "to": to.zh + why.zh}),
            en.format_map({**facts["en"], "who": who.en, "to": to.en + why.en}),
        )

    return tell


def plain(zh: str, en: str) -> Tell:
    def tell(data: Mapping[str, Any], _register: Register) -> Names:
        facts = facts_of(data)
        return Names(zh.format_map(facts["zh"]), en.format_map(facts["en"]))

    return tell


def facts_of(data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What an entry says, with its codes as words of each language."""
    words = {key: _WORDS.get(str(value), Names(str(value), str(value))) for key, value in data.items()}
    if "failure" in data:
        words["reason"] = failure.words_of(data)
    return {
        "zh": {**_BLANK, **{key: names.zh for key, names in words.items()}},
        "en": {**_BLANK, **{key: names.en for key, names in words.items()}},
    }


_WORDS: Final[Mapping[str, Names]] = {**consultation_told.WORDS, **codes.WORDS}

_BLANK: Final = dict.fromkeys(
    (
        *("reason", "count", "step", "clock", "channel", "phone", "node", "subject", "version", "action"),
        *("outcome", "from", "severity", "ground", "class", "member", "purpose", "act", "points"),
        *("key", "roster", "overrides", "shifts", "side", "until"),
        *consultation_told.FACTS,
        *("verdict", "concern", "stage", "held", "days"),
        *("on", "round", "found", "maintained", "inspected"),
        *("what", "role", "how", "seconds", "capabilities", "people", "most"),
    ),
    "",
)
