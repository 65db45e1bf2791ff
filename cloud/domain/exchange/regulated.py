"""Work that the law leaves to those qualified for it: never offered, never claimed, refused with the reason and its basis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cloud.domain.community.names import Names
from cloud.errors import Invalid

_ADVICE: Final = Names(
    "请向物业报修，由具备资格的单位处理", "Report it to the property manager, who calls in who is qualified"
)


@dataclass(frozen=True, slots=True)
class RegulatedWork:
    """One sort of work. It is known by a declared capability, by a phrase that says all (`phrases`), or by one of its
    `things` together with a deed, its own or the list's: carrying something to the lift is not repairing the lift.
    """

    id: str
    names: Names
    basis: Names
    capabilities: frozenset[str]
    things: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    deeds: tuple[str, ...] = ()


class Regulated(Invalid):
    """What was worded is work that the law leaves to others: `work` says which, and by which law."""

    def __init__(self, work: RegulatedWork) -> None:
        super().__init__(
            f"{work.names.en} is regulated work and is not for the board of offers and needs. {_ADVICE.en}."
            f" （“{work.names.zh}”须由具备资格者进行，不得在此发布或认领。{_ADVICE.zh}。）",
            [f"basis: {work.basis.en}", f"依据：{work.basis.zh}"],
        )
        self.work = work


@dataclass(frozen=True, slots=True)
class RegulatedList:
    """The published list of one country. Words are compared without regard to case; English ones as beginnings of words."""

    rows: tuple[RegulatedWork, ...]
    deeds: tuple[str, ...]

    def refusing(self, capability: str, text: str) -> RegulatedWork | None:
        """The row that this falls under; None when anybody may do it. In doubt it is refused: to reword is cheap."""
        words = f" {' '.join(_words(text))} "
        for row in self.rows:
            named = capability in row.capabilities or any(_says(words, phrase) for phrase in row.phrases)
            does = any(_says(words, deed) for deed in (*self.deeds, *row.deeds))
            if named or (does and any(_says(words, thing) for thing in row.things)):
                return row
        return None

    def check(self, capability: str, text: str) -> None:
        """Raises Regulated with the reason and the legal basis, in both languages."""
        row = self.refusing(capability, text)
        if row is not None:
            raise Regulated(row)


@dataclass(frozen=True)
class RegulatedLists:
    """The lists by country (ISO 3166): law ends at a border. `elsewhere` holds where there is none."""

    of_country: Mapping[str, RegulatedList]
    elsewhere: RegulatedList

    def of(self, region: str) -> RegulatedList:
        return self.of_country.get(region, self.elsewhere)


def _words(text: str) -> list[str]:
    """The text in small letters, its punctuation as blanks."""
    return "".join(letter if letter.isalnum() else " " for letter in text.casefold()).split()


def _says(words: str, sought: str) -> bool:
    """Whether the sought word or phrase stands there: Chinese anywhere, English at the beginning of a word."""
    phrase = " ".join(_words(sought))
    return f" {phrase}" in words if phrase.isascii() else phrase in words.replace(" ", "")
