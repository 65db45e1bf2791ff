"""What something is called, in the two languages people here read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from unicodedata import east_asian_width

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Names:
    """A name or sentence in Chinese and English."""

    zh: str
    en: str

    def of(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    @property
    def in_chinese(self) -> bool:
        """Whether the Chinese one is, or merely stands there for want of another."""
        return any(map(_wide, self.zh))


def from_large_to_small(parts: Iterable[Names]) -> Names:
    """One address of its parts: in that order in Chinese, the other way round in English."""
    known = list(parts)
    return Names(joined(one.zh for one in known), ", ".join(one.en for one in reversed(known) if one.en))


def joined(parts: Iterable[str]) -> str:
    """Chinese runs on without a blank; where two parts meet in another script, or in figures, one stands between them."""
    whole = ""
    for part in parts:
        meets = whole and part and not (_wide(whole[-1]) or _wide(part[0]))
        whole += f" {part}" if meets and not (whole[-1].isspace() or part[0].isspace()) else part
    return whole


def _wide(letter: str) -> bool:
    return east_asian_width(letter) in {"W", "F"}
